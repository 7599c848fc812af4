//! `/api/v1/audit/log/…`: the proof that the log is what it was.
//!
//! The checkpoint and the tiles are what C2SP's tlog-tiles describes, so that programs for such logs work.
//! Entries are read from the log itself, when they are asked for: whoever hashes them sees whether they
//! are still those that the tree was made of.

pub mod checkpoint;
pub mod proof;
pub mod tile;

use event_log::tree::{Hash, TILE_HEIGHT, TILE_WIDTH};
use tlog_tiles::{Checkpoint, Tile};

use crate::App;
use crate::error::{QueryError, Thing};
use crate::read::tree::{self, Head};

/// No tree of 64-bit sizes has more levels of tiles.
const LEVELS: u8 = 64 / TILE_HEIGHT;

/// How many events the last checkpoint covers.
fn signed_size(head: &Head) -> Result<u64, QueryError> {
    let note = head.checkpoint.as_ref().ok_or(QueryError::NotFound(Thing::Checkpoint))?;
    // The signatures follow after a blank line.
    let checkpoint = Checkpoint::from_reader(&mut note.as_bytes(), false);
    Ok(checkpoint.map_err(|_| QueryError::NotFound(Thing::Checkpoint))?.size())
}

/// The size of a tree that is asked for by `size`, or else that of the last checkpoint.
async fn size(app: &App, size: Option<u64>) -> Result<u64, QueryError> {
    let head = tree::head(app.pool()).await?;
    match size {
        Some(size) if size > head.size => Err(QueryError::NotFound(Thing::Leaf)),
        Some(size) => Ok(size),
        None => signed_size(&head),
    }
}

/// The tile that a path below `tile/{level}/` names: `x001/x234/067` or `x001/x234/067.p/5`.
fn parse(level: u8, path: &str) -> Result<Tile, QueryError> {
    // The library panics at a width of 0.
    let named = level < LEVELS && !path.ends_with(".p/0");
    let tile = named.then(|| Tile::from_path(&format!("tile/{TILE_HEIGHT}/{level}/{path}")).ok());
    tile.flatten().ok_or(QueryError::NotFound(Thing::Tile))
}

/// Whether nothing can be added to the tile.
fn is_full(tile: &Tile) -> bool {
    tile.width() as usize == TILE_WIDTH
}

fn shown(path: &[Hash]) -> Vec<String> {
    path.iter().map(Hash::to_string).collect()
}
