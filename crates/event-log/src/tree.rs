//! The Merkle tree over a log: the hashes of RFC 9162 in the tiles of C2SP tlog-tiles.
//!
//! A leaf is the hash of an event's [canonical entry](crate::canonical). Everything above it follows from
//! the leaves alone, so whoever has the entries can compute the same tree.

mod edge;
mod tiles;

pub use edge::{BrokenTree, Edge};
pub use tiles::Tiles;
pub use tlog_tiles::{Error as ProofError, HASH_SIZE, Hash};

use crate::{RecordedEvent, canonical};

/// How many levels of the tree a tile spans (C2SP tlog-tiles).
pub const TILE_HEIGHT: u8 = 8;

/// The most hashes in a tile.
pub const TILE_WIDTH: usize = 1 << TILE_HEIGHT;

/// The longest entry in bytes: C2SP tlog-tiles writes its length in two bytes.
pub const MAX_ENTRY: usize = u16::MAX as usize;

/// Where a tile is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TileAt {
    /// From 0 for tiles of leaf hashes, one more for each [`TILE_HEIGHT`] levels of the tree.
    pub level: u8,
    /// Which of its level, from 0.
    pub index: u64,
}

/// The event can be no leaf.
#[derive(Debug, thiserror::Error)]
pub enum EntryError {
    /// Its JSON has no canonical form.
    #[error("has no canonical form")]
    NoForm(#[from] serde_json::Error),
    /// Tiles of entries could not hold it.
    #[error("has an entry of {0} bytes, more than {MAX_ENTRY}")]
    TooLong(usize),
}

/// The event's canonical entry, where a tile of entries can hold it.
pub fn entry(event: &RecordedEvent) -> Result<Vec<u8>, EntryError> {
    let entry = canonical::entry(event)?;
    if entry.len() > MAX_ENTRY { Err(EntryError::TooLong(entry.len())) } else { Ok(entry) }
}

/// The hash of the event's leaf.
pub fn leaf(event: &RecordedEvent) -> Result<Hash, EntryError> {
    Ok(tlog_tiles::record_hash(&entry(event)?))
}
