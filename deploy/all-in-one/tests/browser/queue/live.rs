//! What comes in moves nothing that somebody looks at.

use serde_json::Value;

use super::{ADA, CONCERT, SAM, SPEEDRUN, line};
use crate::page::{Look, Page};
use crate::world::World;

/// Where everything that was there at first is in the window.
async fn places(page: &Page) -> Value {
    let script =
        "return [...document.querySelectorAll('.group:not(#arrived) .report, h1, h2, .filters *')]
        .filter((it) => !it.closest('#arrived'))
        .map((it) => it.getBoundingClientRect())
        .map(({x, y, width, height}) => [x, y, width, height])";
    page.run(script, vec![]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn new_reports_and_changed_ones_move_nothing() {
    for (look, count) in [(Look::DESK, 2), (Look::PHONE, 2)] {
        let world = World::start().await;
        let [first, second, third, ..] = world.reports().await;
        let page = world.open_as(SAM, look).await;
        page.queue("").await;
        page.on_line(&second).await;
        page.run("scrollTo(0, 150)", vec![]).await;
        let before = places(&page).await;
        assert!(before.as_array().unwrap().len() > 5);

        let new = world.reported("auditor", SPEEDRUN, "spam_or_scam", "Buy <i>now</i>.").await;
        world.reported("streamModerator", SPEEDRUN, "other", "He is asleep.").await;
        world.review(ADA, &first, "under_review").await;
        world.review(ADA, &third, "resolved").await;
        page.line_at(&first, "under_review").await;
        page.line_at(&third, "resolved").await;
        page.see(&format!("{} .by", line(&first))).await;
        page.until("the new ones", async || {
            let there = page.all("#arrived .report").await.len();
            (there == count).then_some(())
        })
        .await;
        assert_eq!(places(&page).await, before, "{}", look.name());
        assert_eq!(page.focused().await, second);
        assert_eq!(page.driver().title().await.unwrap(), "(2) Report queue · Docket");
        page.until("the announcement", async || {
            let said = page.run("return document.getElementById('announced').textContent", vec![]);
            (said.await == "2 new reports have arrived").then_some(())
        })
        .await;
        page.shows_as_text("Buy <i>now</i>.").await;
        page.is_sound().await;

        // The new one can be dealt with where it is, and is sorted in when one wishes it.
        page.on_line(&new).await;
        page.press("c").await;
        page.line_at(&new, "under_review").await;
        page.click("#arrived .top a").await;
        page.see("#results[data-live]").await;
        page.misses("#arrived").await;
        page.see(&format!(".group:not(#arrived) {}", line(&new))).await;
        page.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_is_wanted_arrives_also_after_a_change_of_the_filter() {
    let world = World::start().await;
    world.reports().await;
    let page = world.open_as(SAM, Look::DESK).await;
    page.queue("").await;
    page.choose("select[name=type]", "hate_speech").await;
    page.until("the filter", async || {
        (page.all("#results .report").await.len() == 1).then_some(())
    })
    .await;
    let path = page.path().await;
    assert!(path.contains("type=hate_speech"), "{path}");
    page.see("#results[data-live]").await;
    world.reported("auditor", SPEEDRUN, "spam_or_scam", "Not this one.").await;
    let wanted = world.reported("service", SPEEDRUN, "hate_speech", "But this one.").await;
    page.see(&format!("#arrived {}", line(&wanted))).await;
    assert_eq!(page.all("#arrived .report").await.len(), 1);
    // The page can be come back to.
    page.at(&format!("/dashboard/queue?liveStreamId={CONCERT}")).await;
    page.until("the four of the concert", async || {
        (page.all("#results .report").await.len() == 4).then_some(())
    })
    .await;
    page.close().await;
}
