//! The Allmine dialect's envelope (contract §3).

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use events::{Dialect, Timestamp};
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

impl<T> Success<T> {
    /// The envelope of a good answer.
    pub fn new(status: StatusCode, data: T, now: DateTime<Utc>) -> Self {
        let (is_success, status_code) = (true, status.as_u16());
        Self { is_success, status_code, data, errors: [], timestamp: now.into() }
    }
}

impl Failure {
    /// The envelope of a problem, for where it does not leave as an answer over HTTP.
    pub fn new(problem: &Problem, language: Language, now: DateTime<Utc>) -> Self {
        let status_code = problem.kind.status(Dialect::Allmine).as_u16();
        let errors = problem.texts(language);
        Self { is_success: false, status_code, data: (), errors, timestamp: now.into() }
    }

    /// What is wrong, from the general to the particular.
    pub fn errors(&self) -> &[String] {
        &self.errors
    }
}

impl Problem {
    /// What is wrong: the text of its kind, then one per reason. What broke inside is nobody's business
    /// outside.
    pub fn texts(&self, language: Language) -> Vec<String> {
        let mut texts = vec![language.text(self.kind.text())];
        if self.kind != Kind::Internal {
            texts.extend(self.reasons.iter().map(|reason| language.reason(reason)));
        }
        texts
    }
}

/// A good answer.
pub fn success(status: StatusCode, data: impl Serialize, now: DateTime<Utc>) -> Response {
    (status, Json(Success::new(status, data, now))).into_response()
}

/// A problem as this dialect tells it.
pub(crate) fn render(problem: &Problem, language: Language, now: DateTime<Utc>) -> Response {
    Json(Failure::new(problem, language, now)).into_response()
}
