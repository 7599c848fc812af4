//! Which of the served tiles belong to the tree that was signed.

use tlog_tiles::{Error, HASH_SIZE, Hash, HashReader, Tile, tree_hash};

use crate::source::ServedTile;
use crate::tree::{HEIGHT, Tree, WIDTH, hashes};

/// All tiles that a server has served, level by level.
#[derive(Debug)]
pub struct Served {
    /// The tree over its leaf hashes.
    pub tree: Tree,
    /// The tiles of the levels above, from 1 on, their hashes in a row.
    pub above: Vec<Vec<u8>>,
    /// The tiles that it does not have.
    pub absent: Vec<String>,
}

/// What of the served tiles is proven.
#[derive(Debug)]
pub struct Proven {
    /// The hashes of the leaves, where they are known to be those of the tree that was signed.
    pub leaves: Vec<Option<Hash>>,
    /// The tiles that are not of that tree.
    pub wrong: Vec<String>,
}

/// How many hashes a level has.
pub fn count(size: u64, level: usize) -> u64 {
    u32::try_from(level * usize::from(HEIGHT))
        .ok()
        .and_then(|shift| size.checked_shr(shift))
        .unwrap_or(0)
}

impl Served {
    /// Nothing yet.
    pub fn new() -> std::io::Result<Self> {
        Ok(Self { tree: Tree::new()?, above: vec![], absent: vec![] })
    }

    /// Adds a tile of leaf hashes of a tree of `size` leaves.
    pub fn push(&mut self, tile: ServedTile, size: u64) -> std::io::Result<()> {
        let width = WIDTH.min(size.saturating_sub(self.tree.size()));
        let hashes = tile.hashes.unwrap_or_else(|| {
            self.absent.push(tile.name);
            // No leaf has this hash, so that such a tile is as wrong as another.
            (0..width).map(|_| Hash::default()).collect()
        });
        hashes.into_iter().try_for_each(|hash| self.tree.push(hash))
    }

    /// Adds a tile of a level above.
    pub fn push_above(&mut self, level: u8, tile: ServedTile, width: u64) {
        let hashes = tile.hashes.unwrap_or_else(|| {
            self.absent.push(tile.name);
            (0..width).map(|_| Hash::default()).collect()
        });
        self.above.resize(self.above.len().max(usize::from(level)), vec![]);
        self.above[usize::from(level) - 1].extend(hashes.iter().flat_map(|hash| hash.0));
    }

    /// Whether all of them are those of the tree of this root.
    pub fn are_of(&self, size: u64, root: Hash) -> bool {
        let above = |(level, row): (usize, &Vec<u8>)| self.tree.row(level + 1) == row.as_slice();
        self.tree.size() == size
            && self.tree.root(size) == Some(root)
            && self.above.iter().enumerate().all(above)
    }

    /// Sorts the tiles that are of the tree of this root from those that are not, from the root downwards.
    /// Where a tile is wrong, the hashes of the `entries` take its place, if they are the right ones.
    /// `None` when neither tiles nor entries lead to that root.
    pub fn prove(&self, entries: &Tree, size: u64, root: Hash) -> std::io::Result<Option<Proven>> {
        let levels = (0..64).take_while(|level| count(size, *level) > 0).count();
        let rows = |tree: &Tree, above: &dyn Fn(usize) -> Vec<u8>| {
            let leaves = tree.leaves(0, size)?;
            let rows: Vec<Vec<u8>> = (1..levels).map(above).collect();
            Ok::<_, std::io::Error>([vec![leaves], rows].concat())
        };
        let served =
            rows(&self.tree, &|level| self.above.get(level - 1).cloned().unwrap_or_default());
        let own = rows(entries, &|level| entries.row(level).to_vec());
        let search = Search { size, levels, served: served?, own: own? };
        Ok(search.edges(root).map(|edges| search.descend(&edges)))
    }
}

/// The hashes of both, by level.
struct Search {
    size: u64,
    levels: usize,
    served: Vec<Vec<u8>>,
    own: Vec<Vec<u8>>,
}

/// The unfinished tiles of each level: nothing else is needed for the root.
struct Edges<'a>(Vec<&'a [u8]>);

impl HashReader for Edges<'_> {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<Hash>, Error> {
        let hash = |&index: &u64| {
            let tile = Tile::from_index(HEIGHT, index);
            let edge = self.0.get(usize::from(tile.level())).ok_or(Error::IndexesNotInTree)?;
            tile.hash_at_index(edge, index)
        };
        indexes.iter().map(hash).collect()
    }
}

impl Search {
    /// For each level whether the unfinished tile of the entries' own tree is taken instead of the served
    /// one, so that they lead to the root.
    fn edges(&self, root: Hash) -> Option<Vec<bool>> {
        let choices = (0_u32..1 << self.levels.min(16)).map(|bits| {
            (0..self.levels).map(|level| bits >> level & 1 == 1).collect::<Vec<bool>>()
        });
        let leads = |choice: &Vec<bool>| {
            let tile = |level| self.tile(level, count(self.size, level) / WIDTH, choice[level]);
            let edges = Edges((0..self.levels).map(tile).collect());
            tree_hash(self.size, &edges).is_ok_and(|hash| hash == root)
        };
        { choices }.find(leads)
    }

    fn tile(&self, level: usize, n: u64, own: bool) -> &[u8] {
        let row = if own { &self.own[level] } else { &self.served[level] };
        let at = |n: u64| usize::try_from(n.saturating_mul(WIDTH)).unwrap_or(usize::MAX);
        let bytes = |hashes: usize| hashes.saturating_mul(HASH_SIZE).min(row.len());
        &row[bytes(at(n))..bytes(at(n + 1))]
    }

    fn descend(&self, edges: &[bool]) -> Proven {
        let mut wrong = vec![];
        let mut above: Vec<Option<Hash>> = vec![];
        for level in (0..self.levels).rev() {
            let mut row = vec![];
            for (n, parent) in
                (0_u64..).zip(&above).take_while(|(n, _)| *n < count(self.size, level) / WIDTH)
            {
                let is_right = |own: bool| {
                    let tile = self.tile(level, n, own);
                    let is_whole = tile.len() as u64 == WIDTH * HASH_SIZE as u64;
                    is_whole && Some(Tile::subtree_hash(tile)) == *parent
                };
                let right = [false, true].into_iter().find(|own| is_right(*own));
                if parent.is_some() && right != Some(false) {
                    wrong.push(name(level, n));
                }
                match right {
                    Some(own) => row.extend(hashes(self.tile(level, n, own)).map(Some)),
                    None => row.extend((0..WIDTH).map(|_| None)),
                }
            }
            let last = count(self.size, level) / WIDTH;
            let edge = self.tile(level, last, edges[level]);
            if edges[level] && edge != self.tile(level, last, false) {
                wrong.push(name(level, last));
            }
            row.extend(hashes(edge).map(Some));
            above = row;
        }
        wrong.sort();
        Proven { leaves: above, wrong }
    }
}

/// As in the server's addresses, its width left out.
fn name(level: usize, n: u64) -> String {
    let level = u8::try_from(level).unwrap_or(u8::MAX).min(63);
    let path = Tile::new(HEIGHT, level, n, 1 << HEIGHT, false).path();
    format!("tile/{}", path.strip_prefix("tile/8/").unwrap_or(&path))
}
