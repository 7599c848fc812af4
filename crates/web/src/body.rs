//! JSON bodies.

use std::error::Error;
use std::time::Duration;

use axum::Extension;
use axum::body::{Bytes, to_bytes};
use axum::extract::{FromRequest, Request};
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use http_body_util::LengthLimitError;

use crate::{Kind, Problem};

/// A body that claims to be JSON, unparsed: its fields are read with [`Fields`](crate::Fields).
/// 415 when it claims to be something else, 413 when it is too large or says that it will be, 408 when
/// it does not come.
#[derive(Debug, Clone)]
pub struct JsonBody(pub Bytes);

/// How long a client may take over a body: less than a whole request may take, so that a client that
/// stalls is told so, and is not counted as our failure.
const BODY_WITHIN: Duration = Duration::from_secs(8);

/// The largest body in bytes that a route takes.
#[derive(Debug, Clone, Copy)]
pub struct BodyLimit(usize);

/// For a route whose bodies may be larger than the edge's limit: `.layer(body_limit(2 << 20))`.
pub fn body_limit(bytes: usize) -> Extension<BodyLimit> {
    Extension(BodyLimit(bytes))
}

impl<S: Send + Sync> FromRequest<S> for JsonBody {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        if !is_json(request.headers()) {
            return Err(Problem::new(Kind::UnsupportedMediaType));
        }
        let limit = request.extensions().get::<BodyLimit>().map_or(0, |limit| limit.0);
        if length(request.headers()).is_some_and(|length| length > limit) {
            return Err(Problem::new(Kind::PayloadTooLarge));
        }
        match tokio::time::timeout(BODY_WITHIN, to_bytes(request.into_body(), limit)).await {
            Ok(Ok(body)) => Ok(Self(body)),
            Ok(Err(error)) if is_too_large(&error) => Err(Problem::new(Kind::PayloadTooLarge)),
            // The client went away, or lied about the length.
            Ok(Err(error)) => Err(Problem::new(Kind::Invalid).caused_by(error)),
            Err(elapsed) => Err(Problem::new(Kind::SlowBody).caused_by(elapsed)),
        }
    }
}

/// The length that the client announces. Hyper has refused what is no number.
fn length(headers: &HeaderMap) -> Option<usize> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

fn is_too_large(error: &axum::Error) -> bool {
    let source = error.source().and_then(|source| source.downcast_ref::<LengthLimitError>());
    source.is_some()
}

fn is_json(headers: &HeaderMap) -> bool {
    let Some(Ok(media_type)) = headers.get(CONTENT_TYPE).map(|value| value.to_str()) else {
        return false;
    };
    let essence = media_type.split(';').next().unwrap_or_default().trim();
    let structured = essence.len() > 5
        && essence.is_char_boundary(essence.len() - 5)
        && essence[..].to_ascii_lowercase().starts_with("application/")
        && essence[essence.len() - 5..].eq_ignore_ascii_case("+json");
    let plain = headers.get(CONTENT_ENCODING).is_none_or(|coding| coding == "identity");
    (essence.eq_ignore_ascii_case("application/json") || structured) && plain
}
