//! What every engine offers.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde_json::value::RawValue;
use ulid::Ulid;

/// The name of an event stream, for instance `order-17`.
pub type StreamName = String;

/// A place in the log. Monotone, otherwise opaque: engines number as they like.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position(pub u64);

/// The text is no position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a position")]
pub struct PositionError;

impl Position {
    /// Before the first event.
    pub const START: Self = Self(0);
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Position {
    type Err = PositionError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // PostgreSQL's bigint is the narrowest of the engines' numbers.
        let number: i64 = text.parse().map_err(|_| PositionError)?;
        u64::try_from(number).map(Self).map_err(|_| PositionError)
    }
}

/// An event to be appended. The caller makes the id, so that a retry is recognised.
#[derive(Debug, Clone)]
pub struct NewEvent {
    /// Unique in the whole log.
    pub id: Ulid,
    /// An explicit name.
    pub event_type: String,
    /// Which form of that type the data has, from 1.
    pub schema_version: u16,
    /// JSON.
    pub data: Box<RawValue>,
    /// JSON.
    pub metadata: Box<RawValue>,
}

/// An event as the log holds it. Engines may reformat JSON, never change its meaning.
#[derive(Debug, Clone)]
pub struct RecordedEvent {
    /// Where in the log.
    pub position: Position,
    /// In which stream.
    pub stream: StreamName,
    /// Which of that stream's events, from 1.
    pub version: u32,
    /// The id that its writer made.
    pub id: Ulid,
    /// The name that its writer gave.
    pub event_type: String,
    /// Which form of that type the data has.
    pub schema_version: u16,
    /// When the log took it.
    pub recorded_at: DateTime<Utc>,
    /// JSON.
    pub data: Box<RawValue>,
    /// JSON.
    pub metadata: Box<RawValue>,
}

/// What the writer believes of the stream. There is no "any".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// It has no event yet.
    NoStream,
    /// This is the version of its last event.
    Exact(u32),
}

impl Expected {
    /// The version that the stream must be at: 0 for no event.
    pub fn version(self) -> u32 {
        match self {
            Self::NoStream => 0,
            Self::Exact(version) => version,
        }
    }
}

/// What became of an append.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AppendOutcome {
    /// The events are in the log, durably.
    Appended {
        /// Of the last of them.
        position: Position,
    },
    /// These very ids stand at this very place already: an earlier try succeeded.
    AlreadyAppended {
        /// Of the last of them.
        position: Position,
    },
    /// The stream is elsewhere; nothing was appended.
    Conflict {
        /// The version of its last event; 0 when it has none.
        actual: u32,
    },
    /// One of the ids belongs to another event; nothing was appended.
    IdInUse,
}

/// A run of events in log order.
#[derive(Debug, Clone)]
pub struct Page {
    /// The events, oldest first.
    pub events: Vec<RecordedEvent>,
    /// Whether the log held nothing after them when they were read.
    pub caught_up: bool,
}

/// Why the log could not do it.
#[derive(Debug, Clone, thiserror::Error)]
pub enum LogError {
    /// The queue before the log is full: try again shortly.
    #[error("the event log's queue is full")]
    Overloaded,
    /// The engine cannot be reached. An append may or may not have happened; the same ids at the same
    /// place tell.
    #[error("the event log is unavailable")]
    Unavailable(#[source] SharedError),
    /// The engine answered what it never should.
    #[error("the event log is broken")]
    Broken(#[source] SharedError),
}

/// A cause that many waiting callers may share.
pub type SharedError = std::sync::Arc<dyn std::error::Error + Send + Sync>;

/// Events that one [`LogReader::read_raw`] answers at most: a few megabytes.
pub const MOST_RAW: usize = 1_000;

/// These positions, each once.
pub(crate) fn ascending(positions: &[Position]) -> Vec<Position> {
    let mut positions = positions.to_vec();
    positions.sort_unstable();
    positions.dedup();
    positions
}

/// Reads the log.
#[async_trait]
pub trait LogReader: Send + Sync + 'static {
    /// The events of each stream, oldest first, in the order of `streams`; empty where a stream has
    /// none.
    async fn read_streams(
        &self,
        streams: &[StreamName],
    ) -> Result<Vec<Vec<RecordedEvent>>, LogError>;

    /// Up to `limit` events after `after`, in log order. Every event is seen exactly once, whatever
    /// the order in which writers commit.
    async fn read_all(&self, after: Position, limit: u32) -> Result<Page, LogError>;

    /// The events at these positions, in log order, each once. The positions are to be those of events:
    /// where there is none, nothing is answered, or [`LogError::Broken`] by an engine that cannot look.
    async fn read_at(&self, positions: &[Position]) -> Result<Vec<RecordedEvent>, LogError> {
        let mut events = vec![];
        for position in ascending(positions) {
            let Some(before) = position.0.checked_sub(1) else { continue };
            let page = self.read_all(Position(before), 1).await?;
            events.extend(page.events.into_iter().filter(|event| event.position == position));
        }
        Ok(events)
    }

    /// Whatever the engine holds after `after`, up to and including `until`, in log order and without the
    /// checks that tell a log which somebody tampered with: for those who audit it. At most [`MOST_RAW`]
    /// events; whoever wants more goes on after the last, until none come.
    async fn read_raw(
        &self,
        mut after: Position,
        until: Position,
    ) -> Result<Vec<RecordedEvent>, LogError> {
        let mut events = vec![];
        while after < until && events.len() < MOST_RAW {
            let limit = u32::try_from(MOST_RAW - events.len()).unwrap_or(u32::MAX);
            let page = self.read_all(after, limit).await?;
            after = page.events.last().map_or(after, |last| last.position);
            events.extend(page.events.into_iter().filter(|event| event.position <= until));
            if page.caught_up {
                break;
            }
        }
        Ok(events)
    }

    /// The position of the last event.
    async fn head(&self) -> Result<Position, LogError>;

    /// Waits until the log may hold something after `position`; `false` when `timeout` ran out. A
    /// hint: what `read_all` says counts.
    async fn wait_past(&self, position: Position, timeout: Duration) -> Result<bool, LogError>;

    /// Takes nothing more, waits until what was taken is answered, and disconnects.
    async fn close(&self) {}
}

/// Appends to the log, and reads it.
#[async_trait]
pub trait EventLog: LogReader {
    /// Appends all of `events` to `stream`, or none. Durable when it answers.
    async fn append(
        &self,
        stream: &str,
        expected: Expected,
        events: Vec<NewEvent>,
    ) -> Result<AppendOutcome, LogError>;
}
