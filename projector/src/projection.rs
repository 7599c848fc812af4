//! What turns events into rows.

use async_trait::async_trait;
use event_log::{Position, RecordedEvent};
use events::personal::Misplaced;
use events::{Event, Metadata, PersonalField, Timestamp, UserId};
use sealing::SealError;
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

    /// The personal texts of `event` that its rows show: they are opened before the event is handed to
    /// [`Self::apply`], and absent where they were erased. None, unless it says so.
    ///
    /// A text that is in a row already may be erased while a page lands that brings no text itself, so
    /// nothing that was read from a row is ever written back.
    fn shows(&self, _event: &Event) -> &'static [PersonalField] {
        &[]
    }

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
    /// A personal text was changed, or moved here from another event: its key does not open it.
    #[error("its {} cannot be opened", .0.as_str())]
    Sealed(PersonalField, #[source] SealError),
    /// A personal text was opened and does not fit its place.
    #[error(transparent)]
    Misplaced(#[from] Misplaced),
}

/// A position as a table holds it. Every engine's fits: a position is read from text as an `i64`.
pub(crate) fn row_position(position: Position) -> i64 {
    i64::try_from(position.0).unwrap_or(i64::MAX)
}

/// A position from a table.
pub(crate) fn from_row(position: i64) -> Position {
    Position(u64::try_from(position).unwrap_or_default())
}
