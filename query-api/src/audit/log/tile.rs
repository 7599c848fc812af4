//! `/api/v1/audit/log/tile/{level}/{index}`

pub mod entries;

use axum::extract::{Path, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use event_log::tree::{HASH_SIZE, TileAt};
use tlog_tiles::Tile;
use web::Problem;

use super::{is_full, parse};
use crate::App;
use crate::allmine::documents::{LookUpErrors, QueryErrors};
use crate::error::{QueryError, Thing};
use crate::read::tree;

/// A finished tile never changes; a cache of the caller's own may keep it for a year.
const FINISHED: &str = "private, max-age=31536000, immutable";
/// One that is not finished grows under another name.
const UNFINISHED: &str = "private, no-cache";

/// A tile of hashes
///
/// As C2SP tlog-tiles has it: up to 256 hashes of 32 bytes. `index` is written in groups of three digits,
/// as in `x001/x234/067`; a tile that is not finished has its width behind it, as in `067.p/5`. For
/// auditors.
#[utoipa::path(get, path = "/api/v1/audit/log/tile/{level}/{*index}", tag = "audit",
    params(("level" = String, Path, description = "From 0, the leaves, to 7."),
        ("index" = String, Path, description = "Which tile of the level.")),
    responses((status = 200, body = Vec<u8>, content_type = "application/octet-stream"),
        QueryErrors, LookUpErrors))]
pub async fn tile(
    State(app): State<App>,
    Path((level, index)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let level = level.parse().map_err(|_| QueryError::NotFound(Thing::Tile))?;
    let tile = parse(level, &index)?;
    let hashes = hashes(&app, &tile).await?;
    let cache = if is_full(&tile) { FINISHED } else { UNFINISHED };
    let headers = [(CONTENT_TYPE, "application/octet-stream"), (CACHE_CONTROL, cache)];
    Ok((headers, hashes).into_response())
}

/// The first hashes of the tile, as many as are asked for.
async fn hashes(app: &App, tile: &Tile) -> Result<Vec<u8>, QueryError> {
    let at = TileAt { level: tile.level(), index: tile.level_index() };
    let mut hashes = tree::tile(app.pool(), at).await?.unwrap_or_default();
    let wanted = tile.width() as usize * HASH_SIZE;
    if hashes.len() < wanted {
        return Err(QueryError::NotFound(Thing::Tile));
    }
    hashes.truncate(wanted);
    Ok(hashes)
}
