//! Reading hashes from tiles that are fetched when it is known which are needed.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use tlog_tiles::{Error, Hash, HashReader, Tile};

use super::{TILE_HEIGHT, TileAt};

/// Tiles of a tree, as far as they were fetched.
#[derive(Debug, Default)]
pub struct Tiles {
    found: BTreeMap<TileAt, Vec<u8>>,
    missing: RefCell<BTreeSet<TileAt>>,
}

impl Tiles {
    /// Where the tiles are that `compute` takes, which must ask for all of them before it fails for want of
    /// one.
    pub fn needed<T>(compute: impl FnOnce(&Self) -> T) -> Vec<TileAt> {
        let nothing = Self::default();
        // Without tiles nothing comes of it.
        drop(compute(&nothing));
        nothing.missing.into_inner().into_iter().collect()
    }

    /// These tiles.
    pub fn new(found: BTreeMap<TileAt, Vec<u8>>) -> Self {
        Self { found, missing: RefCell::default() }
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
        // All of them are asked for before one of them fails.
        let hashes: Vec<_> = indexes.iter().map(|index| self.hash(*index)).collect();
        hashes.into_iter().collect()
    }
}
