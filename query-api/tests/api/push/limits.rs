//! What no client can take from the others.

use std::time::{Duration, Instant};

use query_api::PushConfig;
use serde_json::{Value, json};
use testing::World;
use testing::tokens::token;

use super::Pushing;
use super::client::{Client, handshake, handshake_with};

const TIME_OUT: Duration = Duration::from_secs(10);

#[tokio::test]
async fn there_are_so_many_sessions_and_no_more() {
    let config = PushConfig { push_limit: 2, ..PushConfig::default() };
    let pushing = Pushing::with(config, TIME_OUT).await;
    let (first, _second) =
        (Client::open(&pushing.base).await, pushing.connect(World::VIEWER).await);
    let refused = handshake(&pushing.base).send().await.unwrap();
    assert_eq!(
        (refused.status().as_u16(), &refused.headers()["retry-after"]),
        (503, &"1".parse().unwrap())
    );
    let refused: Value = refused.json().await.unwrap();
    assert_eq!(refused["errors"][1], "no further client can be served here now: try again");

    // The engine's packet that ends a session.
    first.post("1".to_owned()).await;
    testing::eventually("a place to be free", async || {
        let answer = handshake(&pushing.base).send().await.unwrap();
        answer.status().is_success().then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_user_has_so_many_sessions_in_the_namespace_or_not() {
    let config = PushConfig { push_user_limit: 1, ..PushConfig::default() };
    let pushing = Pushing::with(config, TIME_OUT).await;
    let mut first = pushing.connect(World::VIEWER).await;
    let mut second = Client::open(&pushing.base).await;
    let refused = second.enter(&token(World::VIEWER, &[])).await.unwrap_err();
    assert_eq!(refused, "Too many requests: a user may have 1 sessions at once");

    first.go_out().await;
    second.enter(&token(World::VIEWER, &[])).await.unwrap_err();
    second.enter(&token(World::OTHER_VIEWER, &[])).await.unwrap();
    first.enter(&token(World::VIEWER, &[])).await.unwrap();
}

#[tokio::test]
async fn a_socket_is_in_so_many_live_streams() {
    let pushing = Pushing::new().await;
    sqlx::query(
        "INSERT INTO directory.live_streams SELECT (jsonb_populate_record(s, jsonb_build_object(
            'id', 'many-' || n, 'live_chat_id', 'many-' || n))).*
        FROM directory.live_streams s, generate_series(1, 20) n WHERE id = $1",
    )
    .bind(World::STREAM)
    .execute(pushing.stage.pool())
    .await
    .unwrap();
    let mut client = pushing.connect(World::VIEWER).await;
    for n in 1..=20 {
        client.join(&format!("many-{n}")).await;
    }
    client.join("many-7").await;
    let refused = client.ask("joinStream", &json!({"streamId": World::STREAM})).await;
    assert_eq!(refused["statusCode"], 409);
    assert_eq!(refused["errors"][1], "a socket may be in 20 live streams at once");
    client.ask("leaveStream", &json!({"streamId": "many-7"})).await;
    client.join(World::STREAM).await;
}

#[tokio::test]
async fn a_client_that_sends_without_end_is_disconnected() {
    let pushing = Pushing::new().await;
    let mut client = pushing.connect(World::VIEWER).await;
    let packets = vec![r#"42/live-stream,["anything"]"#; 200].join("\u{1e}");
    client.post(packets).await;
    assert_eq!(client.next().await, "41/live-stream,");
}

#[tokio::test]
async fn a_message_has_so_many_bytes_and_no_binary_part() {
    let pushing = Pushing::new().await;
    let client = pushing.connect(World::VIEWER).await;
    let large = "x".repeat(16 * 1024);
    let (status, body) = client.post(format!(r#"42/live-stream,["joinStream","{large}"]"#)).await;
    let body: Value = serde_json::from_str(&body).unwrap();
    assert_eq!((status, &body["errors"]), (413, &json!(["Request body too large"])));

    let mut client = pushing.connect(World::VIEWER).await;
    let binary = r#"451-/live-stream,["joinStream",{"_placeholder":true,"num":0}]"#;
    client.post(binary.to_owned()).await;
    client.ended().await;
}

#[tokio::test]
async fn a_poll_that_finds_nothing_is_answered_before_the_edge_loses_patience() {
    let pushing = Pushing::with(PushConfig::default(), Duration::from_millis(500)).await;
    let mut client = pushing.connect(World::VIEWER).await;
    let begun = Instant::now();
    assert_eq!(client.poll().await, (200, "6".to_owned()));
    assert!(begun.elapsed() >= Duration::from_millis(400), "{:?}", begun.elapsed());
    client.join(World::STREAM).await;
}

#[tokio::test]
async fn a_query_is_short() {
    let pushing = Pushing::new().await;
    let long = handshake_with(&pushing.base, &format!("&t={}", "x".repeat(1024)));
    assert_eq!(long.send().await.unwrap().status().as_u16(), 414);
}

#[tokio::test]
async fn an_end_holds_nobody_up() {
    let pushing = Pushing::new().await;
    let (mut inside, outside) =
        (pushing.connect(World::VIEWER).await, Client::open(&pushing.base).await);
    // Each has been asked whether it is there before it waits.
    assert_eq!(outside.poll().await, (200, "2".to_owned()));
    pushing.end.cancel();
    let begun = Instant::now();
    let ((), waited) = tokio::join!(inside.ended(), outside.poll());
    assert_eq!(waited, (200, "6".to_owned()));
    pushing.app.stopped().await;
    assert!(begun.elapsed() < Duration::from_secs(4), "{:?}", begun.elapsed());
}
