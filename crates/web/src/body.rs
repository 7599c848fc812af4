//! JSON bodies.

use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, FailedToBufferBody};
use axum::extract::{DefaultBodyLimit, FromRequest, Request};
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_ENCODING, CONTENT_TYPE};

use crate::{Kind, Problem};

/// A body that claims to be JSON, unparsed: its fields are read with [`Fields`](crate::Fields).
/// 415 when it claims to be something else, 413 when it is too large.
#[derive(Debug, Clone)]
pub struct JsonBody(pub Bytes);

/// For a route whose bodies may be larger than the edge's limit: `.layer(body_limit(2 << 20))`.
pub fn body_limit(bytes: usize) -> DefaultBodyLimit {
    DefaultBodyLimit::max(bytes)
}

impl<S: Send + Sync> FromRequest<S> for JsonBody {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        if !is_json(request.headers()) {
            return Err(Problem::new(Kind::UnsupportedMediaType));
        }
        Bytes::from_request(request, state).await.map(Self).map_err(|error| match error {
            BytesRejection::FailedToBufferBody(FailedToBufferBody::LengthLimitError(_)) => {
                Problem::new(Kind::PayloadTooLarge)
            }
            // The client went away, or lied about the length.
            other => Problem::new(Kind::Invalid).caused_by(other),
        })
    }
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
