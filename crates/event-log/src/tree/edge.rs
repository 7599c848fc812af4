//! The growing end of a tree.

use std::collections::BTreeMap;

use tlog_tiles::{Error, HASH_SIZE, Hash, HashReader, Tile, tree_hash};

use super::{TILE_HEIGHT, TILE_WIDTH, TileAt};

/// What a tree must remember of itself to grow and to tell its root: the unfinished tile of each level.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Edge {
    size: u64,
    /// By level; empty where a level's last tile is finished.
    open: Vec<Vec<u8>>,
}

/// What was kept of a tree does not fit its size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the tiles are not those of a tree of {size} leaves")]
pub struct BrokenTree {
    /// How many leaves the tree is said to have.
    pub size: u64,
}

impl Edge {
    /// Where the unfinished tiles of a tree of `size` leaves are.
    pub fn places(size: u64) -> Vec<TileAt> {
        let levels = (0..).map_while(|level| hashes(size, level).map(|count| (level, count)));
        let unfinished = levels.filter(|(_, count)| count % TILE_WIDTH as u64 != 0);
        unfinished
            .map(|(level, count)| TileAt { level, index: count / TILE_WIDTH as u64 })
            .collect()
    }

    /// The end of a tree of `size` leaves, whose tiles at [`Self::places`] are `tiles`.
    pub fn restore(size: u64, mut tiles: BTreeMap<TileAt, Vec<u8>>) -> Result<Self, BrokenTree> {
        let mut edge = Self { size, open: Vec::new() };
        for at in Self::places(size) {
            let tile = tiles.remove(&at).ok_or(BrokenTree { size })?;
            let count = hashes(size, at.level).unwrap_or_default() % TILE_WIDTH as u64;
            if tile.len() as u64 != count * HASH_SIZE as u64 {
                return Err(BrokenTree { size });
            }
            edge.open.resize(usize::from(at.level), Vec::new());
            edge.open.push(tile);
        }
        Ok(edge)
    }

    /// How many leaves the tree has.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Adds `leaves`. Every tile that is new or has grown, whole.
    pub fn grow(&mut self, leaves: impl IntoIterator<Item = Hash>) -> BTreeMap<TileAt, Vec<u8>> {
        let (before, mut changed) = (self.size, BTreeMap::new());
        for leaf in leaves {
            self.add(leaf, &mut changed);
            self.size += 1;
        }
        for at in Self::places(self.size) {
            if hashes(before, at.level) != hashes(self.size, at.level) {
                changed.insert(at, self.open[usize::from(at.level)].clone());
            }
        }
        changed
    }

    /// Adds a leaf; a tile that it fills adds its own root to the level above, and so on.
    fn add(&mut self, leaf: Hash, finished: &mut BTreeMap<TileAt, Vec<u8>>) {
        let (mut hash, mut index) = (leaf, self.size);
        for level in 0.. {
            index /= TILE_WIDTH as u64;
            if self.open.len() == usize::from(level) {
                self.open.push(Vec::with_capacity(TILE_WIDTH * HASH_SIZE));
            }
            let open = &mut self.open[usize::from(level)];
            open.extend_from_slice(&hash.0);
            if open.len() < TILE_WIDTH * HASH_SIZE {
                return;
            }
            hash = Tile::subtree_hash(open);
            finished.insert(TileAt { level, index }, std::mem::take(open));
        }
    }

    /// The root hash of the tree.
    pub fn root(&self) -> Result<Hash, Error> {
        tree_hash(self.size, self)
    }
}

/// The root takes nothing but what the unfinished tiles hold.
impl HashReader for Edge {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<Hash>, Error> {
        let hash = |&index: &u64| {
            let tile = Tile::from_index(TILE_HEIGHT, index);
            let open = self.open.get(usize::from(tile.level())).ok_or(Error::IndexesNotInTree)?;
            tile.hash_at_index(open, index)
        };
        indexes.iter().map(hash).collect()
    }
}

