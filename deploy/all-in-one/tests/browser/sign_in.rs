//! Signing in to the dashboard, and out of it.

mod cookies;
mod foreign;
mod frame;
mod provider;

use chrono::TimeDelta;
use events::Role;
use service::{Clock, SystemClock};

use crate::page::Look;
use crate::world::World;

/// Nobody in the demonstration, and nobody's business.
const STRANGER: &str = "stranger-1";

#[tokio::test(flavor = "multi_thread")]
async fn everybody_can_use_the_page() {
    let world = World::start().await;
    for (look, title) in [
        (Look::DESK, "Sign in"),
        (Look::ALL[1], "Sign in"),
        (Look::ALL[2].in_turkish(), "Oturum aç"),
        (Look::PHONE.in_turkish(), "Oturum aç"),
    ] {
        let page = world.open(look).await;
        page.at("/dashboard").await;
        page.arrives_at("/dashboard/sign-in?next=%2Fdashboard").await;
        page.see_text(title).await;
        page.is_sound().await;
        page.screenshot(&format!("sign-in-{}", look.name())).await;
        page.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_good_token_leads_to_where_one_wanted_to_go_and_signing_out_back() {
    let world = World::start().await;
    let page = world.open(Look::DESK).await;
    page.at("/dashboard/audit?after=1").await;
    page.see("#token").await;
    let token = world.token(STRANGER, &[Role::Admin]);
    page.fill("#token", &format!("  {token}\n")).await;
    page.click("#sign-in button").await;
    page.arrives_at("/dashboard/audit?after=1").await;

    page.sign_out().await;
    page.at("/dashboard/audit").await;
    page.arrives_at("/dashboard/sign-in?next=%2Fdashboard%2Faudit").await;
    page.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn other_tokens_are_refused_in_words() {
    let world = World::start().await;
    let yesterday = SystemClock.now() - TimeDelta::days(1);
    let good = world.token(STRANGER, &[Role::Admin]);
    let refused = "This token is not valid, or no longer.";
    let page = world.open(Look::DESK).await;
    for (token, words) in [
        ("nonsense".to_owned(), refused),
        (world.token_from(STRANGER, &[Role::Admin], yesterday), refused),
        (format!("{}x", &good[..good.len() - 8]), refused),
        ("   ".to_owned(), "Paste a token to sign in."),
    ] {
        page.at("/dashboard/sign-in?next=/dashboard/audit").await;
        page.fill("#token", &token).await;
        page.click("#sign-in button").await;
        page.see_text(words).await;
        let complaints = page.complaints().await;
        assert!(complaints.iter().all(|one| one.contains("401")), "{complaints:?}");
        page.is_sound().await;
        // The wish is not forgotten.
        page.fill("#token", &good).await;
        page.click("#sign-in button").await;
        page.arrives_at("/dashboard/audit").await;
        page.driver().delete_all_cookies().await.unwrap();
    }
    page.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_of_the_demonstration_signs_in_and_leaves_no_trace_of_its_code() {
    let world = World::start().await;
    let page = world.open(Look::PHONE).await;
    let link = world.link("platformModerator");
    assert!(world.printed().contains(&link), "the link is printed");
    let (_, code) = link.split_once('#').unwrap();
    page.driver().goto(&link).await.unwrap();
    page.arrives_at("/dashboard/queue").await;
    page.driver().back().await.unwrap();
    let path = page.path().await;
    assert!(!path.contains(code), "{path}");
    page.close().await;

    let page = world.open(Look::PHONE).await;
    page.at("/dashboard/sign-in#0123456789abcdef0123456789abcdef").await;
    page.see_text("This link is not valid any more.").await;
    let complaints = page.complaints().await;
    assert!(complaints.iter().all(|one| one.contains("401")), "{complaints:?}");
    page.is_sound().await;
    page.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_led_elsewhere() {
    let world = World::start().await;
    let page = world.open(Look::DESK).await;
    for next in [
        "https://example.org/dashboard",
        "//example.org/dashboard",
        "/\\example.org",
        "/dashboard/../../\\example.org",
        "javascript:alert(1)",
        "/docs/",
    ] {
        let query = format!("/dashboard/sign-in?next={}", escaped(next));
        page.at(&query).await;
        page.fill("#token", &world.token(STRANGER, &[Role::Moderator])).await;
        page.click("#sign-in button").await;
        page.arrives_at("/dashboard/queue").await;
        page.runs_no_foreign_script().await;
        page.driver().delete_all_cookies().await.unwrap();
    }
    page.close().await;
}

/// As a value in a query.
fn escaped(text: &str) -> String {
    reqwest::Url::parse_with_params("http://x/", [("v", text)]).unwrap().query().unwrap()[2..]
        .to_owned()
}
