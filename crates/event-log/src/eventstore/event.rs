//! An event of ours as the server keeps it.
//!
//! Id, type and data are the server's own fields. What it has no field for stands, with our metadata,
//! in its custom metadata: `{"schemaVersion":1,"recordedAt":"2026-01-15T10:30:00.000Z","metadata":{…}}`.
//! The server's own time is cut to seconds on its way through the client, so it is not used. JSON
//! passes through undecoded.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use eventstore::EventData;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use ulid::Ulid;

use super::names::{Names, is_system};
use crate::{LogError, NewEvent, Position, RecordedEvent};

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Custom<'a> {
    schema_version: u16,
    #[serde(with = "milliseconds")]
    recorded_at: DateTime<Utc>,
    #[serde(borrow)]
    metadata: &'a RawValue,
}

/// What is in the log is not what we would have put there.
#[derive(Debug, thiserror::Error)]
pub(super) enum EventError {
    #[error(
        "the event at position {0} was not written by this log; where others write to the same \
         cluster, give each log a streamPrefix of its own"
    )]
    Foreign(Position, #[source] serde_json::Error),
    #[error("the event at position {0} is of a stream longer than this program can count")]
    TooLong(Position),
    #[error(
        "this server does not tell where a stream's events are: EventStoreDB 22.6 or newer is needed"
    )]
    TooOld,
    #[error("{0:?} is a name that EventStoreDB, or this log, keeps to itself")]
    Reserved(String),
}

impl From<EventError> for LogError {
    fn from(error: EventError) -> Self {
        Self::Broken(Arc::new(error))
    }
}

/// The event, ready to be sent as often as it takes.
pub(super) fn encode(event: &NewEvent, recorded_at: DateTime<Utc>) -> Result<EventData, LogError> {
    if is_system(&event.event_type) {
        return Err(EventError::Reserved(event.event_type.clone()).into());
    }
    let custom =
        Custom { schema_version: event.schema_version, recorded_at, metadata: &event.metadata };
    let encoded = EventData::json(&event.event_type, &event.data)
        .and_then(|data| data.metadata_as_json(&custom));
    let encoded = encoded.map_err(|error| LogError::Broken(Arc::new(error)))?;
    Ok(encoded.id(event.id.into()))
}

/// The event as readers get it; `None` when it is none that they get to see.
pub(super) fn decode(
    event: &eventstore::RecordedEvent,
    names: &Names,
) -> Result<Option<RecordedEvent>, LogError> {
    let Some(stream) = names.own(&event.stream_id).filter(|_| names.shows(event)) else {
        return Ok(None);
    };
    let position = position(event)?;
    let foreign = |error| EventError::Foreign(position, error);
    let custom: Custom<'_> = serde_json::from_slice(&event.custom_metadata).map_err(foreign)?;
    let version = event.revision.checked_add(1).and_then(|version| u32::try_from(version).ok());
    Ok(Some(RecordedEvent {
        position,
        stream: stream.to_owned(),
        version: version.ok_or(EventError::TooLong(position))?,
        id: Ulid::from(event.id),
        event_type: event.event_type.clone(),
        schema_version: custom.schema_version,
        recorded_at: custom.recorded_at,
        data: serde_json::from_slice(&event.data).map_err(foreign)?,
        metadata: custom.metadata.to_owned(),
    }))
}

/// Where the event is.
pub(super) fn position(event: &eventstore::RecordedEvent) -> Result<Position, LogError> {
    known(event.position.commit).ok_or_else(|| EventError::TooOld.into())
}

/// The place after that of the server, so that its place 0 is no special case and
/// [`Position::START`] lies before everything. A server that does not know says the highest number.
pub(super) fn known(commit: u64) -> Option<Position> {
    i64::try_from(commit).ok().and_then(|commit| commit.checked_add(1))?;
    Some(Position(commit + 1))
}

mod milliseconds {
    use chrono::{DateTime, SecondsFormat, Utc};
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(
        time: &DateTime<Utc>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&time.to_rfc3339_opts(SecondsFormat::Millis, true))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<DateTime<Utc>, D::Error> {
        let text = <std::borrow::Cow<'_, str>>::deserialize(deserializer)?;
        let time = DateTime::parse_from_rfc3339(&text).map_err(D::Error::custom)?;
        Ok(time.to_utc())
    }
}
