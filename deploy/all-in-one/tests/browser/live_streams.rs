//! Live streams and users: found, looked at, and asked who may watch.

use serde_json::json;

use crate::page::{Look, hostile};
use crate::world::World;

#[tokio::test(flavor = "multi_thread")]
async fn a_moderator_finds_a_user_and_checks_what_they_may_do() {
    let world = World::start().await;
    let (viewer, stream) = (world.api.id("viewerId"), world.api.id("liveStreamId"));
    let ban = json!({"targetUserId": viewer, "liveStreamId": stream, "actionType": "CHAT_ONLY",
        "durationSeconds": 3600});
    world.ban("creator", &ban).await;
    for (look, words) in [
        (Look::DESK, ["May watch", "May not chat", "Because of a ban"]),
        (Look::PHONE.in_turkish(), ["İzleyebilir", "Sohbet edemez", "Bir yasak nedeniyle"]),
    ] {
        let page = world.open_as("streamModerator", look).await;
        page.see("#find").await;
        page.press("/").await;
        page.press("zeynep\u{e007}").await;
        page.arrives_at(&format!("/dashboard/users/{viewer}")).await;
        page.see_text("Zeynep Demir").await;
        page.fill("#access-live-stream", "evening concert from the rooftop").await;
        page.press("\u{e007}").await;
        for word in words {
            page.see_text(word).await;
        }
        // The answer has come into the page.
        page.arrives_at(&format!("/dashboard/users/{viewer}")).await;
        page.is_sound().await;
        page.screenshot(&format!("user-{}", look.name())).await;
        page.at("/dashboard/find?name=nobody.at.all").await;
        page.see(".empty").await;
        page.is_sound().await;
        page.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_moderator_opens_the_live_stream_with_the_most_to_do() {
    let world = World::start().await;
    let stream = world.api.id("liveStreamId");
    let spam = json!({"type": "spam_or_scam", "description": "They sell things"});
    world.report("viewer", stream, &spam).await;
    for (look, words) in [
        (Look::DESK, ["Where there is work", "Reported: Spam or scam"]),
        (Look::PHONE.in_turkish(), ["İş bekleyenler", "Bildirildi: Spam veya dolandırıcılık"]),
    ] {
        let page = world.open_as("platformModerator", look).await;
        page.at("/dashboard/live-streams").await;
        page.see_text(words[0]).await;
        page.is_sound().await;
        page.screenshot(&format!("live-streams-{}", look.name())).await;
        page.press("j").await;
        page.press("\u{e007}").await;
        page.arrives_at(&format!("/dashboard/live-streams/{stream}")).await;
        page.see_text(words[1]).await;
        page.see_text("They sell things").await;
        page.is_sound().await;
        page.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_people_and_live_streams_are_called_is_text() {
    let world = World::start().await;
    let (creator, page) =
        (world.api.id("creatorId"), world.open_as("platformModerator", Look::PHONE).await);
    for (nth, text) in hostile::TEXTS.into_iter().chain([&*hostile::long_word()]).enumerate() {
        let at = format!("2026-02-01T10:{nth:02}:00.000Z");
        let user = json!({"id": "hostile", "username": text, "name": text, "surname": "",
            "profilePhoto": null, "availabilityStatus": "online", "updatedAt": at});
        let stream = json!({"id": "hostile", "title": text, "status": "active",
            "creatorId": creator, "moderatorIds": ["hostile"], "updatedAt": at});
        world.tell("users", "hostile", &user).await;
        world.tell("live-streams", "hostile", &stream).await;
        for path in ["/dashboard/users/hostile", "/dashboard/live-streams/hostile"] {
            page.at(path).await;
            page.shows_as_text(text.trim()).await;
            page.runs_no_foreign_script().await;
            page.fits().await;
        }
    }
    page.close().await;
}
