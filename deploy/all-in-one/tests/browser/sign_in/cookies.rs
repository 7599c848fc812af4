//! What the browser keeps of a session, and from whom.

use chrono::TimeDelta;
use events::Role;
use reqwest::header::{CONTENT_TYPE, HOST, ORIGIN, SET_COOKIE};
use reqwest::redirect::Policy;
use service::{Clock, SystemClock};
use thirtyfour::SameSite;

use super::STRANGER;
use crate::page::Look;
use crate::world::World;

const SESSION: &str = "docket_session";

#[tokio::test(flavor = "multi_thread")]
async fn no_script_sees_the_session_and_no_other_site_sends_it() {
    let world = World::start().await;
    let page = world.open_as("platformModerator", Look::DESK).await;
    let cookie = page.driver().get_named_cookie(SESSION).await.unwrap();
    assert_eq!(cookie.same_site, Some(SameSite::Strict));
    assert_eq!(cookie.path.as_deref(), Some("/dashboard"));
    assert_eq!(cookie.expiry, None, "it ends with the browser");
    let raw = page.driver().cdp().send_raw("Network.getAllCookies", ()).await.unwrap();
    let raw = raw["cookies"].as_array().unwrap();
    let raw = raw.iter().find(|cookie| cookie["name"] == SESSION).unwrap();
    assert_eq!(raw["httpOnly"], true);
    let visible = page.run("return document.cookie", vec![]).await;
    assert_eq!(visible, "", "a script sees cookies");
    page.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_this_machine_may_have_it_unencrypted() {
    let world = World::start().await;
    let http = reqwest::Client::builder().redirect(Policy::none()).build().unwrap();
    let token = world.token(STRANGER, &[Role::Admin]);
    for (host, is_secure) in [
        ("moderation.example.org", true),
        ("10.0.0.1:8080", true),
        ("127.0.0.1:8080", false),
        ("localhost:8080", false),
    ] {
        let request = http.post(format!("{}/dashboard/sign-in", world.base_url()));
        let request = request.header(HOST, host).header(ORIGIN, format!("https://{host}"));
        let request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        let answer = request.body(format!("token={token}")).send().await.unwrap();
        assert_eq!(answer.status(), 303);
        let cookie = answer.headers()[SET_COOKIE].to_str().unwrap();
        let rest = cookie.strip_prefix(&format!("{SESSION}={token}; ")).unwrap();
        let mut attributes: Vec<_> = rest.split("; ").collect();
        attributes.sort_unstable();
        let mut expected = vec!["HttpOnly", "Path=/dashboard", "SameSite=Strict"];
        expected.extend(is_secure.then_some("Secure"));
        assert_eq!(attributes, expected, "{host}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_ends_with_its_token() {
    let world = World::start().await;
    let http = reqwest::Client::builder().redirect(Policy::none()).build().unwrap();
    let yesterday = SystemClock.now() - TimeDelta::days(1);
    let old = world.token_from(STRANGER, &[Role::Admin], yesterday);
    let new = world.token(STRANGER, &[Role::Admin]);
    for (token, is_good) in [(new.as_str(), true), (&old, false), ("", false), ("a.b.c", false)] {
        let request = http.get(format!("{}/dashboard", world.base_url()));
        let answer = request.header("Cookie", format!("{SESSION}={token}")).send().await.unwrap();
        let place = answer.headers()["location"].to_str().unwrap();
        let expected =
            if is_good { "/dashboard/queue" } else { "/dashboard/sign-in?next=%2Fdashboard" };
        assert_eq!((answer.status().as_u16(), place), (303, expected));
    }
}
