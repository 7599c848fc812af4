//! Lays entries beside the hashes that they should have, and tells what was done to them.
//!
//! An entry tells its position, so whoever removes or inserts one and renumbers those after it changes
//! them all. That is why an entry without a place is tried again with the position of each place that is
//! left.

mod order;
mod renumbered;

use std::collections::{BTreeSet, HashMap};
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::FileExt;

use tlog_tiles::{HASH_SIZE, Hash};

use crate::entry::{Entry, at_position};

/// How far behind the end of hashes that only cover the beginning an entry may have been shifted.
const SHIFTED: u64 = 1 << 10;

/// The hashes that entries should have, in the order of the log.
#[derive(Debug)]
pub struct Reference {
    /// One for each entry; `None` where it is not known.
    pub hashes: Vec<Option<Hash>>,
    /// Whether there may rightly be more entries.
    pub is_beginning: bool,
    /// Whether positions leave nothing out.
    pub is_dense: bool,
}

/// An entry that should be at `index` and is the one served as number `served`, both from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Placed {
    /// Where it should be.
    pub index: u64,
    /// Where it is.
    pub served: u64,
}

/// What was done to the entries.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Differences {
    /// Entries with another content than the one that was there.
    pub changed: Vec<Placed>,
    /// Entries that nothing but the position of was changed.
    pub renumbered: Vec<Placed>,
    /// Where an entry was that is not there any more.
    pub missing: Vec<u64>,
    /// Entries that were not there, by their number among those that are served.
    pub inserted: Vec<u64>,
    /// Pairs of entries that have taken each other's place.
    pub swapped: Vec<[Placed; 2]>,
    /// Entries that are elsewhere.
    pub moved: Vec<Placed>,
    /// How many at the end were not looked at, because others were inserted and they were renumbered.
    pub shifted_out: u64,
    /// Entries of which nothing is known.
    pub unproven: u64,
    /// Which entry is where, changed ones left out.
    pub order: Vec<Placed>,
}

/// Lays entries beside hashes.
#[derive(Debug)]
pub struct Aligner {
    reference: Reference,
    index_of: HashMap<[u8; HASH_SIZE], u64>,
    taken: Vec<bool>,
    order: Vec<Placed>,
    odd: Vec<Odd>,
    spool: BufWriter<File>,
    spooled: u64,
    served: u64,
    unproven: u64,
}

/// An entry that is at none of the places.
#[derive(Debug, Clone, Copy)]
struct Odd {
    served: u64,
    /// Where its position says that it is.
    claimed: Option<u64>,
    offset: u64,
    length: usize,
}

impl Aligner {
    /// Before the first entry.
    pub fn new(reference: Reference) -> io::Result<Self> {
        let known = (0_u64..).zip(&reference.hashes);
        let index_of = known.filter_map(|(index, hash)| Some((hash.as_ref()?.0, index))).collect();
        Ok(Self {
            index_of,
            taken: vec![false; reference.hashes.len()],
            reference,
            order: vec![],
            odd: vec![],
            spool: BufWriter::new(tempfile::tempfile()?),
            spooled: 0,
            served: 0,
            unproven: 0,
        })
    }

    /// Adds the next entry.
    pub fn add(&mut self, entry: &Entry, bytes: &[u8]) -> io::Result<()> {
        let served = self.served;
        self.served += 1;
        if let Some(index) = self.index_of.get(&entry.hash.0).copied()
            && self.take(index)
        {
            self.order.push(Placed { index, served });
            return Ok(());
        }
        let position = entry.said.as_ref().ok().map(|said| said.position);
        let claimed = if self.reference.is_dense {
            position.and_then(|position| position.checked_sub(1))
        } else {
            Some(served)
        };
        if let Some(index) = claimed
            && self.is_unknown(index)
            && self.take(index)
        {
            self.unproven += 1;
            self.order.push(Placed { index, served });
            return Ok(());
        }
        let end = self.reference.hashes.len() as u64;
        if self.reference.is_beginning && served >= end + SHIFTED {
            return Ok(());
        }
        let (offset, length) = (self.spooled, bytes.len());
        self.spool.write_all(bytes)?;
        self.spooled += length as u64;
        self.odd.push(Odd { served, claimed, offset, length });
        Ok(())
    }

