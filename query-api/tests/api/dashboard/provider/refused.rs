//! People whom the provider does not let in, or who are nobody here.

use serde_json::{Value, json};
use testing::openid::Person;
use testing::{World, tokens};

use super::site::Site;

const FAILED: &str = "The sign-in provider did not sign you in.";

/// What comes of a sign-in of somebody who is changed like this.
async fn refused(change: impl FnOnce(&mut Person), status: u16, words: &str) {
    let site = Site::start(|_| {}).await;
    site.provider().tell(change);
    let page = site.sign_in("/dashboard/bans").await;
    page.refuses(status, words);
    // Where they wanted to go is not forgotten.
    assert!(page.html.contains("value=\"/dashboard/bans\""), "{}", page.html);
    assert!(page.cookie("docket_sign_in").starts_with("docket_sign_in=; "));
}

#[tokio::test]
async fn the_provider_s_errors_are_told_in_words() {
    let denied = "The sign-in provider did not grant access.";
    refused(|person| person.denied = Some("access_denied"), 403, denied).await;
    refused(|person| person.denied = Some("server_error"), 401, FAILED).await;
    refused(|person| person.denied = Some("<script>alert(1)</script>"), 401, FAILED).await;
    refused(|person| person.refused = Some("invalid_client"), 401, FAILED).await;
}

#[tokio::test]
async fn errors_of_others_are_not_listened_to() {
    let site = Site::start(|_| {}).await;
    let left = site.leave("/dashboard").await;
    let address = "/dashboard/sign-in/callback?error=access_denied&state=guessed";
    let unasked = "This sign-in was not begun in this browser";
    site.get(address, Some(left.cookie())).await.refuses(400, unasked);
    let page = site.get(&format!("{address}&error=again"), Some(left.cookie())).await;
    assert_eq!(page.status, 400, "which of them is meant?");
}

#[tokio::test]
async fn an_id_token_must_be_good_in_every_respect() {
    for claims in [
        json!({"nonce": "another"}),
        json!({"nonce": null}),
        json!({"iss": "https://issuer.example.org"}),
        json!({"aud": "another client"}),
        json!({"aud": ["docket dashboard", "another client"]}),
        json!({"exp": 1}),
        json!({"exp": null}),
        json!({"at_hash": "of-another-token"}),
    ] {
        let told = claims.clone();
        refused(move |person| person.claims = told, 401, FAILED).await;
    }
    refused(|person| person.is_forged = true, 401, FAILED).await;
}

#[tokio::test]
async fn the_access_token_must_be_one_that_the_api_takes() {
    let with = |name: &str, value: Value| {
        let mut claims = tokens::claims(World::STAFF, &["admin"]);
        claims[name] = value;
        tokens::sign(&claims)
    };
    let nothing_here =
        "You have signed in, but the provider&#39;s token does not open this dashboard.";
    for token in [
        "opaque".to_owned(),
        with("aud", json!("another API")),
        with("iss", json!("https://another.example.org")),
        with("exp", json!(1)),
        format!("{}x", tokens::token(World::STAFF, &["admin"])),
    ] {
        refused(|person| person.access_token = token, 403, nothing_here).await;
    }
    let long = with("groups", json!("x".repeat(4_000)));
    refused(|person| person.access_token = long, 403, "This token is too long").await;
}
