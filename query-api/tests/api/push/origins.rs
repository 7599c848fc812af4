//! Pages of other origins.

use std::time::Duration;

use query_api::PushConfig;
use reqwest::Method;

use super::Pushing;

const APP: &str = "https://app.example.org";

/// The status, and what browsers are told of whose pages may read it.
async fn answer(
    pushing: &Pushing,
    method: Method,
    headers: &[(&str, &str)],
) -> (u16, Option<String>) {
    let transport =
        if headers.iter().any(|(name, _)| *name == "upgrade") { "websocket" } else { "polling" };
    let url = format!("{}/socket.io/?EIO=4&transport={transport}", pushing.base);
    let mut request = reqwest::Client::new().request(method, url);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = request.send().await.unwrap();
    let allowed = response.headers().get("access-control-allow-origin");
    (response.status().as_u16(), allowed.map(|value| value.to_str().unwrap().to_owned()))
}

async fn statuses(pushing: &Pushing, origin: &str) -> (u16, u16) {
    let (polling, _) = answer(pushing, Method::GET, &[("origin", origin)]).await;
    let upgrade = [
        ("origin", origin),
        ("connection", "upgrade"),
        ("upgrade", "websocket"),
        ("sec-websocket-version", "13"),
        ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
    ];
    let (websocket, _) = answer(pushing, Method::GET, &upgrade).await;
    (polling, websocket)
}

#[tokio::test]
async fn a_foreign_page_may_not_connect_unless_it_is_listed() {
    let pushing = Pushing::new().await;
    let own = pushing.base.clone();
    assert_eq!(statuses(&pushing, &own).await, (200, 101));
    assert_eq!(statuses(&pushing, APP).await, (403, 403));

    let config = PushConfig { push_origins: APP.parse().unwrap(), ..PushConfig::default() };
    let pushing = Pushing::with(config, Duration::from_secs(10)).await;
    assert_eq!(statuses(&pushing, APP).await, (200, 101));
    assert_eq!(statuses(&pushing, "https://evil.example").await, (403, 403));
}

#[tokio::test]
async fn browsers_are_told_the_same() {
    let config = PushConfig { push_origins: APP.parse().unwrap(), ..PushConfig::default() };
    let pushing = Pushing::with(config, Duration::from_secs(10)).await;
    let allowed = Some(APP.to_owned());
    let preflight = [
        ("origin", APP),
        ("access-control-request-method", "POST"),
        ("access-control-request-headers", "authorization,content-type"),
    ];
    assert_eq!(answer(&pushing, Method::OPTIONS, &preflight).await, (200, allowed.clone()));
    assert_eq!(answer(&pushing, Method::GET, &[("origin", APP)]).await, (200, allowed));
    let foreign = [("origin", "https://evil.example"), ("access-control-request-method", "POST")];
    assert_eq!(answer(&pushing, Method::OPTIONS, &foreign).await.1, None);
}