    /// What was done to the entries, when these are all.
    pub fn end(mut self) -> io::Result<Differences> {
        self.spool.flush()?;
        let places: Vec<u64> =
            (0_u64..).zip(&self.taken).filter(|(_, taken)| !**taken).map(|(i, _)| i).collect();
        let renumbered =
            if self.reference.is_dense { self.find_renumbered(&places)? } else { vec![] };
        self.order.extend(&renumbered);
        self.order.sort_unstable_by_key(|placed| placed.served);
        let disorder = order::of(&self.order);

        let matched: BTreeSet<Placed> = renumbered.iter().copied().collect();
        let elsewhere: BTreeSet<Placed> =
            disorder.swapped.iter().flatten().chain(&disorder.moved).copied().collect();
        let mut differences = Differences {
            renumbered: matched.difference(&elsewhere).copied().collect(),
            swapped: disorder.swapped,
            moved: disorder.moved,
            unproven: self.unproven,
            ..Differences::default()
        };
        let found: BTreeSet<u64> = renumbered.iter().map(|placed| placed.served).collect();
        let filled: BTreeSet<u64> = renumbered.iter().map(|placed| placed.index).collect();
        let odd = self.odd.iter().filter(|odd| !found.contains(&odd.served)).copied().collect();
        let places = places.into_iter().filter(|index| !filled.contains(index)).collect();
        self.pair(odd, places, &mut differences);
        self.leave_out_shifted(&mut differences);
        differences.order = self.order;
        Ok(differences)
    }

    /// Tells which of the entries that are left are changed ones.
    fn pair(&self, odd: Vec<Odd>, places: BTreeSet<u64>, differences: &mut Differences) {
        let mut places = places;
        let mut rest = vec![];
        for odd in odd {
            match odd.claimed {
                Some(index) if self.reference.is_dense && places.remove(&index) => {
                    differences.changed.push(Placed { index, served: odd.served });
                }
                _ => rest.push(odd),
            }
        }
        for odd in rest {
            // Between the same neighbours as a place that is empty, it is what has become of that entry.
            let after = self.order.partition_point(|placed| placed.served < odd.served);
            let lower = after.checked_sub(1).map_or(0, |at| self.order[at].index + 1);
            let end = self.reference.hashes.len() as u64;
            let upper = self.order.get(after).map_or(end, |placed| placed.index);
            let between = (lower < upper).then(|| places.range(lower..upper).next().copied());
            let is_later = self.reference.is_beginning && odd.claimed.is_none_or(|at| at >= end);
            match between.flatten().filter(|_| !is_later) {
                Some(index) => {
                    places.remove(&index);
                    differences.changed.push(Placed { index, served: odd.served });
                }
                None if !is_later => differences.inserted.push(odd.served),
                None => {}
            }
        }
        differences.changed.sort_unstable();
        differences.missing.extend(places);
    }

    /// Takes from what is missing at the end what was only shifted beyond it.
    fn leave_out_shifted(&self, differences: &mut Differences) {
        let Some(last) = self.order.last().filter(|_| !self.reference.is_beginning) else { return };
        let claimed = self.odd.iter().find(|odd| odd.served == last.served).and_then(|o| o.claimed);
        let mut shift = claimed.map_or(0, |claimed| claimed.saturating_sub(last.index));
        let mut end = self.reference.hashes.len() as u64;
        let is_inserted = !differences.inserted.is_empty();
        while is_inserted && shift > 0 && differences.missing.last().is_some_and(|i| i + 1 == end) {
            differences.missing.pop();
            differences.shifted_out += 1;
            (shift, end) = (shift - 1, end - 1);
        }
    }

    fn take(&mut self, index: u64) -> bool {
        let taken = usize::try_from(index).ok().and_then(|index| self.taken.get_mut(index));
        taken.is_some_and(|taken| !std::mem::replace(taken, true))
    }

    /// Whether there is such a place, and nothing is known of the entry there.
    fn is_unknown(&self, index: u64) -> bool {
        let at = usize::try_from(index).unwrap_or(usize::MAX);
        self.reference.hashes.get(at).is_some_and(Option::is_none)
    }

    fn hash_at(&self, index: u64) -> Option<Hash> {
        self.reference.hashes.get(usize::try_from(index).ok()?).copied().flatten()
    }

    /// Whether the entry, but for its position, is the one that was at `index`.
    fn fits(&self, bytes: &[u8], index: u64) -> bool {
        let Some(hash) = self.hash_at(index) else { return false };
        at_position(bytes, index + 1).is_some_and(|bytes| tlog_tiles::record_hash(&bytes) == hash)
    }

    fn bytes(&self, odd: &Odd) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; odd.length];
        self.spool.get_ref().read_exact_at(&mut bytes, odd.offset)?;
        Ok(bytes)
    }
}
