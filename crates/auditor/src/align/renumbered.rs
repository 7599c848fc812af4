//! Entries of which nothing but the position was changed.

use std::io;

use super::{Aligner, Placed};

/// So many tries to find a place take seconds. Beyond, entries are only compared one by one.
const AFFORDABLE: usize = 1 << 18;
/// How many entries and places may have been skipped before the next that fit.
const WINDOW: usize = 96;
/// How many places in a row may be empty, where entries were removed.
const REMOVED: usize = 1 << 14;
/// After so many entries in a row without a place, the search is given up but for the closest places.
const PATIENCE: u32 = 8;

impl Aligner {
    /// The places among `places` that odd entries have but for their position.
    pub(super) fn find_renumbered(&self, places: &[u64]) -> io::Result<Vec<Placed>> {
        let all: Vec<usize> = (0..self.odd.len()).collect();
        if all.len() * places.len() <= AFFORDABLE {
            return self.try_all(&all, places);
        }
        let mut found = self.follow(places)?;
        let odd: Vec<usize> = all
            .into_iter()
            .filter(|at| {
                let served = self.odd[*at].served;
                found.binary_search_by_key(&served, |placed| placed.served).is_err()
            })
            .collect();
        let filled: std::collections::BTreeSet<u64> = found.iter().map(|p| p.index).collect();
        let left: Vec<u64> = places.iter().copied().filter(|i| !filled.contains(i)).collect();
        if odd.len().saturating_mul(left.len()) <= AFFORDABLE {
            found.extend(self.try_all(&odd, &left)?);
        }
        Ok(found)
    }

    fn try_all(&self, odd: &[usize], places: &[u64]) -> io::Result<Vec<Placed>> {
        let (mut found, mut places) = (vec![], places.to_vec());
        for at in odd {
            let odd = &self.odd[*at];
            let bytes = self.bytes(odd)?;
            if let Some(at) = places.iter().position(|index| self.fits(&bytes, *index)) {
                found.push(Placed { index: places.remove(at), served: odd.served });
            }
        }
        Ok(found)
    }

    /// Goes along both, so that a shift of all that follows costs one try each.
    fn follow(&self, places: &[u64]) -> io::Result<Vec<Placed>> {
        let (mut found, mut at, mut place, mut failed) = (vec![], 0, 0, 0);
        while at < self.odd.len() && place < places.len() {
            let window = if failed < PATIENCE { WINDOW } else { 2 };
            let removed = if failed == 0 { REMOVED } else { 0 };
            if let Some((entries, empty)) = self.next_fit(at, &places[place..], window, removed)? {
                (at, place, failed) = (at + entries, place + empty, 0);
                found.push(Placed { index: places[place], served: self.odd[at].served });
                place += 1;
            } else {
                failed += 1;
                // What claims this place is what was made of the entry there.
                if self.odd[at].claimed == Some(places[place]) {
                    place += 1;
                }
            }
            at += 1;
        }
        Ok(found)
    }

    /// How many entries and places to skip so that the next two fit: as few as possible.
    fn next_fit(
        &self,
        at: usize,
        places: &[u64],
        window: usize,
        removed: usize,
    ) -> io::Result<Option<(usize, usize)>> {
        let odd = &self.odd[at..self.odd.len().min(at + window)];
        let entries = odd.iter().map(|odd| self.bytes(odd)).collect::<io::Result<Vec<_>>>()?;
        for skipped in 0..window {
            for entry in (0..=skipped).filter(|entry| *entry < entries.len()) {
                let place = places.get(skipped - entry);
                if place.is_some_and(|index| self.fits(&entries[entry], *index)) {
                    return Ok(Some((entry, skipped - entry)));
                }
            }
        }
        let far = places.iter().enumerate().take(removed).skip(window);
        let fits = |(_, index): &(usize, &u64)| self.fits(&entries[0], **index);
        Ok({ far }.find(fits).map(|(empty, _)| (0, empty)))
    }
}
