//! The log in memory: for tests.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use tokio::sync::watch;
use ulid::Ulid;

use crate::{
    AppendOutcome, EventLog, Expected, LogError, LogReader, NewEvent, Page, Position,
    RecordedEvent, StreamName,
};

/// A log that is gone with its process.
pub struct MemoryLog {
    now: Box<dyn Fn() -> DateTime<Utc> + Send + Sync>,
    events: Mutex<Events>,
    head: watch::Sender<Position>,
}

/// Places are indices into `all`; the event at index n has position n + 1.
#[derive(Default)]
struct Events {
    all: Vec<RecordedEvent>,
    streams: HashMap<StreamName, Vec<usize>>,
    ids: HashMap<Ulid, usize>,
}

impl MemoryLog {
    /// An empty log; `now` says when an event was recorded.
    pub fn new(now: impl Fn() -> DateTime<Utc> + Send + Sync + 'static) -> Self {
        let head = watch::Sender::new(Position::START);
        Self { now: Box::new(now), events: Mutex::default(), head }
    }

    fn events(&self) -> MutexGuard<'_, Events> {
        // Every change is complete or not begun, so what a panic left behind is sound.
        self.events.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Events {
    fn head(&self) -> Position {
        Position(self.all.len() as u64)
    }

    fn version(&self, stream: &str) -> u32 {
        let count = self.streams.get(stream).map_or(0, Vec::len);
        u32::try_from(count).unwrap_or(u32::MAX)
    }

    /// What the ids alone tell: nothing when all of them are new.
    fn seen(&self, stream: &str, expected: u32, events: &[NewEvent]) -> Option<AppendOutcome> {
        let repeated =
            (1..events.len()).any(|n| events[..n].iter().any(|earlier| earlier.id == events[n].id));
        if repeated {
            return Some(AppendOutcome::IdInUse);
        }
        let held: Vec<_> = events.iter().map(|event| self.ids.get(&event.id)).collect();
        if held.iter().all(Option::is_none) {
            return None;
        }
        let in_place = held.iter().zip(u64::from(expected) + 1..).all(|(held, version)| {
            held.and_then(|place| self.all.get(*place))
                .is_some_and(|event| event.stream == stream && u64::from(event.version) == version)
        });
        match held.last() {
            Some(Some(last)) if in_place => {
                Some(AppendOutcome::AlreadyAppended { position: Position(**last as u64 + 1) })
            }
            _ => Some(AppendOutcome::IdInUse),
        }
    }

    fn push(&mut self, stream: &str, event: NewEvent, recorded_at: DateTime<Utc>) {
        let place = self.all.len();
        let version = self.version(stream) + 1;
        self.streams.entry(stream.to_owned()).or_default().push(place);
        self.ids.insert(event.id, place);
        self.all.push(RecordedEvent {
            position: Position(place as u64 + 1),
            stream: stream.to_owned(),
            version,
            id: event.id,
            event_type: event.event_type,
            schema_version: event.schema_version,
            recorded_at,
            data: event.data,
            metadata: event.metadata,
        });
    }
}

#[async_trait]
impl EventLog for MemoryLog {
    async fn append(
        &self,
        stream: &str,
        expected: Expected,
        new: Vec<NewEvent>,
    ) -> Result<AppendOutcome, LogError> {
        let mut events = self.events();
        if let Some(outcome) = events.seen(stream, expected.version(), &new) {
            return Ok(outcome);
        }
        let actual = events.version(stream);
        if actual != expected.version() {
            return Ok(AppendOutcome::Conflict { actual });
        }
        let recorded_at = (self.now)();
        for event in new {
            events.push(stream, event, recorded_at);
        }
        let position = events.head();
        self.head.send_replace(position);
        Ok(AppendOutcome::Appended { position })
    }
}

#[async_trait]
impl LogReader for MemoryLog {
    async fn read_streams(
        &self,
        streams: &[StreamName],
    ) -> Result<Vec<Vec<RecordedEvent>>, LogError> {
        let events = self.events();
        let read = |stream| {
            let places = events.streams.get(stream).map_or(&[][..], Vec::as_slice);
            places.iter().filter_map(|place| events.all.get(*place)).cloned().collect()
        };
        Ok(streams.iter().map(read).collect())
    }

    async fn read_all(&self, after: Position, limit: u32) -> Result<Page, LogError> {
        let events = self.events();
        let after = usize::try_from(after.0).unwrap_or(usize::MAX);
        let rest = events.all.get(after..).unwrap_or_default();
        let page = &rest[..rest.len().min(limit as usize)];
        Ok(Page { events: page.to_vec(), caught_up: page.len() == rest.len() })
    }

    async fn head(&self) -> Result<Position, LogError> {
        Ok(self.events().head())
    }

    async fn wait_past(&self, position: Position, timeout: Duration) -> Result<bool, LogError> {
        let mut head = self.head.subscribe();
        let passed = head.wait_for(|head| *head > position);
        Ok(tokio::time::timeout(timeout, passed).await.is_ok())
    }
}

impl fmt::Debug for MemoryLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryLog").field("head", &*self.head.borrow()).finish_non_exhaustive()
    }
}
