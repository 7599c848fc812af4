//! What the log and the metrics remember of a request: never a token, never a query string.

use std::error::Error;
use std::fmt::Write;
use std::time::Instant;

use axum::extract::{MatchedPath, Request};
use axum::http::{Method, StatusCode};
use events::CorrelationId;
use tracing::Span;

use crate::{Kind, Problem};

pub(super) fn span(request: &Request, id: &CorrelationId) -> Span {
    let trace = request.headers().get("traceparent").and_then(|value| value.to_str().ok());
    let trace = trace.and_then(trace_ids);
    tracing::info_span!(
        "request",
        method = %request.method(),
        path = request.uri().path(),
        request_id = id.as_str(),
        trace_id = trace.map(|(trace, _)| trace),
        parent_id = trace.map(|(_, parent)| parent),
    )
}

/// The trace and the parent span of a W3C `traceparent`: `00-<32 hex>-<16 hex>-<2 hex>`, neither of
/// them zero.
fn trace_ids(traceparent: &str) -> Option<(&str, &str)> {
    let hex = |text: &str, length| {
        let lower_hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
        text.len() == length && text.bytes().all(lower_hex)
    };
    let mut parts = traceparent.split('-');
    let (version, trace, parent, flags) =
        (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    // A later version may add parts, this one may not.
    let known = hex(version, 2) && version != "ff" && (version != "00" || parts.next().is_none());
    let set = |text: &str| text.bytes().any(|b| b != b'0');
    let well_formed = hex(trace, 32) && hex(parent, 16) && hex(flags, 2);
    (known && well_formed && set(trace) && set(parent)).then_some((trace, parent))
}

impl Problem {
    /// Logs it and its causes, once: the edge does for answers over HTTP.
    pub fn log(&self) {
        let causes = self.cause.as_deref().map(|cause| chain(cause)).unwrap_or_default();
        match self.kind {
            Kind::Internal => tracing::error!(causes, "internal error"),
            Kind::Unavailable => tracing::warn!(causes, "unavailable"),
            _ => tracing::debug!(problem = %self, causes, "refused"),
        }
    }
}

fn chain(cause: &(dyn Error + 'static)) -> String {
    let mut text = cause.to_string();
    let mut source = cause.source();
    while let Some(cause) = source {
        // Writing to a string cannot fail.
        let _ = write!(text, ": {cause}");
        source = cause.source();
    }
    text
}

/// Counts and times an answer, by the route's template: paths hold ids, and would never end.
pub(super) fn answered(
    method: &Method,
    route: Option<&MatchedPath>,
    status: StatusCode,
    started: Instant,
) {
    let elapsed = started.elapsed();
    let route = route.map_or("none", MatchedPath::as_str).to_owned();
    let labels = [
        ("method", known(method).into()),
        ("route", metrics::SharedString::from(route)),
        ("status", status.as_u16().to_string().into()),
    ];
    metrics::counter!("docket_http_requests_total", &labels).increment(1);
    metrics::histogram!("docket_http_request_duration_seconds", &labels).record(elapsed);
    tracing::debug!(status = status.as_u16(), ?elapsed, "answered");
}

/// A label has few values, whatever methods clients invent.
fn known(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "other",
    }
}
