//! What surrounds every request, whatever the route.

use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::http::{Method, Request, StatusCode, header};
use serde_json::Map;
use tower::ServiceExt;
use web::edge;

use crate::support::{app, config, extra, get_request, request, routes, send};

#[tokio::test]
async fn what_the_router_refuses_leaves_in_the_dialect_of_the_path() {
    let app = app().await;
    let mut answers = Map::new();
    for (method, path) in [
        (Method::GET, "/"),
        (Method::GET, "/api/v1/nowhere"),
        (Method::GET, "/youtube/v3/nowhere"),
        (Method::PATCH, "/api/v1/bodies"),
        (Method::PATCH, "/youtube/v3/bodies"),
        (Method::DELETE, "/api/v1/things/17"),
        (Method::GET, "/api/v1/things/17"),
        (Method::GET, "/api/v1/things/%FF"),
        (Method::GET, "/api/v1/things/%00"),
        (Method::POST, "/health/ready"),
    ] {
        // Who asks for what does not exist need not say who he is.
        let mut request = request(method.clone(), path).body(Body::empty()).unwrap();
        if method == Method::GET && !path.contains("things") {
            request.headers_mut().remove(header::AUTHORIZATION);
        }
        answers.insert(format!("{method} {path}"), send(&app, request).await);
    }
    insta::assert_json_snapshot!(answers);
}

#[tokio::test]
async fn a_panic_is_a_constant_500() {
    let app = app().await;
    for path in ["/api/v1/panics", "/youtube/v3/panics"] {
        insta::assert_json_snapshot!(send(&app, get_request(path)).await);
    }
}

#[tokio::test]
async fn a_time_out_is_503() {
    let mut config = config().await;
    config.time_out = Duration::from_millis(1);
    let app = edge(routes(), config, extra());
    for path in ["/api/v1/hangs", "/youtube/v3/hangs"] {
        insta::assert_json_snapshot!(send(&app, get_request(path)).await);
    }
}

#[tokio::test]
async fn headers_and_addresses_are_bounded() {
    let app = app().await;
    let many = (0..65).fold(request(Method::GET, "/api/v1/whoami"), |request, nth| {
        request.header(format!("x-{nth}"), "1")
    });
    let long = request(Method::GET, "/youtube/v3/whoami").header("x-long", "a".repeat(16 * 1024));
    let far = request(Method::GET, &format!("/api/v1/whoami?{}", "a".repeat(8 * 1024)));
    let mut answers = Vec::new();
    for request in [many, long, far] {
        answers.push(send(&app, request.body(Body::empty()).unwrap()).await);
    }
    insta::assert_json_snapshot!(answers);
}

#[tokio::test]
async fn health_keeps_its_own_body() {
    let request = Request::builder().uri("/health/ready").body(Body::empty()).unwrap();
    let answer = send(&app().await, request).await;
    assert_eq!(answer["body"], serde_json::json!({"ok": false}));
}

#[tokio::test]
async fn head_and_options() {
    let app = app().await;
    let head = request(Method::HEAD, "/api/v1/whoami").body(Body::empty()).unwrap();
    let answer = app.clone().oneshot(head).await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    assert!(to_bytes(answer.into_body(), 1).await.unwrap().is_empty());

    let options = request(Method::OPTIONS, "/api/v1/whoami").body(Body::empty()).unwrap();
    let answer = app.oneshot(options).await.unwrap();
    assert_eq!(answer.status(), StatusCode::NO_CONTENT);
    assert_eq!(answer.headers()[header::ALLOW], "GET,HEAD");
}

#[tokio::test]
async fn answers_are_compressed_when_asked_for() {
    let app = app().await;
    for path in ["/api/v1/whoami", "/youtube/v3/whoami?part=id", "/nowhere"] {
        let request = request(Method::GET, path).header(header::ACCEPT_ENCODING, "gzip");
        let answer = app.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(answer.headers()[header::CONTENT_ENCODING], "gzip", "{path}");
        let body = to_bytes(answer.into_body(), usize::MAX).await.unwrap();
        assert_eq!(body[..2], [0x1f, 0x8b], "{path}");
    }
    let plain = send(&app, get_request("/api/v1/whoami")).await;
    assert_eq!(plain["headers"].get("content-encoding"), None);
}
