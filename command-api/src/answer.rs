//! What a command answers, whatever its dialect.

use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::Response;
use event_log::Position;
use serde::Serialize;
use web::allmine;

use crate::App;

/// `X-Event-Position`: where the last event that made the answer stands in the log.
const POSITION: HeaderName = HeaderName::from_static("x-event-position");
/// `Idempotency-Replayed`: set when an earlier request had done it already.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// What a command answers.
#[derive(Debug)]
pub(crate) struct Answer<T> {
    /// What it was about, right after it.
    pub(crate) data: T,
    /// Where the last event that made it stands in the log.
    pub(crate) position: Position,
    /// Whether an earlier request had done it already.
    pub(crate) replayed: bool,
}

impl<T> Answer<T> {
    /// The same with other data.
    pub(crate) fn map<U>(self, f: impl FnOnce(T) -> U) -> Answer<U> {
        Answer { data: f(self.data), position: self.position, replayed: self.replayed }
    }

    /// `response` with the headers that every command's answer has.
    pub(crate) fn mark(&self, mut response: Response) -> Response {
        let headers = response.headers_mut();
        if let Ok(position) = HeaderValue::from_str(&self.position.to_string()) {
            headers.insert(POSITION, position);
        }
        if self.replayed {
            headers.insert(REPLAYED, HeaderValue::from_static("true"));
        }
        response
    }
}

impl<T: Serialize> Answer<T> {
    /// In the Allmine envelope.
    pub(crate) fn in_envelope(&self, status: StatusCode, app: &App) -> Response {
        self.mark(allmine::success(status, &self.data, app.clock.now()))
    }
}
