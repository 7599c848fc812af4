//! Numbers for Prometheus.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::get;
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};

/// Upper bounds of the buckets of every histogram named `…_seconds`: from a tenth of a millisecond,
/// about the fastest request, to the time-out of ten seconds.
const SECONDS: [f64; 16] = [
    0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5,
    5.0, 10.0,
];

/// How often observations are folded into their buckets when nobody scrapes; otherwise they would
/// pile up in memory.
const UPKEEP: Duration = Duration::from_secs(5);

/// This process' recorder, and when it began. A process has one.
static RECORDER: OnceLock<(PrometheusHandle, Instant)> = OnceLock::new();

/// Records all metrics from now on. Must be called inside a runtime; later calls answer the same
/// handle.
pub fn install() -> Result<PrometheusHandle, BuildError> {
    if let Some((handle, _)) = RECORDER.get() {
        return Ok(handle.clone());
    }
    let handle = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &SECONDS)?
        .install_recorder()?;
    let (handle, _) = RECORDER.get_or_init(|| (handle, Instant::now()));
    tokio::spawn(upkeep(handle.clone()));
    Ok(handle.clone())
}

/// `GET /metrics`.
pub fn routes(handle: PrometheusHandle) -> Router {
    Router::new().route("/metrics", get(scrape)).with_state(handle)
}

async fn scrape(State(handle): State<PrometheusHandle>) -> impl IntoResponse {
    observe_process();
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], handle.render())
}

async fn upkeep(handle: PrometheusHandle) {
    loop {
        tokio::time::sleep(UPKEEP).await;
        handle.run_upkeep();
    }
}

fn observe_process() {
    if let Some((_, started)) = RECORDER.get() {
        metrics::gauge!("docket_uptime_seconds").set(started.elapsed().as_secs_f64());
    }
    if let Some(kibibytes) = resident_kibibytes() {
        metrics::gauge!("docket_process_resident_bytes").set(f64::from(kibibytes) * 1024.0);
    }
}

/// This process' resident memory; `None` where the system has no `/proc`.
fn resident_kibibytes() -> Option<u32> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}
