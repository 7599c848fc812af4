//! The root of the Merkle tree over a log, without the tree.

use tlog_tiles::{EMPTY_HASH, Hash, node_hash, record_hash};

/// The tree over the entries so far, as the roots of its complete subtrees, largest first: at most one
/// of each size.
#[derive(Debug, Clone, Default)]
pub struct Root {
    entries: u64,
    subtrees: Vec<Hash>,
}

impl Root {
    /// Over no entry.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next canonical entry in.
    pub fn push(&mut self, entry: &[u8]) {
        let mut hash = record_hash(entry);
        // As many equal subtrees meet as binary digits carry when one is added.
        for _ in 0..self.entries.trailing_ones() {
            if let Some(left) = self.subtrees.pop() {
                hash = node_hash(left, hash);
            }
        }
        self.subtrees.push(hash);
        self.entries += 1;
    }

    /// How many entries it is over.
    pub fn entries(&self) -> u64 {
        self.entries
    }

    /// The root hash.
    pub fn hash(&self) -> Hash {
        let mut smallest_first = self.subtrees.iter().rev().copied();
        let smallest = smallest_first.next().unwrap_or(EMPTY_HASH);
        smallest_first.fold(smallest, |right, left| node_hash(left, right))
    }

    /// The root hash in base64, as archives and proofs have it.
    pub fn base64(&self) -> String {
        use base64::Engine;

        base64::engine::general_purpose::STANDARD.encode(self.hash().0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 9162, section 2.1.1, word for word.
    fn by_definition(entries: &[Vec<u8>]) -> Hash {
        match entries {
            [] => EMPTY_HASH,
            [one] => record_hash(one),
            _ => {
                let half = entries.len().next_power_of_two() / 2;
                let (left, right) = entries.split_at(half);
                node_hash(by_definition(left), by_definition(right))
            }
        }
    }

    #[test]
    fn the_root_is_that_of_the_definition_at_every_size() {
        let entries: Vec<Vec<u8>> = (0..70u8).map(|n| vec![n; usize::from(n)]).collect();
        let mut root = Root::new();
        for size in 0..=entries.len() {
            assert_eq!(root.hash(), by_definition(&entries[..size]), "of {size}");
            root.push(entries.get(size).map_or(&[], Vec::as_slice));
        }
    }

    #[test]
    fn the_root_of_nothing_is_the_hash_of_nothing() {
        assert_eq!(Root::new().base64(), "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
    }
}
