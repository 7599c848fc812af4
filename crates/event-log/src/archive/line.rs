//! A canonical entry, read.

use std::borrow::Cow;

use chrono::{DateTime, FixedOffset};
use serde::Deserialize;
use serde_json::value::RawValue;
use ulid::Ulid;

use super::Fault;
use crate::{Position, RecordedEvent, canonical};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Line<'a> {
    data: Box<RawValue>,
    id: Ulid,
    metadata: Box<RawValue>,
    #[serde(borrow)]
    position: Cow<'a, str>,
    recorded_at: DateTime<FixedOffset>,
    schema_version: u16,
    stream: String,
    r#type: String,
    version: u32,
}

/// The event whose canonical entry `line` is.
pub(super) fn parse(line: &[u8]) -> Result<RecordedEvent, Fault> {
    let parsed: Line<'_> = serde_json::from_slice(line).map_err(Fault::Malformed)?;
    let position: Position = parsed.position.parse().map_err(|_| Fault::NotCanonical)?;
    let event = RecordedEvent {
        position,
        stream: parsed.stream,
        version: parsed.version,
        id: parsed.id,
        event_type: parsed.r#type,
        schema_version: parsed.schema_version,
        recorded_at: parsed.recorded_at.to_utc(),
        data: parsed.data,
        metadata: parsed.metadata,
    };
    // What would be hashed must be what is there: no member twice, no time beyond microseconds.
    match canonical::entry(&event) {
        Ok(entry) if entry == line => Ok(event),
        Ok(_) | Err(_) => Err(Fault::NotCanonical),
    }
}
