//! A member at work: records in, rows out, for as long as nothing fails.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::time::Duration;

use event_log::{LogReader, Position, RecordedEvent};
use futures_util::FutureExt;
use sqlx::Connection;
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior, interval};

use super::board::Place;
use super::group::Group;
use super::horizon::{Horizon, Relayed};
use super::landing::{Landing, Received};
use super::record::{Record, Unreadable};
use super::share::{Share, Verdict};
use super::texts;
use super::topic::Topic;
use crate::error::{ProjectorError, chain};
use crate::land::{self, Land, PAGE};
use crate::partitions::{self, Foreign};
use crate::patience::{BEHIND_A_PAGE, PROMPT, within};
use crate::run::{STAND_BY, Tries};
use crate::tables::Tables;

/// The most bytes of records that land in one transaction.
const BYTES: usize = 8 << 20;

/// After so many records others get their turn on this thread.
const BREATH: usize = 200;

/// What is in hand lands within this time, poison and all, or is given up and read again: a member
/// that is busy for longer is taken for dead by its group.
pub(super) const LANDING: Duration = Duration::from_mins(8);

/// How often the brokers and the metrics are told how far the member is.
const TELL: Duration = Duration::from_secs(1);

/// How often a partition that was refused or stands still is looked at again.
const LOOK_AGAIN: Duration = Duration::from_secs(5);

/// A member of a projection's group, and its share of the tables.
pub(super) struct Member<'a> {
    pub(super) group: &'a Group,
    pub(super) topic: &'a Topic,
    pub(super) reader: &'a dyn LogReader,
    pub(super) relayed: &'a Relayed,
    pub(super) horizon: watch::Receiver<Option<Horizon>>,
    pub(super) place: &'a Place,
    pub(super) tables: Tables<'a>,
    pub(super) fence: i64,
    pub(super) partitions: i32,
    pub(super) shares: BTreeMap<i32, Share>,
    /// The log held at least this when it was last asked.
    pub(super) head: Position,
    /// The offsets that the brokers were told last.
    pub(super) told: BTreeMap<i32, i64>,
    /// How many records were put aside.
    pub(super) foreign: i64,
}

/// What is to land together.
#[derive(Default)]
struct InHand {
    events: Vec<Received>,
    foreign: Vec<Foreign>,
    bytes: usize,
    /// How many records were looked at, whether they count or not.
    records: usize,
}

