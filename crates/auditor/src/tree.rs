//! The Merkle tree over hashes of leaves that come in order: leaves on disk, everything above in memory,
//! an eighth of a byte for each.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::FileExt;

use tlog_tiles::{Error, HASH_SIZE, Hash, HashReader, Tile, tree_hash};

/// Levels that a tile spans.
pub const HEIGHT: u8 = 8;
/// Hashes in a whole tile.
pub const WIDTH: u64 = 1 << HEIGHT;
/// Bytes of a whole tile.
const TILE: usize = HASH_SIZE << HEIGHT;

/// A tree that grows.
#[derive(Debug)]
pub struct Tree {
    leaves: BufWriter<File>,
    size: u64,
    open: Vec<u8>,
    /// By level from 1 on: the hashes of all whole tiles below.
    rows: Vec<Vec<u8>>,
}

impl Tree {
    /// A tree without leaves, which will be kept in a file that nobody sees.
    pub fn new() -> io::Result<Self> {
        let leaves = BufWriter::new(tempfile::tempfile()?);
        Ok(Self { leaves, size: 0, open: vec![], rows: vec![] })
    }

    /// How many leaves it has.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Adds a leaf.
    pub fn push(&mut self, leaf: Hash) -> io::Result<()> {
        self.leaves.write_all(&leaf.0)?;
        self.size += 1;
        self.open.extend(leaf.0);
        if self.open.len() < TILE {
            return Ok(());
        }
        let mut hash = Tile::subtree_hash(&self.open);
        self.open.clear();
        for level in 0.. {
            if self.rows.len() == level {
                self.rows.push(vec![]);
            }
            let row = &mut self.rows[level];
            row.extend(hash.0);
            if !row.len().is_multiple_of(TILE) {
                return Ok(());
            }
            hash = Tile::subtree_hash(&row[row.len() - TILE..]);
        }
        Ok(())
    }

    /// Everything that was added is read from now on.
    pub fn flush(&mut self) -> io::Result<()> {
        self.leaves.flush()
    }

    /// The root of its first `size` leaves; `None` when it has fewer, or cannot read them.
    pub fn root(&self, size: u64) -> Option<Hash> {
        if size > self.size {
            return None;
        }
        tree_hash(size, self).ok()
    }

    /// The hashes of level `level` (of tiles), from 1 on.
    pub fn row(&self, level: usize) -> &[u8] {
        self.rows.get(level - 1).map_or(&[], Vec::as_slice)
    }

    /// The hashes of its leaves from `first` on, at most `count`.
    pub fn leaves(&self, first: u64, count: u64) -> io::Result<Vec<u8>> {
        let count = count.min(self.size.saturating_sub(first));
        let mut bytes = vec![0; usize::try_from(count).map_err(io::Error::other)? * HASH_SIZE];
        self.leaves.get_ref().read_exact_at(&mut bytes, first * HASH_SIZE as u64)?;
        Ok(bytes)
    }
}

impl HashReader for Tree {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<Hash>, Error> {
        let hash = |&index: &u64| {
            let tile = Tile::from_index(HEIGHT, index);
            let first = tile.level_index() * WIDTH;
            if tile.level() == 0 {
                let leaves = self.leaves(first, u64::from(tile.width()));
                return tile.hash_at_index(&leaves.map_err(|_| Error::IndexesNotInTree)?, index);
            }
            let start = usize::try_from(first).map_err(|_| Error::IndexesNotInTree)? * HASH_SIZE;
            let row = self.row(usize::from(tile.level())).get(start..);
            tile.hash_at_index(row.ok_or(Error::IndexesNotInTree)?, index)
        };
        indexes.iter().map(hash).collect()
    }
}

/// The hashes in these bytes.
pub fn hashes(bytes: &[u8]) -> impl Iterator<Item = Hash> {
    bytes.as_chunks::<HASH_SIZE>().0.iter().map(|bytes| Hash(*bytes))
}
