//! Statistics, looked at.

use serde_json::json;

use crate::page::Look;
use crate::world::World;

/// Two live streams of the demonstration, and what is reported about them.
async fn reported(world: &World) {
    let live_stream = world.api.id("liveStreamId").to_owned();
    let spam = json!({"type": "spam_or_scam"});
    let report = world.report("viewer", &live_stream, &spam).await;
    world.report("auditor", &live_stream, &json!({"type": "hate_speech"})).await;
    world.report("viewer", "673ac9e2c93fe18d3fdd23f3", &spam).await;
    let path = format!("/api/v1/live-stream-reports/{}", report["id"].as_str().unwrap());
    let decided = world.api.patch("platformModerator", &path, &json!({"status": "resolved"})).await;
    world.settle(&decided).await;
    let ban = json!({"targetUserId": world.api.id("viewerId"), "liveStreamId": live_stream});
    world.ban("creator", &ban).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_moderator_sees_what_was_filed_and_decided() {
    let world = World::start().await;
    reported(&world).await;
    for (look, words) in [
        (Look::DESK, ["Statistics", "Reports filed and decided", "Most reported live streams"]),
        (Look::ALL[1], ["Statistics", "Reports: Spam or scam", "Bans created"]),
        (
            Look::ALL[2].in_turkish(),
            ["İstatistikler", "Gelen ve karara bağlanan bildirimler", "Açık bildirimler"],
        ),
        (Look::PHONE.in_turkish(), ["İstatistikler", "Ortanca karar süresi", "Verilen yasaklar"]),
    ] {
        let page = world.open_as("platformModerator", look).await;
        page.at("/dashboard/statistics").await;
        for word in words {
            page.see_text(word).await;
        }
        page.is_sound().await;
        page.screenshot(&format!("statistics-{}", look.name())).await;
        page.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_drawn_can_be_read_and_the_range_changed() {
    let world = World::start().await;
    reported(&world).await;
    let page = world.open_as("platformModerator", Look::DESK).await;
    page.at("/dashboard/statistics").await;
    page.click("#main .chart details summary").await;
    let table = page.see("#chart-reports-table").await.text().await.unwrap();
    let last = table.lines().last().unwrap();
    assert!(last.ends_with(" 3 1"), "{table}");
    page.choose("select[name=interval]", "hour").await;
    page.fill("input[name=from]", "").await;
    page.fill("input[name=to]", "").await;
    page.click("form[action='/dashboard/statistics'] button").await;
    page.see("option[value=hour][selected]").await;
    assert_eq!(page.all("#chart-reports-table tbody tr").await.len(), 24);
    page.is_sound().await;
    // The most reported live stream leads to its page.
    page.click("#main table [data-open]").await;
    let live_stream = world.api.id("liveStreamId");
    page.arrives_at(&format!("/dashboard/live-streams/{live_stream}")).await;
    page.complaints().await;
    page.close().await;
}
