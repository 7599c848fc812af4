//! There are only so many.

use query_api::feed::FeedConfig;
use serde_json::json;
use testing::eventually;

use super::FEED;
use super::listener::Listener;
use crate::support::{ADMIN, CREATOR, MODERATOR, OTHER_CREATOR, STAFF, Stage};

#[tokio::test]
async fn a_server_has_only_so_many() {
    let config = FeedConfig { feed_limit: 2, ..FeedConfig::default() };
    let stage = Stage::with(config, |log| log).await;
    let first = Listener::start(&stage, CREATOR).await;
    let _second = Listener::start(&stage, STAFF).await;
    let full = stage.get_with(MODERATOR, FEED, &[]).await;
    assert_eq!(full.header("retry-after"), "10");
    let reason = "as many feeds are open as this server allows: try again";
    assert_eq!(full.errors(503), json!(["Service temporarily unavailable", reason]));
    drop(first);
    eventually("a place to be free", async || {
        let answer = stage.request(MODERATOR, FEED).send().await.unwrap();
        (answer.status().as_u16() == 200).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_caller_has_only_so_many() {
    let config = FeedConfig { feed_limit_per_caller: 1, ..FeedConfig::default() };
    let stage = Stage::with(config, |log| log).await;
    let first = Listener::start(&stage, STAFF).await;
    // The same person with another role.
    let full = stage.get_with(ADMIN, FEED, &[]).await;
    assert_eq!(full.header("retry-after"), "10");
    let reason = "you have 1 feeds open already: close one first";
    assert_eq!(full.errors(429), json!(["Too many requests", reason]));
    let _other = Listener::start(&stage, OTHER_CREATOR).await;
    drop(first);
    eventually("a place to be free", async || {
        let answer = stage.request(ADMIN, FEED).send().await.unwrap();
        (answer.status().as_u16() == 200).then_some(())
    })
    .await;
}
