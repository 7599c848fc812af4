//! What every kind of problem looks like: kind × dialect × language, whole answers.

use crate::support::{app, request, send};
use axum::body::Body;
use axum::http::Method;
use serde_json::{Map, Value};
use web::Kind;

async fn matrix(query: &str) -> Value {
    let app = app().await;
    let mut matrix = Map::new();
    for kind in Kind::ALL {
        for dialect in ["api/v1", "youtube/v3"] {
            for language in ["en", "tr"] {
                let path = format!("/{dialect}/problems/{kind:?}{query}");
                let request = request(Method::GET, &path).header("x-language", language);
                let answer = send(&app, request.body(Body::empty()).unwrap()).await;
                matrix.insert(format!("{kind:?} {dialect} {language}"), answer);
            }
        }
    }
    Value::Object(matrix)
}

#[tokio::test]
async fn every_kind_in_every_dialect_and_language() {
    insta::assert_json_snapshot!(matrix("").await);
}

#[tokio::test]
async fn with_reasons() {
    insta::assert_json_snapshot!(matrix("?reasons").await);
}
