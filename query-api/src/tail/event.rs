//! What subscribers get.

use std::sync::{Arc, OnceLock};

use axum::body::Bytes;
use chrono::{DateTime, Utc};
use event_log::{Position, StreamName};
use events::{Event, LiveStreamId, LiveStreamSnapshot, Metadata, UserId, UserSnapshot};
use ulid::Ulid;

/// A new event, completed.
#[derive(Debug, Clone)]
pub struct LiveEvent {
    /// Where in the log.
    pub position: Position,
    /// In which event stream.
    pub stream: StreamName,
    /// Unique in the whole log.
    pub id: Ulid,
    /// The name of its type, as the log has it.
    pub event_type: String,
    /// Which form of that type it has.
    pub schema_version: u16,
    /// When the log took it.
    pub recorded_at: DateTime<Utc>,
    /// What it says; `None` when that cannot be read, or not to which live stream it belongs: it may be news from a
    /// newer Docket. That was logged and counted, and whoever shows events has to show that there is one.
    pub content: Option<Content>,
    /// What it looks like to each of two audiences, made by whoever shows it first.
    pub(super) shown: [OnceLock<Bytes>; 2],
}

impl LiveEvent {
    /// What it looks like to those who see all of it, or to the others; `make` is asked once for each.
    pub(crate) fn shown(&self, all: bool, make: impl FnOnce() -> Bytes) -> &Bytes {
        self.shown[usize::from(all)].get_or_init(make)
    }
}

/// What an event says, and of whom.
#[derive(Debug, Clone)]
pub struct Content {
    /// What happened, with texts that people wrote as far as they can be opened.
    pub event: Event,
    /// Who caused it, when, and from where; the same holds.
    pub metadata: Metadata,
    /// The live stream that it happened on.
    pub live_stream_id: LiveStreamId,
    /// That live stream as the platform last described it; `None` when the directory does not know it.
    pub live_stream: Option<Arc<LiveStreamSnapshot>>,
    /// Of an event of a ban, whom the ban is on.
    pub target_id: Option<UserId>,
    /// That user as the platform last described them; `None` when the directory does not know them.
    pub target: Option<UserSnapshot>,
}
