//! One key for each thing that can be done, and a way back while there is one.

use thirtyfour::prelude::*;

use super::{ADA, SAM, line};
use crate::page::{Look, Page};
use crate::world::World;

#[tokio::test(flavor = "multi_thread")]
async fn one_key_claims_and_one_decides_after_a_while() {
    let world = World::start().await;
    let [first, second, ..] = world.reports().await;
    let page = world.open_as(SAM, Look::DESK).await;
    page.queue("").await;
    page.press("j").await;
    assert_eq!(page.focused().await, first);
    page.press("j").await;
    assert_eq!(page.focused().await, second);
    page.press("k").await;
    page.press("c").await;
    // Claimed at once, and where it was.
    page.line_at(&first, "under_review").await;
    page.see_text("staff.sam has had it since").await;
    assert_eq!(page.focused().await, first);
    world.comes_to(&first, "under_review").await;

    page.press("r").await;
    page.see_text("Resolved. This will be sent in 8 seconds. Press u to undo.").await;
    page.see(&format!("{}[data-held=resolved]", line(&first))).await;
    page.see_text("7 s left").await;
    assert_eq!(world.report_now(&first).await["status"], "under_review");
    page.press("u").await;
    page.see_text("Undone. Nothing was sent.").await;
    page.misses(&format!("{}[data-held]", line(&first))).await;

    page.press("r").await;
    page.line_at(&first, "resolved").await;
    world.comes_to(&first, "resolved").await;
    page.is_sound().await;
    page.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rejecting_asks_for_a_note() {
    let world = World::start().await;
    let [first, second, third, ..] = world.reports().await;
    let page = world.open_as(SAM, Look::PHONE).await;
    page.queue("").await;
    page.on_line(&first).await;
    page.press("x").await;
    page.see("#note[open]").await;
    page.is_sound().await;
    page.press("Satire, and <b>announced</b> as such.").await;
    page.press(Key::Enter).await;
    page.misses("#note[open]").await;
    assert_eq!(page.focused().await, first);
    page.see(&format!("{}[data-held=rejected]", line(&first))).await;
    // Another one, which nobody wants to reject after all.
    page.on_line(&second).await;
    page.press("x").await;
    page.see("#note[open]").await;
    page.press(Key::Escape).await;
    page.misses("#note[open]").await;
    // Several wait at once; leaving the page sends what waits.
    page.on_line(&third).await;
    page.press("r").await;
    page.see(&format!("{}[data-held=resolved]", line(&third))).await;
    page.at("/dashboard/statistics").await;
    let rejected = world.comes_to(&first, "rejected").await;
    assert_eq!(rejected["adminNotes"], "Satire, and <b>announced</b> as such.");
    world.comes_to(&third, "resolved").await;
    assert_eq!(world.report_now(&second).await["status"], "pending");
    page.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn time_stands_still_while_somebody_thinks() {
    let world = World::start().await;
    let [first, ..] = world.reports().await;
    let page = world.open_as(ADA, Look::DESK.in_turkish()).await;
    page.queue("").await;
    page.on_line(&first).await;
    page.press("r").await;
    let undo = page.see("#toasts [data-undo]").await;
    undo.focus().await.unwrap();
    page.see_text("Duraklatıldı").await;
    // With the keyboard alone.
    page.press(Key::Enter).await;
    page.see_text("Geri alındı. Hiçbir şey gönderilmedi.").await;
    assert_eq!(page.focused().await, first);
    assert_eq!(world.report_now(&first).await["status"], "pending");
    page.is_sound().await;
    page.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_comes_second_is_told_who_has_it() {
    let world = World::start().await;
    let [first, second, ..] = world.reports().await;
    let (sam, ada) = tokio::join!(world.open_as(SAM, Look::DESK), world.open_as(ADA, Look::PHONE));
    tokio::join!(sam.queue(""), ada.queue(""));
    sam.click(&format!("{} [data-key=c]", line(&first))).await;
    sam.line_at(&first, "under_review").await;
    // Before she has tried.
    ada.line_at(&first, "under_review").await;
    ada.see_text("staff.sam has had it since").await;

    // Once her page hears nothing any more, she tries.
    ada.run("source.close()", vec![]).await;
    world.review(SAM, &second, "under_review").await;
    ada.click(&format!("{} [data-key=c]", line(&second))).await;
    ada.see("#toasts .refused").await;
    told(&ada, "Not done: staff.sam has had it since").await;
    ada.line_at(&second, "under_review").await;
    ada.is_sound().await;
    // The other way round, and decided.
    sam.run("source.close()", vec![]).await;
    world.review(ADA, &second, "rejected").await;
    sam.click(&format!("{} [data-key=r]", line(&second))).await;
    told(&sam, "Not done: staff.ada rejected it on").await;
    sam.line_at(&second, "rejected").await;
    tokio::join!(sam.close(), ada.close());
}

async fn told(page: &Page, text: &str) {
    let toasts = async || page.see("#toasts").await.text().await.unwrap();
    page.until(text, async || toasts().await.contains(text).then_some(())).await;
}
