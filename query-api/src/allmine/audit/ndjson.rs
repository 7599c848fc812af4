//! Events as lines of JSON, as long as there are any.

use std::io;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use futures_util::{Stream, StreamExt, stream};

use crate::audit::Source;
use crate::audit::event::AuditEvent;
use crate::error::QueryError;
use crate::freshness::READ_POSITION;

const NDJSON: HeaderValue = HeaderValue::from_static("application/x-ndjson");

/// How long what was answered has to go out before the connection is broken off, which throws away whatever
/// has not. A yield would not do: compression asks again at once.
const LAST_WORDS: Duration = Duration::from_millis(50);

/// All of `source`. What is down at the start is told by a status; what breaks later breaks the answer off,
/// whose end then never comes.
pub(super) async fn answer(mut source: Source) -> Result<Response, QueryError> {
    let first = source.next().await?;
    let until = HeaderValue::from(source.head().0);
    let first = stream::iter(first.map(|events| lines(&events)));
    let body = Body::from_stream(first.chain(rest(source)));
    Ok(([(header::CONTENT_TYPE, NDJSON), (READ_POSITION, until)], body).into_response())
}

/// A page is read when the client has taken the one before.
fn rest(source: Source) -> impl Stream<Item = io::Result<Bytes>> {
    stream::try_unfold(source, |mut source| async {
        match source.next().await {
            Ok(None) => Ok(None),
            Ok(Some(events)) => Ok(Some((lines(&events)?, source))),
            Err(error) => Err(broken_off(error).await),
        }
    })
}

async fn broken_off(error: QueryError) -> io::Error {
    tokio::time::sleep(LAST_WORDS).await;
    tracing::warn!(error = &error as &dyn std::error::Error, "a history was broken off");
    io::Error::other(error)
}

fn lines(events: &[AuditEvent]) -> io::Result<Bytes> {
    let mut lines = Vec::new();
    for event in events {
        serde_json::to_writer(&mut lines, event)?;
        lines.push(b'\n');
    }
    Ok(lines.into())
}
