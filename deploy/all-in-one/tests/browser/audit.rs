//! The history, looked through by an auditor.

use serde_json::json;

use crate::page::{Look, hostile};
use crate::world::World;

/// A ban that somebody created and revoked.
async fn banned(world: &World) -> String {
    let (viewer, live_stream) = (world.api.id("viewerId"), world.api.id("liveStreamId"));
    let ban = json!({"targetUserId": viewer, "liveStreamId": live_stream,
        "reason": "Spam in the chat"});
    let ban = world.ban("creator", &ban).await["_id"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/live-stream-ban/{ban}");
    let revoked = world.api.delete("creator", &path).await;
    world.settle(&revoked).await;
    ban
}

#[tokio::test(flavor = "multi_thread")]
async fn an_auditor_finds_what_happened_and_how_it_came_about() {
    let world = World::start().await;
    let ban = banned(&world).await;
    for (look, words) in [
        (Look::DESK, ["Ban created", "Ban revoked (by somebody)", "elif.live"]),
        (Look::ALL[1], ["Ban created", "Spam in the chat", "zeynep"]),
        (Look::PHONE.in_turkish(), ["Yasak verildi", "Yasak kaldırıldı", "zeynep"]),
    ] {
        let page = world.open_as("auditor", look).await;
        page.arrives_at("/dashboard/audit").await;
        page.fill("input[name=userId]", world.api.id("viewerId")).await;
        page.click("form[action='/dashboard/audit'] button").await;
        for word in words {
            page.see_text(word).await;
        }
        page.is_sound().await;
        page.screenshot(&format!("audit-{}", look.name())).await;
        page.click("[data-open]").await;
        page.arrives_at(&format!("/dashboard/audit/bans/{ban}")).await;
        page.is_sound().await;
        page.screenshot(&format!("audit-ban-{}", look.name())).await;
        page.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_auditor_sees_what_it_was_at_a_moment() {
    let world = World::start().await;
    let ban = banned(&world).await;
    let page = world.open_as("auditor", Look::DESK).await;
    page.at(&format!("/dashboard/audit/bans/{ban}")).await;
    page.see_text("As it is now").await;
    page.see_text("Ended by").await;
    page.at(&format!("/dashboard/audit/bans/{ban}?at=2026-01-15T10:30")).await;
    page.see_text("It was not there yet.").await;
    page.is_sound().await;
    let live_stream = world.api.id("liveStreamId");
    page.at(&format!("/dashboard/audit/live-streams/{live_stream}")).await;
    page.see_text("Nobody was banned then.").await;
    page.is_sound().await;
    page.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_are_moved_through_by_key() {
    let world = World::start().await;
    banned(&world).await;
    let page = world.open_as("auditor", Look::DESK).await;
    page.at("/dashboard/audit?type=").await;
    page.see("[data-row]").await;
    page.press("j").await;
    page.press("j").await;
    page.press("k").await;
    let at = "const rows = [...document.querySelectorAll('[data-row]')];
        return rows.indexOf(document.activeElement)";
    assert_eq!(page.run(at, vec![]).await, json!(0));
    page.press("?").await;
    page.see("dialog#keys[open]").await;
    page.is_accessible().await;
    page.press("\u{e00c}").await;
    page.misses("dialog#keys[open]").await;
    page.press("/").await;
    assert_eq!(page.run("return document.activeElement.id", vec![]).await, json!("find"));
    page.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_people_wrote_is_text() {
    let world = World::start().await;
    let (viewer, live_stream) = (world.api.id("viewerId"), world.api.id("liveStreamId"));
    let page = world.open_as("auditor", Look::PHONE).await;
    for text in hostile::TEXTS {
        let ban = json!({"targetUserId": viewer, "liveStreamId": live_stream, "reason": text});
        let banned = world.api.post("creator", "/api/v1/live-stream-ban", &ban).await;
        if banned.status != 200 {
            // What the API refuses, nobody can show.
            continue;
        }
        let ban = world.settle(&banned).await["_id"].as_str().unwrap().to_owned();
        page.at(&format!("/dashboard/audit/bans/{ban}")).await;
        page.shows_as_text(text.trim()).await;
        page.runs_no_foreign_script().await;
        page.fits().await;
        let path = format!("/api/v1/live-stream-ban/{ban}");
        world.settle(&world.api.delete("creator", &path).await).await;
    }
    page.close().await;
}
