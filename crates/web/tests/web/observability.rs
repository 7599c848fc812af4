//! What the log and the metrics remember of a request, and what they must not.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use axum::body::Body;
use axum::http::Method;
use metrics_exporter_prometheus::PrometheusBuilder;
use tracing::Level;

use crate::support::{app, get_request, request, send, token};

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Log {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(text)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Everything that requests leave in a log at its most talkative.
async fn log_of(requests: Vec<axum::http::Request<Body>>) -> String {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(Level::TRACE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    let app = app().await;
    let _default = tracing::subscriber::set_default(subscriber);
    for request in requests {
        send(&app, request).await;
    }
    log.text()
}

#[tokio::test]
async fn the_log_holds_no_token_and_no_query_string() {
    let log = log_of(vec![
        get_request("/api/v1/whoami?secret=hidden-1"),
        get_request("/youtube/v3/whoami?part=id&access_token=hidden-2"),
        get_request("/nowhere?secret=hidden-3"),
    ])
    .await;
    assert!(log.contains("request_id=\"request-1\"") && log.contains("path=\"/api/v1/whoami\""));
    assert!(!log.contains("hidden"), "{log}");
    assert!(!log.contains(&token()), "{log}");
}

#[tokio::test]
async fn a_cause_is_logged_once_and_never_answered() {
    let log = log_of(vec![get_request("/api/v1/problems/Internal")]).await;
    let cause = "must be 24 lower-case hexadecimal digits";
    assert_eq!(log.matches(cause).count(), 1, "{log}");
    let answer = send(&app().await, get_request("/api/v1/problems/Internal")).await;
    assert!(!answer.to_string().contains(cause));
}

#[tokio::test]
async fn a_trace_is_gone_on_with() {
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    let good = format!("00-{trace}-00f067aa0ba902b7-01");
    let log = |traceparent: &str| {
        let request = request(Method::GET, "/nowhere").header("traceparent", traceparent);
        log_of(vec![request.body(Body::empty()).unwrap()])
    };
    let told = log(&good).await;
    assert!(told.contains(&format!("trace_id=\"{trace}\"")), "{told}");
    assert!(told.contains("parent_id=\"00f067aa0ba902b7\""), "{told}");
    let later = format!("01-{trace}-00f067aa0ba902b7-01-more");
    assert!(log(&later).await.contains("trace_id"));
    let bad = [
        String::new(),
        trace.to_owned(),
        good.to_uppercase(),
        format!("{good}-more"),
        format!("ff-{trace}-00f067aa0ba902b7-01"),
        format!("00-{}-00f067aa0ba902b7-01", "0".repeat(32)),
        format!("00-{trace}-{}-01", "0".repeat(16)),
        format!("00-{trace}-00f067aa0ba902b7-1"),
    ];
    for traceparent in bad {
        assert!(!log(&traceparent).await.contains("trace_id"), "{traceparent}");
    }
}

#[tokio::test]
async fn requests_are_counted_by_route_and_timed() {
    let recorder = PrometheusBuilder::new().build_recorder();
    let metrics = recorder.handle();
    let app = app().await;
    let _default = metrics::set_default_local_recorder(&recorder);
    for path in ["/api/v1/things/1", "/api/v1/things/2", "/nowhere/1", "/nowhere/2"] {
        send(&app, get_request(path)).await;
    }
    let invented = Method::from_bytes(b"BREW").unwrap();
    send(&app, request(invented, "/nowhere").body(Body::empty()).unwrap()).await;
    let text = metrics.render();
    let mut counts: Vec<_> =
        text.lines().filter(|line| line.starts_with("docket_http_requests_total{")).collect();
    counts.sort_unstable();
    insta::assert_json_snapshot!(counts, @r#"
    [
      "docket_http_requests_total{method=\"GET\",route=\"/api/v1/things/{id}\",status=\"400\"} 2",
      "docket_http_requests_total{method=\"GET\",route=\"none\",status=\"404\"} 2",
      "docket_http_requests_total{method=\"other\",route=\"none\",status=\"404\"} 1"
    ]
    "#);
    assert!(text.contains("docket_http_request_duration_seconds"));
}
