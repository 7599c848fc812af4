//! Nothing but health and documentation answers without a token.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use tower::ServiceExt;
use web::openapi;

use crate::support::{app, get_request, routes, send};

#[tokio::test]
async fn every_operation_asks_for_a_token() {
    let app = app().await;
    let operations = openapi::operations(routes().get_openapi());
    assert_eq!(operations.len(), 12);
    for (method, path) in operations {
        let request = Request::builder().method(&method).uri(&path).body(Body::empty()).unwrap();
        let answer = app.clone().oneshot(request).await.unwrap();
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED, "{method} {path}");
    }
}

#[tokio::test]
async fn health_and_documentation_are_open() {
    let app = app().await;
    for (path, status) in [("/health/ready", 503), ("/openapi.json", 200), ("/docs/", 200)] {
        let request = Request::builder().uri(path).body(Body::empty()).unwrap();
        let answer = app.clone().oneshot(request).await.unwrap();
        assert_eq!(answer.status(), status, "{path}");
    }
}

#[tokio::test]
async fn a_stranger_is_told_so_before_anything_else() {
    let app = app().await;
    let request = |path: &str| {
        let request = Request::builder().method(Method::POST).uri(path);
        let request = request.header("x-platform", "fridge").header("x-request-id", "request-1");
        request.body(Body::from("no json")).unwrap()
    };
    insta::assert_json_snapshot!(send(&app, request("/api/v1/bodies")).await, @r#"
    {
      "body": {
        "data": null,
        "errors": [
          "Authentication required",
          "a bearer token is required in the header Authorization"
        ],
        "isSuccess": false,
        "statusCode": 401,
        "timestamp": "2026-01-15T10:30:00.000Z"
      },
      "headers": {
        "cache-control": "no-store",
        "content-type": "application/json",
        "vary": "accept-encoding",
        "www-authenticate": "Bearer realm=\"docket\"",
        "x-content-type-options": "nosniff",
        "x-request-id": "request-1"
      },
      "status": 401
    }
    "#);
    insta::assert_json_snapshot!(send(&app, request("/youtube/v3/bodies")).await, @r#"
    {
      "body": {
        "error": {
          "code": 401,
          "errors": [
            {
              "domain": "global",
              "location": "Authorization",
              "locationType": "header",
              "message": "a bearer token is required in the header Authorization",
              "reason": "authError"
            }
          ],
          "message": "a bearer token is required in the header Authorization",
          "status": "UNAUTHENTICATED"
        }
      },
      "headers": {
        "cache-control": "no-store",
        "content-type": "application/json; charset=UTF-8",
        "vary": "accept-encoding",
        "www-authenticate": "Bearer realm=\"docket\"",
        "x-content-type-options": "nosniff",
        "x-request-id": "request-1"
      },
      "status": 401
    }
    "#);
}

#[tokio::test]
async fn a_handler_is_told_who_calls() {
    insta::assert_json_snapshot!(send(&app().await, get_request("/api/v1/whoami")).await, @r#"
    {
      "body": {
        "data": {
          "caller": "Caller { actor: Actor { id: UserId(\"673ac9e2c93fe18d3fdd23f1\"), roles: Roles({Moderator}) }, scopes: Scopes { youtube: true }, expires: Timestamp(2026-01-15T10:41:00Z) }",
          "client": "Client { dialect: Allmine, language: English, platform: Some(Web), timezone: Some(\"UTC\"), app_version: None, device_id: None, user_agent: None, client_ip: None, correlation_id: CorrelationId(\"request-1\") }",
          "key": null
        },
        "errors": [],
        "isSuccess": true,
        "statusCode": 200,
        "timestamp": "2026-01-15T10:30:00.000Z"
      },
      "headers": {
        "cache-control": "no-store",
        "content-type": "application/json",
        "vary": "accept-encoding",
        "x-content-type-options": "nosniff",
        "x-request-id": "request-1"
      },
      "status": 200
    }
    "#);
}
