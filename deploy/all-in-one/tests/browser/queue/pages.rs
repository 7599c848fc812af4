//! Both pages, in every size, theme and language, and what is done on the page of a report.

use serde_json::json;
use thirtyfour::prelude::*;

use super::{ADA, CONCERT, SAM, line};
use crate::page::{Look, hostile};
use crate::world::World;

/// Whoever is banned because of a report.
const SPAMMER: &str = "673ac9e2c93fe18d3fdd2312";

#[tokio::test(flavor = "multi_thread")]
async fn everybody_can_use_them() {
    let world = World::start().await;
    let [first, second, ..] = world.reports().await;
    world.review(SAM, &second, "under_review").await;
    world.review(ADA, &first, "under_review").await;
    let ban = json!({"targetUserId": SPAMMER, "liveStreamId": CONCERT, "reason": "Sells fakes.",
        "durationSeconds": 3600, "reportId": first});
    world.ban(ADA, &ban).await;
    for (look, part) in [
        (Look::DESK, SAM),
        (Look::ALL[1].in_turkish(), ADA),
        (Look::ALL[2], ADA),
        (Look::PHONE.in_turkish(), SAM),
    ] {
        let page = world.open_as(part, look).await;
        page.queue("").await;
        page.is_sound().await;
        page.screenshot(&format!("queue-{}", look.name())).await;
        page.on_line(&first).await;
        page.press(Key::Enter).await;
        page.arrives_at(&format!("/dashboard/reports/{first}")).await;
        page.see("ol.timeline li:nth-child(3)").await;
        page.is_sound().await;
        page.screenshot(&format!("report-{}", look.name())).await;
        page.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_is_decided_and_archived_on_its_page() {
    let world = World::start().await;
    let [first, ..] = world.reports().await;
    let page = world.open_as(SAM, Look::DESK).await;
    page.at(&format!("/dashboard/reports/{first}")).await;
    page.click("button[value=under_review]").await;
    page.see_text("Claimed: it is under review by you.").await;
    page.fill("textarea[name=notes]", "Seen and muted.").await;
    page.click("button[value=resolved]").await;
    page.see_text("Resolved.").await;
    page.see_text("Seen and muted.").await;
    page.see("ol.timeline #reviewed").await;
    page.press("a").await;
    page.see_text("Archived.").await;
    assert_eq!(world.report_now(&first).await["isArchived"], true);
    page.press("a").await;
    page.see_text("Taken out of the archive.").await;
    assert_eq!(world.report_now(&first).await["isArchived"], false);
    // A moderator is not shown the history.
    page.misses_text("The whole history").await;
    page.close().await;
    let page = world.open_as(ADA, Look::DESK).await;
    page.at(&format!("/dashboard/reports/{first}")).await;
    page.see_text("The whole history").await;
    assert_eq!(page.all("tr[id^=event-]").await.len(), 5);
    page.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_texts_are_texts() {
    let world = World::start().await;
    let page = world.open_as(SAM, Look::PHONE).await;
    page.queue("").await;
    // Whatever arrives live is written into the page by a script.
    for (nth, text) in hostile::TEXTS.iter().enumerate() {
        let report = json!({"type": "other", "description": text});
        let filed = world.report("viewer", CONCERT, &report).await;
        let id = filed["id"].as_str().unwrap();
        page.see(&format!("#arrived {}", line(id))).await;
        let readable = text.split(['\u{2028}', '\u{2029}']).next().unwrap();
        if readable.len() == text.len() {
            page.shows_as_text(filed["description"].as_str().unwrap()).await;
        }
        page.runs_no_foreign_script().await;
        // Every eighth also on its own page.
        world.review(ADA, id, "rejected").await;
        page.line_at(id, "rejected").await;
        if nth % 8 == 0 {
            page.at(&format!("/dashboard/reports/{id}")).await;
            page.runs_no_foreign_script().await;
            page.fits().await;
            page.queue("").await;
        }
    }
    page.fits().await;
    page.close().await;
}
