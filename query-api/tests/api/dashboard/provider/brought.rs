//! What a browser brings back that it should not have, or not any more.

use chrono::TimeDelta;
use reqwest::Url;

use super::site::{Site, pairs, tampered};

const UNASKED: &str = "This sign-in was not begun in this browser";

/// The address with another value of a parameter; without it, where that is `None`.
fn with(address: &str, name: &str, value: Option<&str>) -> String {
    let mut url = Url::parse(address).unwrap();
    let mut all = pairs(&url);
    all.remove(name);
    all.extend(value.map(|value| (name.to_owned(), value.to_owned())));
    url.query_pairs_mut().clear().extend_pairs(all);
    url.into()
}

#[tokio::test]
async fn an_answer_counts_only_in_the_browser_that_asked() {
    let site = Site::start(|_| {}).await;
    let (left, other) = (site.leave("/dashboard").await, site.leave("/dashboard").await);
    let back = site.sent_back(&left).await;
    let broken = format!("{}x", left.cookie());
    for (address, cookie) in [
        (back.clone(), None),
        (back.clone(), Some(other.cookie())),
        (back.clone(), Some(broken.as_str())),
        (back.clone(), Some("docket_sign_in=")),
        (with(&back, "state", Some("guessed")), Some(left.cookie())),
        (with(&back, "state", Some("")), Some(left.cookie())),
        (with(&back, "state", None), Some(left.cookie())),
        (with(&back, "code", None), Some(left.cookie())),
    ] {
        site.get(&address, cookie).await.refuses(400, UNASKED);
    }
    assert_eq!(site.provider().seen().exchanges.len(), 0, "a code went to the provider");
    site.get(&back, Some(left.cookie())).await.shows("Signed in");
}

#[tokio::test]
async fn an_answer_counts_once() {
    let site = Site::start(|_| {}).await;
    let left = site.leave("/dashboard").await;
    let back = site.sent_back(&left).await;
    let page = site.get(&back, Some(left.cookie())).await;
    page.shows("Signed in");
    // The browser has forgotten, and the provider would not take the code from one that has not.
    assert!(page.cookie("docket_sign_in").starts_with("docket_sign_in=; "));
    site.get(&back, None).await.refuses(400, UNASKED);
    let failed = "The sign-in provider did not sign you in.";
    site.get(&back, Some(left.cookie())).await.refuses(401, failed);
}

#[tokio::test]
async fn an_answer_does_not_count_after_ten_minutes() {
    for (minutes, counts) in [(10, true), (11, false), (-1, false)] {
        let site = Site::start(|_| {}).await;
        let left = site.leave("/dashboard").await;
        let back = site.sent_back(&left).await;
        site.clock.advance(TimeDelta::minutes(minutes));
        let page = site.get(&back, Some(left.cookie())).await;
        if counts {
            page.shows("Signed in");
        } else {
            page.refuses(400, UNASKED);
        }
    }
}

#[tokio::test]
async fn a_stolen_code_is_worth_nothing() {
    let site = Site::start(|_| {}).await;
    let (left, other) = (site.leave("/dashboard").await, site.leave("/dashboard").await);
    let (back, others) = (site.sent_back(&left).await, site.sent_back(&other).await);
    let stolen = pairs(&Url::parse(&others).unwrap())["code"].clone();
    let failed = "The sign-in provider did not sign you in.";
    let address = with(&back, "code", Some(&stolen));
    site.get(&address, Some(left.cookie())).await.refuses(401, failed);
    // Neither with a verifier of one's own.
    let left = site.leave("/dashboard").await;
    let back = site.sent_back(&left).await;
    let cookie = tampered(left.cookie(), "verifier", &"v".repeat(43));
    site.get(&back, Some(&cookie)).await.refuses(401, failed);
    // Nor is an ID token that answers somebody else.
    let left = site.leave("/dashboard").await;
    let back = site.sent_back(&left).await;
    let cookie = tampered(left.cookie(), "nonce", "another");
    site.get(&back, Some(&cookie)).await.refuses(401, failed);
}

#[tokio::test]
async fn a_cookie_of_somebody_else_s_making_leads_nowhere_else() {
    let site = Site::start(|_| {}).await;
    let left = site.leave("/dashboard").await;
    let back = site.sent_back(&left).await;
    let cookie = tampered(left.cookie(), "next", "https://example.org/");
    site.get(&back, Some(&cookie)).await.shows("content=\"0; url=/dashboard\"");
}
