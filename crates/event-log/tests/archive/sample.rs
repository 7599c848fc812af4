//! Archives to try.

use std::io::{BufRead, Cursor};

use chrono::{TimeZone, Utc};
use event_log::archive::{ArchiveError, Positions, Reader, Summary, Writer};
use event_log::postgres::{LoadError, PostgresLog, PostgresLogConfig};
use event_log::{LogReader, Position, RecordedEvent};
use testing::Database;
use ulid::Ulid;

use crate::given::json;

/// An event at this position and place, with data that is awkward to carry.
pub(crate) fn event(position: u64, stream: &str, version: u32) -> RecordedEvent {
    let micros = 1_768_473_000_000_001 + i64::try_from(position).unwrap();
    RecordedEvent {
        position: Position(position),
        stream: stream.to_owned(),
        version,
        id: Ulid(u128::from(position) << 64 | 7),
        event_type: "Happened".to_owned(),
        schema_version: 3,
        recorded_at: Utc.timestamp_micros(micros).unwrap(),
        data: json(r#"{"z": 1.50, "text": "tab\t, \\N, \"İyi\" 🎭\r\n", "big": 9007199254740991}"#),
        metadata: json(r#"{"none": null, "list": [1, {"b": 1, "a": -0.001}]}"#),
    }
}

/// Three streams, interleaved.
pub(crate) fn events() -> Vec<RecordedEvent> {
    [("a", 1), ("b\\\t1", 1), ("a", 2), ("ü", 1), ("a", 3)]
        .into_iter()
        .zip(1..)
        .map(|((stream, version), position)| event(position, stream, version))
        .collect()
}

/// Their archive.
pub(crate) fn archive(events: &[RecordedEvent]) -> String {
    archive_of(Positions::Dense, events)
}

pub(crate) fn archive_of(positions: Positions, events: &[RecordedEvent]) -> String {
    let mut writer = Writer::begin(vec![], positions).unwrap();
    for event in events {
        writer.push(event).unwrap();
    }
    String::from_utf8(writer.end(None).unwrap().1).unwrap()
}

/// Reads it to its end; what is wrong with it, with all causes, in one line.
pub(crate) fn fault(archive: &[u8]) -> Option<String> {
    let read = || {
        let mut reader = Reader::begin(archive)?;
        while reader.next_event()?.is_some() {}
        Ok(())
    };
    read().err().as_ref().map(say)
}

/// Where it is, and what.
pub(crate) fn say(error: &ArchiveError) -> String {
    format!("{error}: {}", error.fault)
}

/// Loads it into the database's log.
pub(crate) async fn load(database: &Database, archive: &str) -> Result<Summary, LoadError> {
    let input: Box<dyn BufRead + Send> = Box::new(Cursor::new(archive.to_owned().into_bytes()));
    event_log::load(&database.url, Reader::begin(input)?, |_| ()).await
}

/// The database's log.
pub(crate) async fn log(database: &Database) -> PostgresLog {
    PostgresLog::connect(PostgresLogConfig::new(&database.url)).await.unwrap()
}

/// Asserts that there is nothing in it.
pub(crate) async fn assert_empty(database: &Database) {
    assert_eq!(log(database).await.head().await.unwrap(), Position::START);
}
