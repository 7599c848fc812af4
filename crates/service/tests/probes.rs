//! Health and metrics, as an operator's machines ask for them.

#![expect(clippy::unwrap_used, reason = "a failed step of a test is a failed test")]

use axum::Router;
use serde_json::{Value, json};
use service::{Check, Health, health, http, metrics};
use tokio_util::sync::CancellationToken;

async fn serve(router: Router) -> String {
    let listener = http::bind(([127, 0, 0, 1], 0).into()).await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(http::serve(listener, router, CancellationToken::new()));
    base
}

async fn get(url: String) -> (u16, Value) {
    let answer = reqwest::get(url).await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

#[tokio::test]
async fn ready_only_when_every_check_is_good() {
    let health = Health::new();
    let base = serve(health::routes(health.clone())).await;
    assert_eq!(get(format!("{base}/health/live")).await, (200, json!({ "status": "live" })));
    assert_eq!(
        get(format!("{base}/health/ready")).await,
        (200, json!({ "status": "ready", "checks": {} }))
    );

    health.register("log", || Check::good(json!({ "lag": 0 })));
    health.set("tables", Check::bad(json!("unreachable")));
    let log = json!({ "ok": true, "detail": { "lag": 0 } });
    let tables = json!({ "ok": false, "detail": "unreachable" });
    assert_eq!(
        get(format!("{base}/health/ready")).await,
        (503, json!({ "status": "not ready", "checks": { "log": log, "tables": tables } }))
    );

    health.set("tables", Check::good(Value::Null));
    let (status, _) = get(format!("{base}/health/ready")).await;
    assert_eq!(status, 200);
}

#[tokio::test]
async fn what_is_recorded_is_scraped() {
    let handle = metrics::install().unwrap();
    let base = serve(metrics::routes(handle)).await;
    ::metrics::counter!("docket_test_total").increment(3);
    ::metrics::histogram!("docket_test_seconds").record(0.002);
    let text = reqwest::get(format!("{base}/metrics")).await.unwrap().text().await.unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines.contains(&"docket_test_total 3"), "{text}");
    assert!(lines.contains(&r#"docket_test_seconds_bucket{le="0.001"} 0"#), "{text}");
    assert!(lines.contains(&r#"docket_test_seconds_bucket{le="0.0025"} 1"#), "{text}");
    assert!(lines.iter().any(|line| line.starts_with("docket_uptime_seconds ")), "{text}");
}
