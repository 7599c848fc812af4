//! The OpenAPI document, and the page that shows it.

use axum::body::Body;
use axum::http::Request;
use serde_json::Value;
use web::openapi;

use crate::support::{app, routes, send};

async fn get(path: &str) -> Value {
    send(&app().await, Request::builder().uri(path).body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn every_reference_in_the_document_leads_somewhere() {
    let document = get("/openapi.json").await["body"].clone();
    let expected = serde_json::to_value(openapi::complete(routes().into_openapi())).unwrap();
    assert_eq!(document, expected);
    let mut references = Vec::new();
    collect(&document, &mut references);
    assert!(references.len() > 100);
    for reference in references {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{reference}");
    }
}

fn collect(value: &Value, references: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            if let Some(Value::String(reference)) = fields.get("$ref") {
                references.push(reference.clone());
            }
            fields.values().for_each(|value| collect(value, references));
        }
        Value::Array(items) => items.iter().for_each(|value| collect(value, references)),
        _ => {}
    }
}

#[tokio::test]
async fn an_operation_has_what_all_share() {
    let document = get("/openapi.json").await["body"].clone();
    assert_eq!(document["openapi"], "3.1.0");
    assert_eq!(document["components"]["securitySchemes"]["token"]["scheme"], "bearer");
    insta::assert_json_snapshot!(document["paths"]["/api/v1/bodies"]);
    insta::assert_json_snapshot!(document["paths"]["/youtube/v3/whoami"]);
}

/// Every file that the page loads is here, as what the browser takes it for, and nothing comes from
/// elsewhere.
#[tokio::test]
async fn the_page_works_without_an_outside_network() {
    assert_eq!(get("/docs").await["headers"]["location"], "/docs/");
    let page = get("/docs/").await;
    assert_eq!(page["headers"]["content-type"], "text/html");
    let html = page["body"].as_str().unwrap();
    let links = html.split(['"', '\'']).filter(|text| text.starts_with("./"));
    let links: Vec<_> = links.map(|link| link.trim_start_matches("./")).collect();
    assert!(links.len() >= 5, "{links:?}");
    for link in links {
        let file = get(&format!("/docs/{link}")).await;
        assert_eq!(file["status"], 200, "{link}");
        let expected = match link.rsplit_once('.').unwrap().1 {
            "css" => "text/css",
            "js" => "text/javascript",
            _ => "image/png",
        };
        assert_eq!(file["headers"]["content-type"], expected, "{link}");
    }
    // The policy forbids scripts in the page itself, so there must be none.
    assert!(!html.contains("http://") && !html.contains("https://"));
    assert!(
        html.split("<script").skip(1).all(|tag| tag.split('>').next().unwrap().contains("src="))
    );
    let start = get("/docs/swagger-initializer.js").await;
    assert!(start["body"].as_str().unwrap().contains("/openapi.json"));
    assert_eq!(
        page["headers"]["content-security-policy"],
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' \
         data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    assert_eq!(page["headers"]["cache-control"], "no-cache");
}

#[tokio::test]
async fn an_unknown_file_of_the_page_is_not_found() {
    assert_eq!(get("/docs/nothing.js").await["status"], 404);
}
