//! Reading hashes from tiles that are brought as they are needed.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use tlog_tiles::{Error, Hash, HashReader, Tile};

use super::{TILE_HEIGHT, TileAt};

/// Tiles of a tree. What is computed from them may need others, and says which: bring these and
/// compute again.
#[derive(Debug, Default)]
pub struct Tiles {
    found: BTreeMap<TileAt, Vec<u8>>,
    missing: RefCell<BTreeSet<TileAt>>,
}

impl Tiles {
    /// Adds a tile, or a wider form of it.
    pub fn insert(&mut self, at: TileAt, hashes: Vec<u8>) {
        self.found.insert(at, hashes);
    }

    /// What the last computation needed and did not find.
    pub fn take_missing(&mut self) -> BTreeSet<TileAt> {
        std::mem::take(self.missing.get_mut())
    }

    fn hash(&self, index: u64) -> Result<Hash, Error> {
        let tile = Tile::from_index(TILE_HEIGHT, index);
        let at = TileAt { level: tile.level(), index: tile.level_index() };
        let Some(hashes) = self.found.get(&at) else {
            self.missing.borrow_mut().insert(at);
            return Err(Error::IndexesNotInTree);
        };
        tile.hash_at_index(hashes, index)
    }
}

impl HashReader for Tiles {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<Hash>, Error> {
        // All of them are asked for, so that all that is missing is known after one try.
        let hashes: Vec<_> = indexes.iter().map(|index| self.hash(*index)).collect();
        hashes.into_iter().collect()
    }
}
