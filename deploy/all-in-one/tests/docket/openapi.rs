//! Nothing that the OpenAPI document describes is open by mistake.

use reqwest::Method;
use serde_json::Value;

use crate::api::{Answer, answer};
use crate::set_ups::{Installation, SetUp};

/// Every operation: method, path with its parameters filled in, and the operation itself.
fn operations(document: &Value) -> Vec<(Method, String, &Value)> {
    let mut operations = vec![];
    for (path, item) in document["paths"].as_object().unwrap() {
        let filled = path.split('/').map(|part| if part.starts_with('{') { "x" } else { part });
        let filled = filled.collect::<Vec<_>>().join("/");
        for (method, operation) in item.as_object().unwrap() {
            if let Ok(method) = method.to_uppercase().parse::<Method>() {
                operations.push((method, filled.clone(), operation));
            }
        }
    }
    operations
}

fn unauthenticated(path: &str, answer: &Answer) {
    let challenge = answer.header("www-authenticate");
    assert!(challenge.starts_with("Bearer"), "{path}: {challenge}");
    if path.starts_with("/youtube/") {
        assert_eq!(answer.reason(401), ("authError", "global"), "{path}");
        assert_eq!(answer.body["error"]["status"], "UNAUTHENTICATED", "{path}");
    } else {
        assert_eq!(answer.errors(401)[0], "Authentication required", "{path}");
    }
}

pub(crate) async fn every_operation_asks_who_is_there(set_up: SetUp) {
    let docket = Installation::start(set_up).await;
    let api = docket.api();
    let document = answer(api.anonymous(Method::GET, "/openapi.json")).await.body;
    let operations = operations(&document);
    assert!(operations.len() >= 17, "{}", operations.len());
    for (method, path, operation) in operations {
        assert!(operation["security"].is_array(), "{method} {path} says that it asks for a token");
        let nobody = answer(api.anonymous(method.clone(), &path)).await;
        unauthenticated(&path, &nobody);
        let forged = api.anonymous(method.clone(), &path).bearer_auth("not.a.token");
        unauthenticated(&path, &answer(forged).await);
        let roleless = answer(api.request("viewer", method.clone(), &path)).await;
        assert!(roleless.status.as_u16() < 500, "{method} {path}: {roleless:?}");
        assert_ne!(roleless.status, 401, "{method} {path}");
    }
    docket.stop().await;
}
