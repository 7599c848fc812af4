//! Limits per caller.

use axum::Router;
use axum::body::Body;
use axum::http::{Method, header};
use serde_json::{Value, json};
use web::edge;

use crate::support::{claims, config, extra, request, routes, send, sign};

async fn app(rate_limit: u32) -> Router {
    let mut config = config().await;
    config.rate_limit = rate_limit;
    edge(routes(), config, extra())
}

async fn command(app: &Router, path: &str, caller: &str) -> Value {
    let mut claims = claims();
    claims["sub"] = json!(caller);
    let mut request = request(Method::POST, path)
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from("{\"text\": \"a\"}"))
        .unwrap();
    let token = format!("Bearer {}", sign(&claims)).parse().unwrap();
    request.headers_mut().insert(header::AUTHORIZATION, token);
    send(app, request).await
}

#[tokio::test]
async fn a_caller_over_his_limit_is_told_in_his_dialect() {
    for path in ["/api/v1/bodies", "/youtube/v3/bodies"] {
        let app = app(1).await;
        let first = command(&app, path, "first").await;
        assert_eq!(first["status"], 200);
        assert_eq!(first["headers"]["ratelimit-policy"], "\"commands\";q=1;w=1");
        assert_eq!(first["headers"]["ratelimit"], "\"commands\";r=0;t=1");
        insta::assert_json_snapshot!(command(&app, path, "first").await);
        assert_eq!(command(&app, path, "second").await["status"], 200);
    }
}

#[tokio::test]
async fn queries_are_not_limited() {
    let app = app(1).await;
    for _ in 0..10 {
        let request = request(Method::GET, "/api/v1/whoami").body(Body::empty()).unwrap();
        let answer = send(&app, request).await;
        assert_eq!(answer["status"], 200);
        assert_eq!(answer["headers"].get("ratelimit"), None);
    }
}

#[tokio::test]
async fn there_is_no_limit_unless_configured() {
    let app = app(0).await;
    for _ in 0..10 {
        let answer = command(&app, "/api/v1/bodies", "caller").await;
        assert_eq!((&answer["status"], answer["headers"].get("ratelimit")), (&json!(200), None));
    }
}
