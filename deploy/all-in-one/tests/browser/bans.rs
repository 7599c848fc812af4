//! Bans: created, looked through, revoked.

use serde_json::{Value, json};

use crate::page::{Look, Page, hostile};
use crate::world::World;

/// Escape, as WebDriver names it.
const ESCAPE: &str = "\u{e00c}";
const ENTER: &str = "\u{e007}";

/// A ban of this viewer of the demonstration for so many seconds.
async fn banned(world: &World, viewer: &str, seconds: Option<u32>) -> String {
    let ban = json!({"targetUserId": viewer, "liveStreamId": world.api.id("liveStreamId"),
        "durationSeconds": seconds});
    world.ban("creator", &ban).await["_id"].as_str().unwrap().to_owned()
}

/// Chooses one of several buttons of a form.
async fn pick(page: &Page, name: &str, value: &str) {
    page.click(&format!("form.ban-form label:has([name={name}][value=\"{value}\"])")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_creator_bans_with_a_preset_and_revokes_by_key() {
    let world = World::start().await;
    let stream = format!("/dashboard/live-streams/{}", world.api.id("liveStreamId"));
    for (look, words) in [
        (Look::DESK, ["Ban a user", "6 days left", "The ban is revoked."]),
        (Look::PHONE.in_turkish(), ["Kullanıcıyı yasakla", "6 gün kaldı", "Yasak kaldırıldı."]),
    ] {
        let page = world.open_as("creator", look).await;
        page.at(&stream).await;
        page.see_text(words[0]).await;
        page.press("b").await;
        page.see("dialog#ban[open]").await;
        page.is_sound().await;
        page.screenshot(&format!("ban-dialog-{}", look.name())).await;
        page.fill("#ban-user", "zeynep").await;
        pick(&page, "actionType", "CHAT_ONLY").await;
        pick(&page, "duration", "604800").await;
        page.fill("#ban-reason", "Loud 🎉").await;
        assert_eq!(page.see("#ban-form output").await.text().await.unwrap(), "6 / 500");
        page.click("#ban-form button.main").await;
        page.see(".notice.done").await;
        page.arrives_at(&stream).await;
        for word in [words[1], "Loud 🎉", "zeynep"] {
            page.see_text(word).await;
        }
        page.is_sound().await;
        page.screenshot(&format!("live-stream-{}", look.name())).await;
        page.press("j").await;
        page.press("u").await;
        page.see("dialog[open] form[action$='/revoke']").await;
        page.is_accessible().await;
        page.press(ESCAPE).await;
        page.misses("dialog[open]").await;
        page.press("u").await;
        page.see("dialog[open] form[action$='/revoke']").await;
        page.press(ENTER).await;
        page.see_text(words[2]).await;
        page.misses("[data-key=u]").await;
        page.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_that_is_refused_keeps_what_was_typed() {
    let world = World::start().await;
    banned(&world, world.api.id("viewerId"), None).await;
    for (look, words) in [
        (Look::DESK, ["banned there already", "365 days at most"]),
        (Look::PHONE.in_turkish(), ["zaten", "en çok 365 gün"]),
    ] {
        let page = world.open_as("platformModerator", look).await;
        page.at(&format!("/dashboard/bans/new?user={}", world.api.id("viewerId"))).await;
        page.fill("#ban-live-stream", world.api.id("liveStreamId")).await;
        page.fill("#ban-reason", "Twice").await;
        page.misses(".custom").await;
        pick(&page, "duration", "custom").await;
        page.fill("input[name=number]", "400").await;
        page.choose("select[name=unit]", "days").await;
        page.is_sound().await;
        page.click("#ban-form button.main").await;
        page.see_text(words[1]).await;
        page.complaints().await;
        page.fill("input[name=number]", "2").await;
        page.click("#ban-form button.main").await;
        page.see_text(words[0]).await;
        page.complaints().await;
        for (field, kept) in [
            ("#ban-user", world.api.id("viewerId")),
            ("#ban-live-stream", world.api.id("liveStreamId")),
            ("#ban-reason", "Twice"),
            ("input[name=number]", "2"),
            ("select[name=unit]", "days"),
            ("[name=duration]:checked", "custom"),
        ] {
            let value = page.see(field).await.prop("value").await.unwrap();
            assert_eq!(value.as_deref(), Some(kept), "{field}");
        }
        page.is_sound().await;
        page.screenshot(&format!("ban-refused-{}", look.name())).await;
        page.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn bans_are_filtered_and_those_that_end_soon_come_first_to_end_first() {
    let world = World::start().await;
    let viewers =
        ["673ac9e2c93fe18d3fdd2314", "673ac9e2c93fe18d3fdd2315", "673ac9e2c93fe18d3fdd2316"];
    let late = banned(&world, viewers[0], Some(7_200)).await;
    let soon = banned(&world, viewers[1], Some(3_600)).await;
    let never = banned(&world, viewers[2], None).await;
    for (look, title) in
        [(Look::DESK, "Bans that end soon"), (Look::PHONE.in_turkish(), "Yakında bitecek yasaklar")]
    {
        let page = world.open_as("streamModerator", look).await;
        page.at("/dashboard/bans").await;
        assert_eq!(shown(&page).await, [&*never, &*soon, &*late]);
        page.is_sound().await;
        page.screenshot(&format!("bans-{}", look.name())).await;
        page.fill("input[name=targetUser]", "kenji").await;
        page.press(ENTER).await;
        page.until("the list", async || (shown(&page).await == [&*soon]).then_some(())).await;
        assert!(page.path().await.contains("targetUser=kenji"), "{}", page.path().await);
        // The address alone gives the same list.
        page.at(&page.path().await).await;
        assert_eq!(shown(&page).await, [&*soon]);
        page.click("nav.tabs a[href='/dashboard/bans/expiring']").await;
        page.see_text(title).await;
        assert_eq!(shown(&page).await, [&*soon, &*late]);
        page.is_sound().await;
        page.press("j").await;
        page.press(ENTER).await;
        page.arrives_at(&format!("/dashboard/bans/{soon}")).await;
        page.is_sound().await;
        page.screenshot(&format!("ban-{}", look.name())).await;
        page.close().await;
    }
}

/// The bans of the list, in its order.
async fn shown(page: &Page) -> Vec<String> {
    page.see("#found").await;
    let links = "return [...document.querySelectorAll('#found [data-open]')]
        .map(link => link.pathname.split('/').pop())";
    let ids: Vec<Value> = page.run(links, vec![]).await.as_array().unwrap().clone();
    ids.iter().map(|id| id.as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_people_wrote_is_text() {
    let world = World::start().await;
    let (viewer, live_stream) = (world.api.id("viewerId"), world.api.id("liveStreamId"));
    let page = world.open_as("platformModerator", Look::PHONE).await;
    for text in hostile::TEXTS {
        let ban = json!({"targetUserId": viewer, "liveStreamId": live_stream, "reason": text});
        let banned = world.api.post("creator", "/api/v1/live-stream-ban", &ban).await;
        if banned.status != 200 {
            // What the API refuses, nobody can show.
            continue;
        }
        let ban = world.settle(&banned).await["_id"].as_str().unwrap().to_owned();
        for path in ["/dashboard/bans".to_owned(), format!("/dashboard/bans/{ban}")] {
            page.at(&path).await;
            page.shows_as_text(text.trim()).await;
            page.runs_no_foreign_script().await;
            page.fits().await;
        }
        let path = format!("/api/v1/live-stream-ban/{ban}");
        world.settle(&world.api.delete("creator", &path).await).await;
    }
    page.close().await;
}
