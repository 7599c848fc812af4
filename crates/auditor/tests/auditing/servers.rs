//! Servers that answer in their own way.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use axum::Router;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use serde_json::json;

use crate::history;
use crate::place::{Place, serve_router};

#[tokio::test]
async fn a_tree_that_was_tampered_with_is_told_apart_from_the_log() {
    let mut place = Place::usual();
    place.levels[0][32 * 17] ^= 1;
    insta::assert_json_snapshot!(place.check_server(&[]).await.findings());

    let mut place = Place::usual();
    place.levels[0][32 * 319] ^= 1;
    insta::assert_json_snapshot!(place.check_server(&[]).await.findings());

    let mut place = Place::usual();
    place.levels[1][0] ^= 1;
    insta::assert_json_snapshot!(place.check_server(&[]).await.findings());

    let mut place = Place::usual();
    place.levels.pop();
    insta::assert_json_snapshot!(place.check_server(&[]).await.findings());
}

#[tokio::test]
async fn log_and_tree_were_tampered_with_in_two_places() {
    let mut place = Place::usual();
    place.levels[0][32 * 17] ^= 1;
    place.tamper(|rows| rows[300]["recordedAt"] = json!("2026-01-15T10:30:00.000124Z"));
    insta::assert_json_snapshot!(place.check_server(&[]).await.findings());
}

#[tokio::test]
async fn log_and_tree_were_tampered_with_in_one_place() {
    let mut place = Place::usual();
    place.levels[0][32 * 17] ^= 1;
    place.tamper(|rows| rows[17]["recordedAt"] = json!("2026-01-15T10:30:00.000124Z"));
    insta::assert_json_snapshot!(place.check_server(&[]).await.findings());
}

#[tokio::test]
async fn a_short_log_is_good() {
    for streams in [1, 64, 65] {
        let place = Place::of(&history::of_streams(streams));
        let report = place.check_server(&place.memory()).await;
        assert_eq!(report.is_good()["checked"]["events"], streams * 4);
    }
}

#[tokio::test]
async fn a_busy_server_is_asked_again() {
    let tries = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&tries);
    let busy = move || {
        counted.fetch_add(1, Ordering::Relaxed);
        async { (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, "0")]).into_response() }
    };
    let url = serve_router(Router::new().fallback(busy)).await;
    let place = Place::usual();
    let said = place.check_archive(b"", &[]).await;
    assert_eq!(said.status, Some(2));
    let said = place.check_url(&url).await;
    assert_eq!(said.status, Some(2));
    let expected = format!(
        "auditor: {url}/api/v1/audit/log/checkpoint is answered with 503 Service Unavailable"
    );
    assert_eq!(said.complaint.trim(), expected);
    assert_eq!(tries.load(Ordering::Relaxed), 8);
}

#[tokio::test]
async fn a_server_that_refuses_is_not_asked_again() {
    let url = serve_router(Router::new().fallback(|| async { StatusCode::FORBIDDEN })).await;
    let said = Place::usual().check_url(&url).await;
    assert_eq!(said.status, Some(2));
    let expected = format!(
        "auditor: {url}/api/v1/audit/log/checkpoint is answered with 403 Forbidden: the token's \
         bearer needs the role auditor or admin"
    );
    assert_eq!(said.complaint.trim(), expected);
    let url = serve_router(Router::new()).await;
    let said = Place::usual().check_url(&url).await;
    assert_eq!(said.complaint.trim(), "auditor: the log has no checkpoint yet");
}

#[tokio::test]
async fn the_report_can_be_read() {
    let mut place = Place::usual();
    place.tamper(|rows| drop(rows.remove(120)));
    let url = place.serve().await;
    insta::assert_snapshot!(place.read(&url).await);
}
