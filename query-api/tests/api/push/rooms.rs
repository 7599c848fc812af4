//! What a client may ask for.

use serde_json::{Value, json};
use testing::World;

use super::Pushing;
use super::client::Client;
use crate::support::NOW;

fn joined(stream: &str) -> Value {
    json!({"isSuccess": true, "statusCode": 200, "data": {"streamId": stream}, "errors": [],
        "timestamp": NOW})
}

fn failed(status: u16, errors: &[&str]) -> Value {
    json!({"isSuccess": false, "statusCode": status, "data": null, "errors": errors,
        "timestamp": NOW})
}

#[tokio::test]
async fn a_client_joins_and_leaves_live_streams_that_are_known() {
    let pushing = Pushing::new().await;
    let mut client = pushing.connect(World::VIEWER).await;
    let stream = json!({"streamId": World::STREAM});
    for event in ["joinStream", "joinStream", "leaveStream", "leaveStream", "joinStream"] {
        assert_eq!(client.ask(event, &stream).await, joined(World::STREAM), "{event}");
    }
    let unknown = client.ask("joinStream", &json!({"streamId": "nowhere"})).await;
    let errors = ["Resource not found", "there is no such live stream"];
    assert_eq!(unknown, failed(404, &errors));
}

#[tokio::test]
async fn what_is_malformed_is_told_precisely() {
    let pushing = Pushing::new().await;
    let mut client = pushing.connect(World::VIEWER).await;
    for event in ["joinStream", "leaveStream"] {
        for (data, error) in [
            (json!({}), "streamId: is required"),
            (json!({"streamId": 5}), "streamId: must be a string"),
            (
                json!({"streamId": "a b"}),
                "streamId: must be 1 to 128 characters of A-Z a-z 0-9 _ . = -",
            ),
            (json!("673ac9e2c93fe18d3fdd23f1"), "the body must be a JSON object"),
            (json!(null), "the body must be a JSON object"),
        ] {
            let answer = client.ask(event, &data).await;
            assert_eq!(answer, failed(400, &["Validation failed", error]), "{event} {data}");
        }
    }
}

#[tokio::test]
async fn a_client_is_answered_in_its_language() {
    let pushing = Pushing::new().await;
    let token = testing::tokens::token(World::VIEWER, &[]);
    let mut client = Client::open(&pushing.base).await;
    client.enter_with(&json!({"token": token, "language": "tr"})).await.unwrap();
    let unknown = client.ask("joinStream", &json!({"streamId": "nowhere"})).await;
    assert_eq!(unknown, failed(404, &["Kaynak bulunamadı", "böyle bir canlı yayın yok"]));
}

#[tokio::test]
async fn a_client_that_asks_for_no_answer_gets_none() {
    let pushing = Pushing::new().await;
    let mut client = pushing.connect(World::VIEWER).await;
    client.emit("joinStream", &json!({"streamId": World::STREAM})).await;
    client.emit("somethingElse", &json!({})).await;
    client.join(World::OTHER_STREAM).await;
}
