//! What a member has in hand, landing in the tables of its projection.

use std::borrow::Borrow;
use std::collections::BTreeMap;

use async_trait::async_trait;
use event_log::RecordedEvent;

use super::share::Share;
use crate::error::ProjectorError;
use crate::land::Land;
use crate::partitions::{Foreign, Mark, Moves};
use crate::tables::Tables;

/// An event, and where in the topic it stands.
#[derive(Debug)]
pub(super) struct Received {
    pub(super) partition: i32,
    pub(super) offset: i64,
    pub(super) event: RecordedEvent,
}

impl Borrow<RecordedEvent> for Received {
    fn borrow(&self) -> &RecordedEvent {
        &self.event
    }
}

/// The events of several partitions, those of each in order, on their way into the tables.
pub(super) struct Landing<'m, 't> {
    pub(super) tables: &'m mut Tables<'t>,
    pub(super) fence: i64,
    pub(super) shares: &'m mut BTreeMap<i32, Share>,
    pub(super) foreign: Vec<Foreign>,
    /// How many events of each partition are still to land.
    left: BTreeMap<i32, usize>,
}

impl<'m, 't> Landing<'m, 't> {
    pub(super) fn new(
        tables: &'m mut Tables<'t>,
        fence: i64,
        shares: &'m mut BTreeMap<i32, Share>,
        events: &[Received],
        foreign: Vec<Foreign>,
    ) -> Self {
        Self { tables, fence, shares, foreign, left: count(events) }
    }

    /// How far each partition comes with `part`: as far as its last event there, and with the last of
    /// them all the way.
    fn steps(&self, part: &[Received]) -> BTreeMap<i32, (Mark, Mark)> {
        let counts = count(part);
        let last = |partition: i32| part.iter().rfind(|event| event.partition == partition);
        let mut steps = BTreeMap::new();
        for (partition, share) in self.shares.iter() {
            let landing = counts.get(partition).copied().unwrap_or_default();
            let to = if self.left.get(partition).copied().unwrap_or_default() == landing {
                share.target
            } else if let Some(last) = last(*partition) {
                Mark { next_offset: last.offset + 1, position: last.event.position }
            } else {
                continue;
            };
            if to != share.landed {
                steps.insert(*partition, (share.landed, to));
            }
        }
        steps
    }
}

fn count(events: &[Received]) -> BTreeMap<i32, usize> {
    let mut counts = BTreeMap::new();
    for event in events {
        *counts.entry(event.partition).or_default() += 1;
    }
    counts
}

#[async_trait]
impl Land for Landing<'_, '_> {
    type Event = Received;

    async fn land(
        &mut self,
        events: &[Received],
        poison: Option<&ProjectorError>,
    ) -> Result<(), ProjectorError> {
        let steps = self.steps(events);
        if steps.is_empty() && self.foreign.is_empty() {
            return Ok(());
        }
        let (projection, fence) = (self.tables.projection(), self.fence);
        let foreign = std::mem::take(&mut self.foreign);
        let moves = Moves { projection, fence, steps, foreign };
        let landed = self.tables.land(events, poison, &moves).await;
        if let Err(error) = landed {
            self.foreign = moves.foreign;
            return Err(error);
        }
        for (partition, (_, to)) in moves.steps {
            if let Some(share) = self.shares.get_mut(&partition) {
                share.landed = to;
            }
        }
        for (partition, landed) in count(events) {
            if let Some(left) = self.left.get_mut(&partition) {
                *left -= landed;
            }
        }
        Ok(())
    }
}
