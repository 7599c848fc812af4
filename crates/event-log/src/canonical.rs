//! The one form in which an event's bytes are compared, hashed and archived, whatever engine holds it.
//!
//! A canonical entry is a JSON object in the form of RFC 8785 (JCS): no white space, members in order of
//! their names, the shortest form of numbers and strings. Its members are `data`, `id`, `metadata`,
//! `position` (decimal digits, as a string), `recordedAt` (RFC 3339 in UTC with six fractional digits),
//! `schemaVersion`, `stream`, `type`, `version`. It holds no line break.

use chrono::SecondsFormat;
use serde::Serialize;
use serde_json::Value;

use crate::{Position, RecordedEvent};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Entry<'a> {
    data: Value,
    id: String,
    metadata: Value,
    position: Position,
    recorded_at: String,
    schema_version: u16,
    stream: &'a str,
    r#type: &'a str,
    version: u32,
}

impl Serialize for Position {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The event's canonical entry.
///
/// # Errors
/// When its data or metadata have no canonical form, as a number beyond what JSON programs share.
pub fn entry(event: &RecordedEvent) -> Result<Vec<u8>, serde_json::Error> {
    serde_json_canonicalizer::to_vec(&Entry {
        data: serde_json::from_str(event.data.get())?,
        id: event.id.to_string(),
        metadata: serde_json::from_str(event.metadata.get())?,
        position: event.position,
        recorded_at: event.recorded_at.to_rfc3339_opts(SecondsFormat::Micros, true),
        schema_version: event.schema_version,
        stream: &event.stream,
        r#type: &event.event_type,
        version: event.version,
    })
}

#[cfg(test)]
mod tests {
    use chrono::{TimeZone, Utc};
    use serde_json::value::RawValue;
    use ulid::Ulid;

    use super::*;

    #[test]
    fn an_entry_does_not_depend_on_how_an_engine_writes_json() {
        let event = |data: &str, metadata: &str| RecordedEvent {
            position: Position(1042),
            stream: "order-17".into(),
            version: 3,
            id: Ulid(7),
            event_type: "OrderPaid".into(),
            schema_version: 2,
            recorded_at: Utc.timestamp_micros(1_768_473_000_004_120).unwrap(),
            data: RawValue::from_string(data.into()).unwrap(),
            metadata: RawValue::from_string(metadata.into()).unwrap(),
        };
        let one = entry(&event(r#"{"b": 1.0, "a": "\u00fc\u000a"}"#, r#"{"z":[ ],"y":null}"#));
        let other = entry(&event(r#"{"a":"ü\n","b":1}"#, r#"{"y":null,"z":[]}"#));
        let one = String::from_utf8(one.unwrap()).unwrap();
        assert_eq!(one, String::from_utf8(other.unwrap()).unwrap());
        assert_eq!(
            one,
            r#"{"data":{"a":"ü\n","b":1},"id":"00000000000000000000000007","metadata":{"y":null,"z":[]},"position":"1042","recordedAt":"2026-01-15T10:30:00.004120Z","schemaVersion":2,"stream":"order-17","type":"OrderPaid","version":3}"#
        );
    }
}
