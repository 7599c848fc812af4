//! Reading the log as if it held nothing but ours.

use std::time::Duration;

use eventstore::StreamPosition;
use tokio::sync::watch;

use super::clients::{Clients, Patience};
use super::event;
use super::failure::CallError;
use super::horizon::{Horizon, Stretch};
use super::names::Names;
use super::wire::{self, Fetched, PAGE};
use crate::tail::raise;
use crate::{LogError, Page, Position, RecordedEvent};

/// Events that are asked for first, where most are expected to be ours.
const FIRST_PAGE: usize = 16;

/// How many calls one page may take. Where there are so many events to skip, the reader gets an empty
/// page that is not the last, and goes on from there.
const CALLS: usize = 64;

#[derive(Debug)]
pub(super) struct Pages {
    pub(super) clients: Clients,
    pub(super) names: Names,
    /// How long a read is tried again.
    pub(super) patience: Duration,
    pub(super) horizon: Horizon,
}

impl Pages {
    /// The last event that there is to see. Reads backwards until it comes, or until something comes
    /// that was looked at before.
    pub(super) async fn head(&self) -> Result<Position, LogError> {
        let known = self.horizon.tail();
        let (mut from, mut count, mut last) = (StreamPosition::End, FIRST_PAGE / 4, None);
        loop {
            let page = self.fetch(from, true, count).await?;
            for found in &page.events {
                let end = *last.get_or_insert(found.position);
                let seen = known.filter(|known| found.position <= known.until);
                let after = match seen {
                    Some(known) => known.after,
                    None if self.names.shows(found) => event::position(found)?,
                    None => continue,
                };
                self.horizon.ends_with(Stretch { after, until: end });
                return Ok(after);
            }
            match page.events.last() {
                Some(earliest) if !page.ended => from = StreamPosition::Position(earliest.position),
                _ => break,
            }
            count = PAGE.min(count * 4);
        }
        if let Some(until) = last {
            self.horizon.ends_with(Stretch { after: Position::START, until });
        }
        Ok(Position::START)
    }

    /// Up to `limit` events after `after`. Never asks the server for a position at which there is
    /// nothing: it would refuse.
    pub(super) async fn page(
        &self,
        after: Position,
        limit: usize,
        tail: &watch::Sender<Position>,
    ) -> Result<Page, LogError> {
        let known = *tail.borrow();
        if after > known {
            let head = self.head().await?;
            raise(tail, head);
            if after > head {
                return Ok(Page { events: vec![], caught_up: true });
            }
        }
        let page = self.scan(after, limit).await?;
        if let Some(last) = page.events.last() {
            raise(tail, last.position);
        }
        Ok(page)
    }

    /// The events at these positions, which ascend. Each call begins at one of them, since the server
    /// refuses a position at which there is nothing, and asks for as many events as are left to find.
    pub(super) async fn at(&self, mut wanted: &[Position]) -> Result<Vec<RecordedEvent>, LogError> {
        let mut events = vec![];
        while let Some((first, _)) = wanted.split_first() {
            let Some(commit) = first.0.checked_sub(1) else {
                wanted = &wanted[1..];
                continue;
            };
            let place = eventstore::Position { commit, prepare: commit };
            let count = wanted.len().min(PAGE);
            let page = self.fetch(StreamPosition::Position(place), false, count).await?;
            let mut until = *first;
            for found in &page.events {
                until = until.max(event::position(found)?);
                if wanted.binary_search(&until).is_ok() {
                    events.extend(event::decode(found, &self.names)?);
                }
            }
            wanted = &wanted[wanted.partition_point(|position| *position <= until)..];
        }
        Ok(events)
    }

    async fn scan(&self, after: Position, limit: usize) -> Result<Page, LogError> {
        let mut scan = Scan { after, until: None, events: vec![] };
        // One more than asked for tells whether there is more.
        let wanted = limit.saturating_add(1);
        let mut count = wanted.saturating_add(1).clamp(FIRST_PAGE, PAGE);
        let mut from = match (self.horizon.skip(after), after.0.checked_sub(1)) {
            (Some(until), _) => StreamPosition::Position(until),
            (None, Some(commit)) => {
                StreamPosition::Position(eventstore::Position { commit, prepare: commit })
            }
            (None, None) => StreamPosition::Start,
        };
        for _ in 0..CALLS {
            let page = self.fetch(from, false, count).await?;
            scan.take(&page, wanted, &self.names)?;
            if scan.events.len() == wanted {
                scan.events.truncate(limit);
                return Ok(Page { events: scan.events, caught_up: false });
            }
            if page.ended {
                if let Some(stretch) = scan.stretch() {
                    self.horizon.ends_with(stretch);
                    self.horizon.holds(stretch);
                }
                return Ok(Page { events: scan.events, caught_up: true });
            }
            if let Some(until) = scan.until {
                from = StreamPosition::Position(until);
            }
            count = PAGE.min(count * 2);
        }
        if let Some(stretch) = scan.stretch() {
            self.horizon.holds(stretch);
        }
        Ok(Page { events: scan.events, caught_up: false })
    }

    async fn fetch(
        &self,
        from: StreamPosition<eventstore::Position>,
        backwards: bool,
        count: usize,
    ) -> Result<Fetched, CallError> {
        let mut patience = Patience::of(self.patience);
        let credentials = self.clients.credentials();
        self.clients
            .insist(&mut patience, |client| {
                wire::read_all(client, credentials.clone(), from, backwards, count)
            })
            .await
    }

    /// All events of the stream.
    pub(super) async fn stream(&self, stored: String) -> Result<Vec<RecordedEvent>, LogError> {
        let mut events = vec![];
        let mut from = 0;
        loop {
            let mut patience = Patience::of(self.patience);
            let credentials = self.clients.credentials();
            let page = self
                .clients
                .insist(&mut patience, |client| {
                    wire::read_stream(client, credentials.clone(), stored.clone(), from, PAGE)
                })
                .await?;
            for found in &page.events {
                from = found.revision + 1;
                events.extend(event::decode(found, &self.names)?);
            }
            if page.ended {
                return Ok(events);
            }
        }
    }
}

/// A page in the making.
struct Scan {
    after: Position,
    /// The last event that was looked at.
    until: Option<eventstore::Position>,
    events: Vec<RecordedEvent>,
}

impl Scan {
    /// Takes what is to be seen, until there is enough. What a page begins with may have ended the one
    /// before it.
    fn take(&mut self, page: &Fetched, wanted: usize, names: &Names) -> Result<(), LogError> {
        for found in &page.events {
            let known = self.until.is_some_and(|until| found.position <= until);
            if known || found.position.commit < self.after.0 {
                self.until = self.until.max(Some(found.position));
                continue;
            }
            self.events.extend(event::decode(found, names)?);
            if self.events.len() == wanted {
                return Ok(());
            }
            self.until = Some(found.position);
        }
        Ok(())
    }

    /// What lies behind the last event that there was to see.
    fn stretch(&self) -> Option<Stretch> {
        let after = self.events.last().map_or(self.after, |event| event.position);
        self.until.map(|until| Stretch { after, until })
    }
}
