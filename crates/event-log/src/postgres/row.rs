//! A row of `log.events`.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde_json::value::RawValue;
use sqlx::types::{Json, Uuid};

use crate::{LogError, Position, RecordedEvent};

#[derive(sqlx::FromRow)]
pub(super) struct Row {
    position: i64,
    stream: String,
    version: i32,
    event_id: Uuid,
    event_type: String,
    schema_version: i16,
    recorded_at: DateTime<Utc>,
    data: Json<Box<RawValue>>,
    metadata: Json<Box<RawValue>>,
}

impl TryFrom<Row> for RecordedEvent {
    type Error = LogError;

    fn try_from(row: Row) -> Result<Self, Self::Error> {
        let broken = |error| LogError::Broken(Arc::new(error));
        Ok(Self {
            position: position(row.position)?,
            stream: row.stream,
            version: row.version.try_into().map_err(broken)?,
            id: row.event_id.into(),
            event_type: row.event_type,
            schema_version: row.schema_version.try_into().map_err(broken)?,
            recorded_at: row.recorded_at,
            data: row.data.0,
            metadata: row.metadata.0,
        })
    }
}

/// A position as the table has it.
pub(super) fn position(number: i64) -> Result<Position, LogError> {
    u64::try_from(number).map(Position).map_err(|error| LogError::Broken(Arc::new(error)))
}

/// A position for the table; one beyond its numbers is after all of them.
pub(super) fn number(position: Position) -> i64 {
    i64::try_from(position.0).unwrap_or(i64::MAX)
}
