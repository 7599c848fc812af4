//! What is no body, in both dialects, and what larger ones need.

use std::io::Error;

use axum::Router;
use axum::body::Body;
use axum::http::{Method, header};
use serde_json::{Map, Value};

use crate::support::{app, request, send};

async fn post(app: &Router, path: &str, media_type: &str, body: impl Into<Body>) -> Value {
    let request = request(Method::POST, path).header(header::CONTENT_TYPE, media_type);
    send(app, request.body(body.into()).unwrap()).await
}

fn bad_bodies() -> Vec<(&'static str, &'static str, Vec<u8>)> {
    let json = "application/json";
    let deep = "[".repeat(200_000);
    let deep_closed = "{\"a\":".repeat(5_000) + "1" + &"}".repeat(5_000);
    vec![
        ("empty", json, b"".to_vec()),
        ("not JSON", json, b"{\"text\":".to_vec()),
        ("a list", json, b"[]".to_vec()),
        ("two values", json, b"{} {}".to_vec()),
        ("not UTF-8", json, b"{\"text\": \"\xff\"}".to_vec()),
        ("half a surrogate pair", json, br#"{"text": "\ud800"}"#.to_vec()),
        ("duplicate name", json, br#"{"text": "a", "text": "b"}"#.to_vec()),
        ("duplicate name, escaped", json, br#"{"text": "a", "\u0074ext": "b"}"#.to_vec()),
        ("duplicate name inside", json, br#"{"text": "a", "x": [{"y": 1, "y": 1}]}"#.to_vec()),
        ("deep", json, deep.as_bytes()[..60_000].to_vec()),
        ("deep and closed", json, deep_closed.into_bytes()),
        ("too large", json, vec![b' '; 64 * 1024 + 1]),
        ("not said to be JSON", "text/plain", b"{}".to_vec()),
        ("a form", "application/x-www-form-urlencoded", b"text=a".to_vec()),
        ("wrong types", json, br#"{"text": 1, "number": "1"}"#.to_vec()),
        ("out of range, missing", json, br#"{"number": 10}"#.to_vec()),
    ]
}

#[tokio::test]
async fn bad_bodies_are_refused() {
    let app = app().await;
    let mut answers = Map::new();
    for (name, media_type, body) in bad_bodies() {
        for path in ["/api/v1/bodies", "/youtube/v3/bodies"] {
            let answer = post(&app, path, media_type, body.clone()).await;
            assert!(answer["status"].as_u64().unwrap() < 500);
            answers.insert(format!("{name} {path}"), answer["body"].clone());
        }
    }
    insta::assert_json_snapshot!(answers);
}

#[tokio::test]
async fn json_has_several_names() {
    let app = app().await;
    let names = [
        ("application/json", 200),
        ("Application/JSON; charset=utf-8", 200),
        ("application/merge-patch+json", 200),
        ("application/jsonp", 415),
        ("text/+json", 415),
        ("+json", 415),
        ("ü+json", 415),
        ("", 415),
    ];
    for (name, status) in names {
        let answer = post(&app, "/api/v1/bodies", name, "{\"text\": \"\"}").await;
        assert_eq!(answer["status"], status, "{name}");
    }
    let none = request(Method::POST, "/api/v1/bodies").body(Body::from("{}")).unwrap();
    assert_eq!(send(&app, none).await["status"], 415);
    let zipped = request(Method::POST, "/api/v1/bodies")
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::CONTENT_ENCODING, "gzip")
        .body(Body::from("{}"));
    assert_eq!(send(&app, zipped.unwrap()).await["status"], 415);
}

#[tokio::test]
async fn a_route_may_take_larger_bodies() {
    let app = app().await;
    let put = |length: usize| {
        let body = format!("{{\"text\": \"{}\"}}", "a".repeat(length));
        let request = request(Method::PUT, "/api/v1/large");
        request.header(header::CONTENT_TYPE, "application/json").body(Body::from(body)).unwrap()
    };
    assert_eq!(send(&app, put(1 << 20)).await["status"], 200);
    assert_eq!(send(&app, put(2 << 20)).await["status"], 413);
}

#[tokio::test]
async fn an_announced_length_is_refused_before_the_body_comes() {
    let app = app().await;
    let endless = Body::from_stream(futures_util::stream::pending::<Result<Vec<u8>, Error>>());
    let request = request(Method::POST, "/api/v1/bodies")
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::CONTENT_LENGTH, 10_000_000_000_u64);
    assert_eq!(send(&app, request.body(endless).unwrap()).await["status"], 413);
}

#[tokio::test(start_paused = true)]
async fn a_body_that_stalls_is_the_clients_fault() {
    let app = app().await;
    for path in ["/api/v1/bodies", "/youtube/v3/bodies"] {
        let stalled = Body::from_stream(futures_util::stream::pending::<Result<Vec<u8>, Error>>());
        let request = request(Method::POST, path).header(header::CONTENT_TYPE, "application/json");
        assert_eq!(send(&app, request.body(stalled).unwrap()).await["status"], 408, "{path}");
    }
}

#[tokio::test]
async fn who_takes_no_encoding_is_answered_all_the_same() {
    let app = app().await;
    let request = request(Method::POST, "/api/v1/bodies")
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::ACCEPT_ENCODING, "identity;q=0, *;q=0");
    let answer = send(&app, request.body(Body::from("{\"text\": \"\"}")).unwrap()).await;
    assert_eq!(answer["status"], 200);
}
