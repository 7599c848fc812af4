//! Providers that are not there, or not what they should be.

use axum::Router;
use axum::body::Body;
use axum::response::Redirect;
use axum::routing::get;
use testing::openid::Provider;
use testing::{World, tokens};
use tokio::net::TcpListener;

use super::site::Site;

const UNREACHABLE: &str = "The sign-in provider cannot be reached.";
const LEAVE: &str = "/dashboard/sign-in/provider?next=%2Fdashboard%2Fbans";

#[tokio::test]
async fn one_that_is_down_is_tried_again() {
    let address = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let site = Site::at(format!("http://{address}"), |_| {}).await;
    site.get("/dashboard/sign-in", None).await.shows("Sign in with 127.0.0.1");
    let page = site.get(LEAVE, None).await;
    page.refuses(503, UNREACHABLE);
    assert!(page.html.contains("value=\"/dashboard/bans\""), "{}", page.html);

    let token = tokens::token(World::STAFF, &["moderator"]);
    let _provider = Provider::start_on(&address.to_string(), token).await;
    testing::eventually("the provider to be found", async || {
        (site.get(LEAVE, None).await.status == 303).then_some(())
    })
    .await;
    site.sign_in("/dashboard").await.shows("Signed in");
}

#[tokio::test]
async fn one_that_is_no_provider_is_not_listened_to() {
    let elsewhere = Provider::start(String::new()).await;
    let path = "/.well-known/openid-configuration";
    let moved = Redirect::temporary(&format!("{}{path}", elsewhere.issuer));
    let endless = || async {
        let chunks =
            futures_util::stream::repeat_with(|| Ok::<_, std::io::Error>(vec![b' '; 8192]));
        Body::from_stream(chunks)
    };
    // What another says of itself is not true of this one.
    let another = reqwest::get(format!("{}{path}", elsewhere.issuer)).await.unwrap();
    let another: serde_json::Value = another.json().await.unwrap();
    for routes in [
        Router::new().route(path, get(async || moved)),
        Router::new().route(path, get(endless)),
        Router::new().route(path, get(async || axum::Json(another))),
        Router::new().route(path, get(async || "<html>")),
        Router::new(),
    ] {
        let site = Site::at(testing::serve(routes).await, |_| {}).await;
        site.get(LEAVE, None).await.refuses(503, UNREACHABLE);
    }
    assert_eq!(elsewhere.seen().discoveries, 1, "a redirect was followed");
}
