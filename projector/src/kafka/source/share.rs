//! One partition in the hands of a member: what is in the tables, what is under way there, and which
//! records count.

#[cfg(test)]
mod tests;

use event_log::Position;

use super::horizon::Horizon;
use crate::partitions::Mark;

/// A partition that is read on.
#[derive(Debug)]
pub(super) struct Share {
    /// Which assignment made it this member's.
    pub(super) assignment: u64,
    /// What the tables know.
    pub(super) landed: Mark,
    /// What they are to know next.
    pub(super) target: Mark,
    /// The offset after the last record that was seen.
    read_to: i64,
    /// Whether records before that one are missing, so that it is not known what they were.
    gap: bool,
    /// Why it cannot be read on.
    refused: Option<String>,
    /// Why it could not be when it was last looked at; it is being looked at again.
    doubted: Option<String>,
    horizons: Horizons,
    /// Up to which offset it was read when it was last found to stand still, if it was.
    stood_at: Option<i64>,
}

/// What a record is to the tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Its event is to be taken in.
    New,
    /// It is in them, or cannot be judged while the partition is refused.
    Old,
}

impl Share {
    /// A partition that is to be read on from `mark`, as part of the assignment of this number.
    pub(super) fn new(assignment: u64, mark: Mark) -> Self {
        Self {
            assignment,
            landed: mark,
            target: mark,
            read_to: mark.next_offset,
            gap: false,
            refused: None,
            doubted: None,
            horizons: Horizons::default(),
            stood_at: None,
        }
    }

    /// The same partition, to be begun with afresh from `mark`. If it was refused, it counts as that
    /// until it is known to be sound again.
    pub(super) fn again(&self, mark: Mark) -> Self {
        let doubted = self.refusal().map(str::to_owned);
        Self { doubted, ..Self::new(self.assignment, mark) }
    }

    /// Whether it was at the same record the last time, and has more of them: then a client has lost its
    /// way, and must be shown again where to read on.
    pub(super) fn stands_still(&mut self) -> bool {
        let has_more = self.horizons.nearest.is_some_and(|(end, _)| end > self.read_to);
        let at = has_more.then_some(self.read_to);
        let before = std::mem::replace(&mut self.stood_at, at);
        at.is_some() && at == before
    }

    /// Why it is not read on, if it is not.
    pub(super) fn refusal(&self) -> Option<&str> {
        self.refused.as_deref().or(self.doubted.as_deref())
    }

    /// Where to begin to read, given where the partition begins and ends and how far the relay had
    /// come: one record early, to see whether it is the one that the tables know.
    ///
    /// Records that are gone matter unless they are known to be in the tables: the next record tells,
    /// and where there is none, the relay does, which sends again what it does not know to be there.
    pub(super) fn begin(&mut self, beginning: i64, end: i64, relayed: Position) -> i64 {
        let next = self.landed.next_offset;
        if next > end {
            self.refuse(format!(
                "the tables hold records up to offset {next}, and the partition ends at {end}: it is \
                 another one than it was"
            ));
        } else if next < beginning && beginning == end {
            if relayed > self.landed.position {
                self.refuse(missing(next, end));
            } else {
                self.read_to = end;
                self.target.next_offset = end;
                self.doubted = None;
            }
        } else if next >= beginning {
            self.doubted = None;
        }
        (next - 1).max(beginning).min(end)
    }

    /// Judges the record at `offset`, which holds the event at `position`.
    pub(super) fn judge(&mut self, offset: i64, position: Position) -> Verdict {
        if self.refused.is_some() {
            return Verdict::Old;
        }
        let new = position > self.target.position;
        if new && offset < self.read_to {
            self.refuse(format!(
                "the record at offset {offset} was in the tables, and now is one that they do not \
                 know: it is another partition than it was"
            ));
            return Verdict::Old;
        }
        if new && (self.gap || offset > self.read_to) {
            self.refuse(missing(self.read_to, offset));
            return Verdict::Old;
        }
        if offset >= self.read_to {
            // An event that is in the tables closes every gap: whatever followed it follows again.
            self.gap = false;
            self.doubted = None;
            self.read_to = offset + 1;
            self.target.next_offset = self.read_to;
        }
        if !new {
            return Verdict::Old;
        }
        self.target.position = position;
        Verdict::New
    }

    /// Passes over the record at `offset`, which holds no event; whether it was not known before.
    pub(super) fn pass(&mut self, offset: i64) -> bool {
        if self.refused.is_some() || offset < self.read_to {
            return false;
        }
        self.gap |= offset > self.read_to;
        self.read_to = offset + 1;
        if !self.gap {
            self.target.next_offset = self.read_to;
        }
        true
    }

    /// Learns that everything up to a position stands before an offset.
    pub(super) fn see(&mut self, horizon: &Horizon, partition: i32) {
        let end = usize::try_from(partition).ok().and_then(|place| horizon.ends.get(place));
        if let Some(end) = end {
            self.horizons.add(*end, horizon.position);
        }
    }

    /// Claims the position of every horizon that was reached.
    pub(super) fn reach(&mut self) {
        if self.refused.is_none() && !self.gap {
            let reached = self.horizons.reached(self.read_to);
            self.target.position = self.target.position.max(reached);
        }
    }

    fn refuse(&mut self, reason: String) {
        self.refused = Some(reason);
    }
}

fn missing(from: i64, to: i64) -> String {
    format!(
        "the records from offset {from} up to {to} are gone, and with them events that the tables do \
         not hold: `projector rebuild all` makes them good from the log"
    )
}

/// The horizons that a partition has still to reach. The nearest is kept until then, and of all others
/// the furthest: so there is always one to be reached, however fast new ones come.
#[derive(Debug, Default)]
struct Horizons {
    nearest: Option<(i64, Position)>,
    furthest: Option<(i64, Position)>,
}

impl Horizons {
    fn add(&mut self, end: i64, position: Position) {
        let place = if self.nearest.is_none() { &mut self.nearest } else { &mut self.furthest };
        *place = Some((end, position));
    }

    /// The position of the furthest that ends at or before `offset`, which is not kept any longer.
    fn reached(&mut self, offset: i64) -> Position {
        let mut reached = Position::START;
        while let Some((_, position)) = self.nearest.take_if(|(end, _)| *end <= offset) {
            reached = reached.max(position);
            self.nearest = self.furthest.take();
        }
        reached
    }
}
