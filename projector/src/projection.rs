//! What turns events into rows.

use async_trait::async_trait;
use event_log::{Position, RecordedEvent};
use events::{Event, Metadata, Timestamp, UserId};
use sqlx::PgConnection;
use ulid::Ulid;

use crate::error::ApplyError;

/// Keeps some tables in step with the log.
///
/// It is handed every event exactly once and in order, inside the transaction that moves its
/// checkpoint. What it writes depends on the events alone: no clock, no randomness, no other
/// projection's tables. It lands a page in a few statements, however many events the page has.
#[async_trait]
pub trait Projection: Send + Sync + 'static {
    /// Its name in `projections.checkpoints`.
    fn name(&self) -> &'static str;

    /// Counted up when the same events shall make other rows: the tables are then rebuilt at the
    /// next start.
    fn version(&self) -> i32;

    /// The tables that are its own, and nobody else's. It names them without their schema, since it
    /// also builds them elsewhere.
    fn tables(&self) -> &'static [&'static str];

    /// Takes the next events in.
    async fn apply(
        &self,
        connection: &mut PgConnection,
        events: &[LoggedEvent],
    ) -> Result<(), ApplyError>;
}

/// An event of the domain as the log holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoggedEvent {
    /// Where in the log.
    pub position: Position,
    /// Unique in the whole log.
    pub id: Ulid,
    /// The name under which the log has it.
    pub event_type: String,
    /// What happened.
    pub event: Event,
    /// Who caused it, when and how.
    pub metadata: Metadata,
}

impl LoggedEvent {
    /// Reads what the log holds.
    pub fn decode(recorded: &RecordedEvent) -> Result<Self, UndecodableEvent> {
        Ok(Self {
            position: recorded.position,
            id: recorded.id,
            event_type: recorded.event_type.clone(),
            event: Event::decode(&recorded.event_type, recorded.schema_version, &recorded.data)?,
            metadata: serde_json::from_str(recorded.metadata.get())
                .map_err(UndecodableEvent::Metadata)?,
        })
    }

    /// When it was decided.
    pub fn occurred_at(&self) -> Timestamp {
        self.metadata.occurred_at
    }

    /// Who caused it.
    pub fn actor(&self) -> Option<&UserId> {
        self.metadata.actor.as_ref()
    }

    /// Its position as a table holds it.
    pub fn row_position(&self) -> i64 {
        row_position(self.position)
    }
}

/// Why what the log holds is no event to us.
#[derive(Debug, thiserror::Error)]
pub enum UndecodableEvent {
    /// Its type, version or data.
    #[error(transparent)]
    Data(#[from] events::DecodeError),
    /// Its metadata.
    #[error("malformed metadata")]
    Metadata(#[source] serde_json::Error),
}

/// A position as a table holds it. Every engine's fits: a position is read from text as an `i64`.
pub(crate) fn row_position(position: Position) -> i64 {
    i64::try_from(position.0).unwrap_or(i64::MAX)
}

/// A position from a table.
pub(crate) fn from_row(position: i64) -> Position {
    Position(u64::try_from(position).unwrap_or_default())
}
