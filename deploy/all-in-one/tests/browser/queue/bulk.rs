//! Several reports at once.

use super::{ADA, CONCERT, SAM};
use crate::page::Look;
use crate::world::World;

#[tokio::test(flavor = "multi_thread")]
async fn a_whole_group_is_claimed_and_what_is_refused_is_told() {
    let world = World::start().await;
    let reports = world.reports().await;
    // Nobody reviews what they reported themselves.
    let own = world.reported(ADA, CONCERT, "copyright_or_intellectual_property", "Our song.").await;
    let page = world.open_as(ADA, Look::PHONE).await;
    page.queue("").await;
    page.click("[data-select-all]").await;
    page.see_text("5 selected").await;
    page.is_sound().await;
    page.click("#bulk button[value=under_review]").await;
    page.see_text("4 reviewed, 1 refused").await;
    page.see("#toasts .refused").await;
    for id in &reports[..4] {
        page.line_at(id, "under_review").await;
        let report = world.comes_to(id, "under_review").await;
        assert_eq!(report["reviewedBy"]["username"], "staff.ada", "{report}");
    }
    page.line_at(&own, "pending").await;
    // Nothing is selected any more.
    page.misses("#bulk").await;
    page.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn decisions_on_several_can_be_undone_together() {
    let world = World::start().await;
    let [first, second, third, ..] = world.reports().await;
    let page = world.open_as(SAM, Look::DESK).await;
    page.queue("").await;
    page.on_line(&first).await;
    page.press("s").await;
    page.press("j").await;
    page.press(" ").await;
    page.see_text("2 selected").await;
    page.fill("#bulk [name=notes]", "Both are jokes.").await;
    page.click("#bulk button[value=rejected]").await;
    page.see_text("2 reports: Rejected. This will be sent in 8 seconds.").await;
    page.on_line(&third).await;
    page.press("u").await;
    page.see_text("Undone. Nothing was sent.").await;
    for id in [&first, &second] {
        assert_eq!(world.report_now(id).await["status"], "pending");
    }
    page.on_line(&first).await;
    page.press("s").await;
    page.press("j").await;
    page.press("s").await;
    page.fill("#bulk [name=notes]", "Both are jokes.").await;
    page.click("#bulk button[value=rejected]").await;
    page.see_text("2 reviewed, 0 refused").await;
    for id in [&first, &second] {
        let report = world.comes_to(id, "rejected").await;
        assert_eq!(report["adminNotes"], "Both are jokes.");
        page.line_at(id, "rejected").await;
    }
    page.close().await;
}
