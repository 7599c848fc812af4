//! `/api/v1/moderation/feed`

mod event;
mod frames;

use std::convert::Infallible;

use axum::Extension;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use futures_util::{Stream, StreamExt, stream};
use service::http::Ending;
use web::{Caller, LastEventId, Problem};

pub use event::{FeedEvent, FeedPosition, Unreadable};

use super::documents::{FeedErrors, FeedParameters, QueryErrors};
use crate::feed::{self, Feed};
use crate::{App, freshness};

const EVENT_STREAM: HeaderValue = HeaderValue::from_static("text/event-stream");
/// For nginx, which would otherwise wait for more than one event.
const BUFFERING: (HeaderName, HeaderValue) =
    (HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));

/// Follow what happens
///
/// Server-sent events: every moderation event that the caller may see, as it happens. Platform staff see all; those who
/// create or moderate live streams see the bans of these. `id:` is the event's position in the log, `event:` its type,
/// `data:` the event. With `Last-Event-ID` it begins behind that position, 0 being the beginning of history; without,
/// now. Every 15 seconds at the latest something comes. It ends when the caller's token expires, when the client is too
/// slow, and when the server ends: come back with the last id.
#[utoipa::path(get, path = "/api/v1/moderation/feed", tag = "feed", params(FeedParameters),
    responses((status = 200, body = FeedEvent, content_type = "text/event-stream"), QueryErrors, FeedErrors))]
pub async fn follow(
    State(app): State<App>,
    caller: Caller,
    LastEventId(last): LastEventId,
    ending: Option<Extension<Ending>>,
) -> Result<Response, Problem> {
    let after = feed::parse(&app, last.as_deref())?;
    let ending = ending.map(|Extension(Ending(ending))| ending).unwrap_or_default();
    let feed = feed::open(&app, caller, after, ending).await?;
    Ok(answer(feed, app.new_id().0))
}

fn answer(feed: Feed, id: u128) -> Response {
    let begin = freshness::READ_POSITION;
    let position = HeaderValue::from(feed.start().0);
    let headers = [(header::CONTENT_TYPE, EVENT_STREAM), BUFFERING, (begin, position)];
    (headers, Body::from_stream(told(feed, retry(id)))).into_response()
}

/// After how many milliseconds the client is to come back: 1 to 5 seconds, by chance, so that those whom a restart has
/// thrown out do not come back all at once.
fn retry(id: u128) -> u64 {
    // What of an id is not its time is random.
    1_000 + u64::try_from(id % 4_000).unwrap_or_default()
}

/// What goes over the wire, as far as the client takes it.
fn told(feed: Feed, retry: u64) -> impl Stream<Item = Result<Bytes, Infallible>> {
    let begin = frames::begin(feed.start(), retry);
    let rest = stream::unfold(feed, |mut feed| async move {
        let told = feed.next().await?;
        let frames = frames::of(&told, feed.viewer());
        Some((frames, feed))
    });
    stream::iter([begin]).chain(rest).map(Ok)
}
