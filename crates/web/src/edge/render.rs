//! Every error leaves in the form of its dialect, whoever raised it.

use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::Response;
use events::Dialect;
use service::SharedClock;

use super::context::Context;
use crate::{Kind, Problem, allmine, youtube};

/// Gives a problem its body. An answer with a body in JSON, or a page, is finished already; an error without one
/// is the router's own, or a library's.
pub(super) fn finish(mut response: Response, context: &Context, clock: &SharedClock) -> Response {
    let status = response.status();
    let problem = match response.extensions_mut().remove::<Problem>() {
        Some(problem) => problem,
        None if status.as_u16() < 400 || is_finished(response.headers()) => return response,
        None => Problem::new(Kind::of(status)),
    };
    problem.log();
    render(&problem, response.headers(), context, clock)
}

/// Whether it has a body for its reader: in JSON, or a page for people.
fn is_finished(headers: &HeaderMap) -> bool {
    const FORMS: [&[u8]; 2] = [b"application/json", b"text/html"];
    let finished =
        |value: &HeaderValue| FORMS.iter().any(|form| value.as_bytes().starts_with(form));
    headers.get(CONTENT_TYPE).is_some_and(finished)
}

fn render(
    problem: &Problem,
    original: &HeaderMap,
    context: &Context,
    clock: &SharedClock,
) -> Response {
    let status = problem.kind.status(context.dialect);
    let mut response = match context.dialect {
        Dialect::Youtube => youtube::render(problem, status, context.language, context.pretty),
        Dialect::Allmine | Dialect::System => {
            allmine::render(problem, context.language, clock.now())
        }
    };
    *response.status_mut() = status;
    let headers = response.headers_mut();
    for (name, value) in original {
        if name != CONTENT_TYPE && name != CONTENT_LENGTH {
            headers.append(name, value.clone());
        }
    }
    if let Some(challenge) = problem.challenge {
        headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
    }
    if let Some(seconds) = problem.retry_seconds() {
        headers.insert(RETRY_AFTER, seconds.into());
    }
    response
}
