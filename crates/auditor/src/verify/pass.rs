//! The first pass over a log: everything that can be found without looking back.

use futures_util::StreamExt;

use crate::dump::End;
use crate::sequence::{Sequence, Sequenced};
use crate::source::{Part, Source, Unchecked};
use crate::tiles::{Served, count};
use crate::tree::{Tree, WIDTH};

/// What the first pass found.
#[derive(Debug)]
pub(super) struct Pass {
    /// The tree over the entries themselves.
    pub(super) entries: Tree,
    /// The tree that the server has; `None` where there is no server.
    pub(super) served: Option<Served>,
    /// How many tiles that are.
    pub(super) tiles: u64,
    /// What is irregular from one entry to the next.
    pub(super) sequenced: Sequenced,
    /// What an archive says at its end.
    pub(super) end: Option<End>,
    /// Why an archive has no end.
    pub(super) cut_short: Option<String>,
}

impl Pass {
    /// Goes over a log of `size` entries, or over an archive.
    pub(super) async fn over(
        source: &Source,
        size: u64,
        is_dense: bool,
    ) -> Result<Self, Unchecked> {
        let mut entries = Tree::new()?;
        let mut served = matches!(source, Source::Server(_)).then(Served::new).transpose()?;
        let (mut sequence, mut tiles) = (Sequence::new(is_dense), 0);
        let (mut end, mut cut_short) = (None, None);
        let mut parts = source.parts(size);
        while let Some(part) = parts.next().await {
            let run = match part? {
                Part::Run(run) => run,
                Part::End(found) => {
                    end = Some(found);
                    continue;
                }
                Part::CutShort(why) => {
                    cut_short = Some(why);
                    continue;
                }
            };
            let is_over = run.entries.is_empty()
                && run.tile.as_ref().is_some_and(|tile| tile.hashes.is_none());
            for bytes in run.entries {
                entries.push(bytes.entry.hash)?;
                sequence.add(bytes.entry);
            }
            if let (Some(served), Some(tile)) = (&mut served, run.tile) {
                served.push(tile, size)?;
                tiles += 1;
            }
            // A checkpoint may claim any size, and nobody can ask for all of it.
            if is_over {
                break;
            }
        }
        if let (Some(served), Source::Server(server)) = (&mut served, source) {
            let leaves = served.tree.size();
            for level in (1_u8..).take_while(|level| count(leaves, usize::from(*level)) > 0) {
                let hashes = count(leaves, usize::from(level));
                for n in 0..hashes.div_ceil(WIDTH) {
                    let tile = server.tile(level, n, size).await?;
                    served.push_above(level, tile, WIDTH.min(hashes - n * WIDTH));
                    tiles += 1;
                }
            }
            served.tree.flush()?;
        }
        entries.flush()?;
        let sequenced = sequence.end();
        Ok(Self { entries, served, tiles, sequenced, end, cut_short })
    }
}