impl Member<'_> {
    /// Works until something fails.
    pub(super) async fn work(&mut self, tries: &mut Tries) -> Result<Infallible, ProjectorError> {
        let mut tick = interval(TELL);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut looked = Instant::now();
        self.horizon.mark_changed();
        loop {
            self.follow_assignment().await?;
            let mut in_hand = InHand::default();
            let mut failed = None;
            tokio::select! {
                biased;
                Ok(()) = self.horizon.changed() => self.look_ahead(),
                _ = tick.tick() => {
                    self.tell();
                    if looked.elapsed() > LOOK_AGAIN {
                        looked = Instant::now();
                        self.look_again().await?;
                    }
                }
                next = self.group.next() => {
                    failed = self.take_all(next, &mut in_hand).await.err();
                }
            }
            if self.land(in_hand).await? {
                tries.worked();
            }
            if let Some(error) = failed {
                return Err(error);
            }
        }
    }

    /// Takes in what is there, and no more than lands in one transaction.
    async fn take_all(
        &mut self,
        first: Result<Option<Record>, ProjectorError>,
        in_hand: &mut InHand,
    ) -> Result<(), ProjectorError> {
        let mut next = first;
        while let Some(record) = next? {
            self.take(record, in_hand).await?;
            in_hand.records += 1;
            if in_hand.records >= PAGE.into() || in_hand.bytes >= BYTES {
                break;
            }
            if in_hand.records.is_multiple_of(BREATH) {
                tokio::task::yield_now().await;
            }
            let Some(more) = self.group.next().now_or_never() else { break };
            next = more;
        }
        Ok(())
    }

    async fn take(&mut self, record: Record, in_hand: &mut InHand) -> Result<(), ProjectorError> {
        let Record { partition, offset, size, content } = record;
        if !self.shares.contains_key(&partition) {
            // Not ours any more, or not placed yet.
            return Ok(());
        }
        let content = self.recognise(content).await?;
        let Some(share) = self.shares.get_mut(&partition) else { return Ok(()) };
        match content {
            Ok(event) => {
                if share.judge(offset, event.position) == Verdict::New {
                    in_hand.bytes += size;
                    in_hand.events.push(Received { partition, offset, event });
                }
            }
            Err(reason) => {
                if share.pass(offset) {
                    in_hand.foreign.push(Foreign { partition, offset, reason });
                }
            }
        }
        Ok(())
    }

    /// What a record holds, as far as the log knows of it; otherwise why it is foreign. One that we
    /// cannot read but that names its event is read in the log.
    async fn recognise(
        &mut self,
        content: Result<RecordedEvent, Unreadable>,
    ) -> Result<Result<RecordedEvent, String>, ProjectorError> {
        match content {
            Ok(event) => {
                if event.position > self.head {
                    self.head = self.head_beyond(event.position).await?;
                }
                let known = event.position > Position::START && event.position <= self.head;
                Ok(if known { Ok(event) } else { Err("the log has no such position".to_owned()) })
            }
            Err(Unreadable { reason, names: None }) => Ok(Err(reason)),
            Err(Unreadable { reason, names: Some((position, id)) }) => {
                let before = Position(position.0.saturating_sub(1));
                let page = within(BEHIND_A_PAGE, self.reader.read_all(before, 1)).await?;
                let meant = |event: &RecordedEvent| event.position == position && event.id == id;
                Ok(page.events.into_iter().find(meant).ok_or(reason))
            }
        }
    }

    /// Where the log ends. While it is away, what the relay has come to is known to be in it: that will do
    /// if `position` is among it. The relay notes that a moment after it has sent a record.
    async fn head_beyond(&self, position: Position) -> Result<Position, ProjectorError> {
        let give_up = Instant::now() + PROMPT;
        loop {
            let asked = within(PROMPT, self.reader.head()).await;
            let Err(error) = asked else { return asked };
            let relayed = self.relayed.position().await?;
            if relayed >= position {
                let projection = self.tables.projection().name();
                tracing::warn!(projection, error = chain(&error), "the log is not there");
                return Ok(relayed);
            }
            if Instant::now() > give_up {
                return Err(error);
            }
            tokio::time::sleep(STAND_BY).await;
        }
    }

    /// Lands what is in hand, and how much further partitions have come without it; whether there was
    /// anything.
    async fn land(&mut self, mut in_hand: InHand) -> Result<bool, ProjectorError> {
        // Partitions that were taken away meanwhile are another member's.
        let assigned = self.group.assigned();
        self.shares.retain(|number, share| assigned.get(number) == Some(&share.assignment));
        in_hand.events.retain(|event| self.shares.contains_key(&event.partition));
        in_hand.foreign.retain(|record| self.shares.contains_key(&record.partition));
        self.shares.values_mut().for_each(Share::reach);
        let moved = self.shares.values().any(|share| share.target != share.landed);
        if !moved && in_hand.foreign.is_empty() {
            return Ok(false);
        }
        in_hand.events.sort_by_key(|event| event.partition);
        let InHand { events, mut foreign, .. } = in_hand;
        let projection = self.tables.projection();
        let events = texts::complete(self.reader, projection, events, &mut foreign).await?;
        let anything_foreign = !foreign.is_empty();
        let (tables, shares) = (&mut self.tables, &mut self.shares);
        let mut landing = Landing::new(tables, self.fence, shares, &events, foreign);
        let parts = async {
            if events.is_empty() {
                landing.land(&[], None).await
            } else {
                land::in_parts(&mut landing, &events).await
            }
        };
        within(LANDING, parts).await?;
        self.raise_checkpoint().await?;
        if anything_foreign {
            self.count_foreign().await?;
        }
        Ok(true)
    }

    async fn count_foreign(&mut self) -> Result<(), ProjectorError> {
        let projection = self.tables.projection();
        let count = partitions::foreign_records(self.tables.connection(), projection);
        self.foreign = within(PROMPT, count).await?;
        Ok(())
    }

    async fn raise_checkpoint(&mut self) -> Result<(), ProjectorError> {
        let projection = self.tables.projection();
        let (connection, log_id) = (self.tables.connection(), self.relayed.log_id());
        let raised = partitions::raise_checkpoint(connection, projection, self.fence, log_id);
        within(BEHIND_A_PAGE, raised).await
    }

    fn look_ahead(&mut self) {
        if let Some(horizon) = &*self.horizon.borrow_and_update() {
            self.group.learn(&horizon.ends);
            for (number, share) in &mut self.shares {
                share.see(horizon, *number);
            }
        }
    }

    /// Begins with the partitions that are new to this member, where the tables are.
    async fn follow_assignment(&mut self) -> Result<(), ProjectorError> {
        let assigned = self.group.assigned();
        let before = self.shares.len();
        self.shares.retain(|number, share| assigned.get(number) == Some(&share.assignment));
        let new: Vec<(i32, u64)> =
            assigned.into_iter().filter(|(number, _)| !self.shares.contains_key(number)).collect();
        if !new.is_empty() {
            self.begin(&new).await?;
            self.raise_checkpoint().await?;
        }
        if !new.is_empty() || before != self.shares.len() {
            self.show();
        }
        Ok(())
    }

    async fn begin(&mut self, new: &[(i32, u64)]) -> Result<(), ProjectorError> {
        let projection = self.tables.projection();
        let read = partitions::read(self.tables.connection(), projection);
        let ledger = within(PROMPT, read).await?;
        let fenced = || ProjectorError::Fenced(projection.name());
        let ledger = ledger.filter(|ledger| ledger.fence == self.fence).ok_or_else(fenced)?;
        within(PROMPT, self.tables.reload()).await?;
        self.count_foreign().await?;
        let beginnings = self.topic.beginnings(self.partitions).await?;
        let ends = self.topic.ends(self.partitions).await?;
        let relayed = self.relayed.position().await?;
        let mut offsets = BTreeMap::new();
        for (number, assignment) in new.iter().copied() {
            let place = usize::try_from(number).unwrap_or(usize::MAX);
            let known = (ledger.marks.get(&number), beginnings.get(place), ends.get(place));
            let (Some(mark), Some(beginning), Some(end)) = known else {
                // It was added to the topic while we were at work.
                return Err(ProjectorError::Repartitioned {
                    name: projection.name(),
                    made: ledger.marks.len(),
                    found: place.saturating_add(1),
                });
            };
            let again = self.shares.get(&number).map(|share| share.again(*mark));
            let mut share = again.unwrap_or_else(|| Share::new(assignment, *mark));
            offsets.insert(number, share.begin(*beginning, *end, relayed));
            self.shares.insert(number, share);
        }
        self.group.read_from(&offsets).await?;
        self.look_ahead();
        Ok(())
    }

    /// Begins once more with the partitions that were refused, since the tables may have been made anew,
    /// and with those that stand still though they have more records.
    async fn look_again(&mut self) -> Result<(), ProjectorError> {
        within(PROMPT, self.tables.connection().ping()).await?;
        let mut again = vec![];
        for (number, share) in &mut self.shares {
            if share.refusal().is_some() || share.stands_still() {
                again.push((*number, share.assignment));
            }
        }
        if again.is_empty() { Ok(()) } else { self.begin(&again).await }
    }

    /// Tells the brokers and the metrics how far the member is.
    fn tell(&mut self) {
        let landed = |(number, share): (&i32, &Share)| (*number, share.landed.next_offset);
        let landed: BTreeMap<i32, i64> = self.shares.iter().map(landed).collect();
        if landed != self.told {
            self.group.commit(&landed);
            self.told = landed;
        }
        self.show();
    }

    fn show(&self) {
        let horizon = self.horizon.borrow();
        let ends = horizon.as_ref().map_or(&[][..], |horizon| &horizon.ends);
        self.place.working(&self.shares, ends, self.foreign);
    }
}
