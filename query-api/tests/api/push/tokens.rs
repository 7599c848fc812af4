//! Who may enter, and for how long.

use serde_json::json;
use testing::World;
use testing::tokens::{claims, sign, token};

use super::Pushing;
use super::client::{Client, handshake, handshake_with};

/// A token that is refused from `seconds` after now on, the leeway for clocks included.
fn lasting(pushing: &Pushing, seconds: i64) -> String {
    let mut claims = claims(World::VIEWER, &[]);
    claims["exp"] = json!(pushing.stage.now().timestamp() - 60 + seconds);
    sign(&claims)
}

#[tokio::test]
async fn a_client_shows_its_token_in_either_place() {
    let pushing = Pushing::new().await;
    Client::open(&pushing.base).await.enter(&token(World::VIEWER, &[])).await.unwrap();

    let bearing = handshake(&pushing.base).bearer_auth(token(World::VIEWER, &[]));
    let mut client = Client::open_with(&pushing.base, bearing).await;
    client.enter_with(&json!({})).await.unwrap();

    let bearing = handshake(&pushing.base).bearer_auth("of no use");
    let mut client = Client::open_with(&pushing.base, bearing).await;
    client.enter(&token(World::VIEWER, &[])).await.unwrap();
}

#[tokio::test]
async fn a_client_without_a_good_token_is_told_why() {
    let pushing = Pushing::new().await;
    let missing =
        "a token is required: as auth.token, or as a bearer token in the header Authorization";
    let expired = "the token has expired";
    let malformed = "auth must be an object whose token and language are strings";
    for (auth, why) in [
        (json!({}), missing),
        (json!({"token": null}), missing),
        (json!({"token": ""}), "the token is not valid"),
        (json!({"token": "a.b.c"}), "the token is not valid"),
        (json!({"token": lasting(&pushing, 0)}), expired),
        (json!({"token": 5}), malformed),
        (json!("token"), malformed),
    ] {
        let refused = Client::open(&pushing.base).await.enter_with(&auth).await.unwrap_err();
        assert_eq!(refused, format!("Authentication required: {why}"), "{auth}");
    }
    let turkish = json!({"token": lasting(&pushing, 0), "language": "tr"});
    let refused = Client::open(&pushing.base).await.enter_with(&turkish).await.unwrap_err();
    assert_eq!(refused, "Kimlik doğrulaması gerekli: belirtecin süresi dolmuş");

    let (query, bearer) = (token(World::VIEWER, &[]), lasting(&pushing, 0));
    for (handshake, why) in [
        (handshake_with(&pushing.base, &format!("&token={query}")), missing),
        (handshake_with(&pushing.base, &format!("&access_token={query}")), missing),
        (handshake(&pushing.base).bearer_auth(bearer), expired),
        (
            handshake(&pushing.base).header("Authorization", "Basic YTpi"),
            "a bearer token is required in the header Authorization",
        ),
    ] {
        let mut client = Client::open_with(&pushing.base, handshake).await;
        let refused = client.enter_with(&json!({})).await.unwrap_err();
        assert_eq!(refused, format!("Authentication required: {why}"));
    }
}

#[tokio::test]
async fn a_refused_client_may_try_again_but_not_without_end() {
    let pushing = Pushing::new().await;
    let mut client = Client::open(&pushing.base).await;
    client.enter("a.b.c").await.unwrap_err();
    client.enter(&token(World::VIEWER, &[])).await.unwrap();

    let mut client = Client::open(&pushing.base).await;
    let mut refused = String::new();
    for _ in 0..1000 {
        refused = client.enter("a.b.c").await.unwrap_err();
        if refused.starts_with("Too many") {
            return;
        }
    }
    panic!("never told to stop: {refused}");
}

#[tokio::test]
async fn another_namespace_is_none() {
    let pushing = Pushing::new().await;
    let mut client = Client::open(&pushing.base).await;
    let auth = json!({"token": token(World::VIEWER, &[])});
    let (status, _) = client.post(format!("40{auth}")).await;
    assert_eq!(
        (status, client.next().await.as_str()),
        (200, r#"44{"message":"Invalid namespace"}"#)
    );
}

#[tokio::test]
async fn a_client_is_disconnected_when_its_token_expires() {
    let pushing = Pushing::new().await;
    let mut client = Client::open(&pushing.base).await;
    client.enter(&lasting(&pushing, 1)).await.unwrap();
    assert_eq!(client.next().await, "41/live-stream,");
}
