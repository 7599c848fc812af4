//! JSON bodies.

use std::time::Duration;

use axum::Extension;
use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, Request};
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use http_body_util::BodyExt;

use crate::{Kind, Problem};

/// A body that claims to be JSON, unparsed: its fields are read with [`Fields`](crate::Fields).
/// 415 when it claims to be something else, 413 when it is too large or says that it will be, 408 when
/// it does not come.
#[derive(Debug, Clone)]
pub struct JsonBody(pub Bytes);

/// How long a client may take over a body: less than a whole request may take, so that a client that
/// stalls is told so, and is not counted as our failure.
const BODY_WITHIN: Duration = Duration::from_secs(8);

/// So many bytes beyond the limit are read and thrown away: a client that is still sending when the
/// connection is closed would see a reset, and not why.
const DRAIN: usize = 1 << 20;

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
        if length(request.headers()).is_some_and(|length| length > limit.saturating_add(DRAIN)) {
            return Err(Problem::new(Kind::PayloadTooLarge));
        }
        let body = tokio::time::timeout(BODY_WITHIN, read(request.into_body(), limit)).await;
        body.unwrap_or_else(|elapsed| Err(Problem::new(Kind::SlowBody).caused_by(elapsed)))
            .map(Self)
    }
}

/// The length that the client announces. Hyper has refused what is no number.
fn length(headers: &HeaderMap) -> Option<usize> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

async fn read(mut body: Body, limit: usize) -> Result<Bytes, Problem> {
    let (mut read, mut length) = (Vec::new(), 0_usize);
    while let Some(frame) = body.frame().await {
        // An error means that the client went away, or lied about the length.
        let frame = frame.map_err(|error| Problem::new(Kind::Invalid).caused_by(error))?;
        let Ok(data) = frame.into_data() else { continue };
        length = length.saturating_add(data.len());
        if length <= limit {
            read.extend_from_slice(&data);
        } else if length - limit > DRAIN {
            break;
        }
    }
    if length > limit { Err(Problem::new(Kind::PayloadTooLarge)) } else { Ok(read.into()) }
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
