//! The Allmine dialect's envelope (contract §3).

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use events::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{Kind, Language, Problem};

/// A good answer: the envelope around its data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "the wire calls it isSuccess")]
pub struct Success<T> {
    /// Always `true`.
    is_success: bool,
    /// The HTTP status again.
    status_code: u16,
    data: T,
    /// Always empty.
    #[schema(max_items = 0)]
    errors: [String; 0],
    /// When it was answered.
    #[schema(value_type = String, format = DateTime)]
    timestamp: Timestamp,
}

/// A bad answer: the envelope around what is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Failure {
    /// Always `false`.
    is_success: bool,
    /// The HTTP status again.
    status_code: u16,
    /// Always `null`.
    #[schema(value_type = Option<String>)]
    data: (),
    /// First a text that is fixed per status, then one per field or reason: `field: text`.
    errors: Vec<String>,
    /// When it was answered.
    #[schema(value_type = String, format = DateTime)]
    timestamp: Timestamp,
}

/// A page of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Listing<T> {
    /// The entries.
    pub list: Vec<T>,
    /// Which page it is.
    pub pagination: Pagination,
}

/// Which page of how many.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Pagination {
    /// From 1.
    pub current_page: u32,
    /// How many there are.
    pub total_pages: u64,
    /// How many entries all pages have.
    pub total_items: u64,
    /// How many entries a page has at most.
    pub items_per_page: u32,
    /// Whether another follows.
    pub has_next_page: bool,
    /// Whether another precedes.
    pub has_prev_page: bool,
    /// Given back as `cursor`, the next page, at a cost that does not grow with depth.
    pub next_cursor: Option<String>,
}

/// A good answer.
pub fn success(status: StatusCode, data: impl Serialize, now: DateTime<Utc>) -> Response {
    let envelope = Success {
        is_success: true,
        status_code: status.as_u16(),
        data,
        errors: [],
        timestamp: now.into(),
    };
    (status, Json(envelope)).into_response()
}

/// A problem as this dialect tells it.
pub(crate) fn render(
    problem: &Problem,
    status: StatusCode,
    language: Language,
    now: DateTime<Utc>,
) -> Response {
    let mut errors = vec![language.text(problem.kind.text())];
    // What broke inside is nobody's business outside.
    if problem.kind != Kind::Internal {
        errors.extend(problem.reasons.iter().map(|reason| language.reason(reason)));
    }
    let status_code = status.as_u16();
    let timestamp = now.into();
    Json(Failure { is_success: false, status_code, data: (), errors, timestamp }).into_response()
}
