//! `/api/v1/audit/log/tile/entries/{index}`

use axum::extract::{Path, State};
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use event_log::RecordedEvent;
use event_log::tree::{TILE_WIDTH, entry};
use tlog_tiles::Tile;
use web::Problem;

use super::super::parse;
use crate::App;
use crate::allmine::documents::{LookUpErrors, QueryErrors};
use crate::error::{QueryError, Thing};
use crate::read::tree;

/// A tile of entries
///
/// The events of which the tile of the same name at level 0 holds the hashes, each as the two bytes of its
/// length, big-endian, and its canonical entry. They are read from the log when they are asked for: where
/// somebody has changed it, this is what he made of it. For auditors.
#[utoipa::path(get, path = "/api/v1/audit/log/tile/entries/{*index}", tag = "audit",
    params(("index" = String, Path, description = "Which tile of the entries.")),
    responses((status = 200, body = Vec<u8>, content_type = "application/octet-stream"),
        QueryErrors, LookUpErrors))]
pub async fn entries(
    State(app): State<App>,
    Path(index): Path<String>,
) -> Result<Response, Problem> {
    let bundle = bundle(&read(&app, &parse(0, &index)?).await?);
    Ok(([(CONTENT_TYPE, "application/octet-stream")], bundle).into_response())
}

/// What the log holds where the events of the tile were.
async fn read(app: &App, tile: &Tile) -> Result<Vec<RecordedEvent>, QueryError> {
    let first = tile.level_index().checked_mul(TILE_WIDTH as u64);
    let first = first.ok_or(QueryError::NotFound(Thing::Tile))?;
    let span = tree::span(app.pool(), first, tile.width().into()).await?;
    let (after, until) = span.ok_or(QueryError::NotFound(Thing::Tile))?;
    Ok(app.reader().read_raw(after, until).await?)
}

/// An event that has no entry any more is left out, as if it were not there: it is none that was hashed.
fn bundle(events: &[RecordedEvent]) -> Vec<u8> {
    let mut bundle = Vec::new();
    for entry in events.iter().filter_map(|event| entry(event).ok()) {
        let Ok(length) = u16::try_from(entry.len()) else { continue };
        bundle.extend_from_slice(&length.to_be_bytes());
        bundle.extend_from_slice(&entry);
    }
    bundle
}