/// How many hashes all tiles of `level` hold together; `None` beyond the levels that have any.
fn hashes(size: u64, level: u8) -> Option<u64> {
    size.checked_shr(u32::from(TILE_HEIGHT) * u32::from(level)).filter(|count| *count > 0)
}

#[cfg(test)]
mod tests {
    use tlog_tiles::{record_hash, stored_hashes_for_record_hash};

    use super::*;

    fn leaf(n: u64) -> Hash {
        record_hash(&n.to_be_bytes())
    }

    /// Every hash of a tree, as the library keeps them.
    struct Reference(Vec<Hash>);

    impl HashReader for Reference {
        fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<Hash>, Error> {
            Ok(indexes.iter().map(|index| self.0[usize::try_from(*index).unwrap()]).collect())
        }
    }

    impl Reference {
        fn of(size: u64) -> Self {
            let mut reference = Self(Vec::new());
            for n in 0..size {
                let hashes = stored_hashes_for_record_hash(n, leaf(n), &reference).unwrap();
                reference.0.extend(hashes);
            }
            reference
        }

        fn tile(&self, at: TileAt, hashes: usize) -> Vec<u8> {
            let width = u32::try_from(hashes).unwrap();
            let tile = Tile::new(TILE_HEIGHT, at.level, at.index, width, false);
            tile.read_data(self).unwrap()
        }
    }

    /// Grows in these steps; in between, only the tiles at [`Edge::places`] are remembered.
    fn grown(steps: &[u64]) -> (Edge, BTreeMap<TileAt, Vec<u8>>) {
        let (mut size, mut tiles) = (0, BTreeMap::new());
        for step in steps {
            let places = Edge::places(size).into_iter();
            let open = places.map(|at| (at, BTreeMap::get(&tiles, &at).cloned().unwrap()));
            let mut edge = Edge::restore(size, open.collect()).unwrap();
            tiles.extend(edge.grow((size..size + step).map(leaf)));
            size += step;
            assert_eq!(edge.size(), size);
        }
        let open = tiles.clone();
        (Edge::restore(size, open).unwrap(), tiles)
    }

    #[test]
    fn tiles_and_roots_are_those_of_the_library() {
        let reference = Reference::of(66_000);
        for steps in [
            &[0][..],
            &[1],
            &[255],
            &[255, 1],
            &[256],
            &[256, 1],
            &[257, 0, 300, 1],
            &[65_535],
            &[65_535, 1],
            &[65_000, 536, 1],
            &[1, 65_999],
        ] {
            let (edge, tiles) = grown(steps);
            assert_eq!(edge.root().unwrap(), tree_hash(edge.size(), &reference).unwrap());
            let expected = Tile::new_tiles(TILE_HEIGHT, 0, edge.size());
            let at = |tile: &Tile| TileAt { level: tile.level(), index: tile.level_index() };
            assert!(
                tiles.keys().eq(expected
                    .iter()
                    .map(at)
                    .collect::<std::collections::BTreeSet<_>>()
                    .iter())
            );
            for (place, hashes) in tiles {
                assert_eq!(hashes, reference.tile(place, hashes.len() / HASH_SIZE), "{place:?}");
            }
        }
    }

    #[test]
    fn every_small_root_is_that_of_the_library() {
        let (reference, mut edge) = (Reference::of(700), Edge::default());
        for n in 0..700 {
            assert_eq!(edge.root().unwrap(), tree_hash(n, &reference).unwrap(), "{n}");
            edge.grow([leaf(n)]);
        }
    }

    #[test]
    fn a_tree_whose_tiles_do_not_fit_its_size_is_broken() {
        let (_, tiles) = grown(&[300]);
        let broken = |size, tiles: &BTreeMap<_, _>| Edge::restore(size, tiles.clone()).is_err();
        assert!(broken(301, &tiles));
        assert!(broken(299, &tiles));
        assert!(broken(300, &BTreeMap::new()));
        assert!(!broken(300, &tiles));
    }
}
