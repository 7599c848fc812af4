//! What is known of the stretches of the server's log in which there is nothing to see.
//!
//! Between our events lie the server's own, the adapter's, and those of others. Whoever has read past
//! them once need not do so again: neither a follower who comes back to the same place, nor one who
//! asks for the head.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::Position;

/// Stretches that are remembered, beside the last one.
const MOST: usize = 64;

#[derive(Debug, Default)]
pub(super) struct Horizon(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    /// The stretch behind the last event that there is to see.
    tail: Option<Stretch>,
    stretches: VecDeque<Stretch>,
}

/// Nothing is to be seen after `after`, up to and including what stands at `until`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stretch {
    pub(super) after: Position,
    pub(super) until: eventstore::Position,
}

impl Stretch {
    fn holds(&self, position: Position) -> bool {
        // Positions are one beyond the server's.
        self.after <= position && position.0 <= self.until.commit
    }
}

impl Horizon {
    /// The last event that there is to see, as far as is known, and how far that is.
    pub(super) fn tail(&self) -> Option<Stretch> {
        self.known().tail
    }

    /// Where to go on for what comes after `after`, when that is further on.
    pub(super) fn skip(&self, after: Position) -> Option<eventstore::Position> {
        let known = self.known();
        let stretches = known.tail.iter().chain(&known.stretches);
        stretches.filter(|stretch| stretch.holds(after)).map(|stretch| stretch.until).max()
    }

    /// The log ends with this stretch.
    pub(super) fn ends_with(&self, stretch: Stretch) {
        let mut known = self.known();
        match &mut known.tail {
            Some(tail) if tail.until >= stretch.until => {}
            // Of two who looked, the later one may have begun behind the last event.
            Some(tail) => {
                tail.until = stretch.until;
                tail.after = tail.after.max(stretch.after);
            }
            None => known.tail = Some(stretch),
        }
    }

    /// There is such a stretch somewhere.
    pub(super) fn holds(&self, stretch: Stretch) {
        let mut known = self.known();
        if let Some(same) = known.stretches.iter_mut().find(|known| known.after == stretch.after) {
            same.until = same.until.max(stretch.until);
            return;
        }
        if known.stretches.len() == MOST {
            known.stretches.pop_front();
        }
        known.stretches.push_back(stretch);
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
