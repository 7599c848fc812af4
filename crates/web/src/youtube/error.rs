//! Errors in Google's form.

use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use super::JSON;
use crate::{Kind, Language, Problem, Reason, YouTubeReason};

/// A bad answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = YouTubeFailure)]
pub(crate) struct Failure {
    error: Told,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = YouTubeStatus)]
struct Told {
    /// The HTTP status again.
    code: u16,
    /// The first error's message.
    message: String,
    errors: Vec<Item>,
    /// Google's name for the status; absent where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<&'static str>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = YouTubeError)]
struct Item {
    message: String,
    domain: &'static str,
    reason: &'static str,
    /// The parameter, header or field that is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<String>,
    /// `parameter`, `header` or `other` (a field of the body).
    #[serde(skip_serializing_if = "Option::is_none")]
    location_type: Option<&'static str>,
}

/// A problem as this dialect tells it.
pub(crate) fn render(
    problem: &Problem,
    status: StatusCode,
    language: Language,
    pretty: bool,
) -> Response {
    let errors = items(problem, language);
    let message = errors.first().map(|item| item.message.clone()).unwrap_or_default();
    let told = Told { code: status.as_u16(), message, errors, status: name(problem.kind) };
    let failure = Failure { error: told };
    let write = if pretty { serde_json::to_vec_pretty } else { serde_json::to_vec };
    // Strings and numbers always serialise.
    let body = write(&failure).unwrap_or_default();
    ([(CONTENT_TYPE, JSON)], body).into_response()
}

fn items(problem: &Problem, language: Language) -> Vec<Item> {
    // What broke inside is nobody's business outside.
    if problem.kind == Kind::Internal || problem.reasons.is_empty() {
        let message = language.text(problem.kind.text());
        return vec![item(message, by_default(problem.kind))];
    }
    let told = |reason: &Reason| {
        let name = reason.youtube.as_deref().cloned();
        item(language.reason(reason), name.unwrap_or_else(|| by_default(problem.kind)))
    };
    problem.reasons.iter().map(told).collect()
}

fn item(message: String, name: YouTubeReason) -> Item {
    let YouTubeReason { reason, domain, location } = name;
    let (location, location_type) = location.unzip();
    Item { message, domain, reason, location: location.map(Into::into), location_type }
}

/// What Google calls such a status; `None` where its list of canonical codes has nothing.
fn name(kind: Kind) -> Option<&'static str> {
    match kind {
        Kind::Invalid | Kind::KeyReused => Some("INVALID_ARGUMENT"),
        Kind::Unauthenticated => Some("UNAUTHENTICATED"),
        Kind::Forbidden => Some("PERMISSION_DENIED"),
        Kind::NotFound => Some("NOT_FOUND"),
        Kind::Conflict => Some("ABORTED"),
        Kind::RateLimited => Some("RESOURCE_EXHAUSTED"),
        Kind::Internal => Some("INTERNAL"),
        Kind::Unavailable => Some("UNAVAILABLE"),
        Kind::MethodNotAllowed
        | Kind::SlowBody
        | Kind::PayloadTooLarge
        | Kind::UriTooLong
        | Kind::UnsupportedMediaType
        | Kind::HeadersTooLarge => None,
    }
}

/// What this dialect calls a problem that says nothing more precise.
fn by_default(kind: Kind) -> YouTubeReason {
    let reason = match kind {
        Kind::Unauthenticated => {
            return YouTubeReason::global("authError").header("Authorization");
        }
        Kind::RateLimited => return YouTubeReason::of("youtube.quota", "rateLimitExceeded"),
        Kind::Invalid => "badRequest",
        Kind::Forbidden => "insufficientPermissions",
        Kind::NotFound => "notFound",
        Kind::MethodNotAllowed => "httpMethodNotAllowed",
        Kind::Conflict => "conflict",
        Kind::SlowBody => "requestTimeout",
        Kind::PayloadTooLarge => "uploadTooLarge",
        Kind::UriTooLong => "uriTooLong",
        Kind::UnsupportedMediaType => "badContent",
        Kind::KeyReused => "idempotencyKeyReused",
        Kind::HeadersTooLarge => "headersTooLarge",
        Kind::Internal | Kind::Unavailable => "backendError",
    };
    YouTubeReason::global(reason)
}
