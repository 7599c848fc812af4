//! Events to append, and what is seen of them.

use std::sync::atomic::{AtomicU64, Ordering};

use event_log::{AppendOutcome, EventLog, Expected, LogReader, NewEvent, Position, RecordedEvent};
use serde_json::value::RawValue;
use ulid::Ulid;

/// An event with an id that no other event of this process has.
pub(crate) fn event() -> NewEvent {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    event_with_id(NEXT.fetch_add(1, Ordering::Relaxed))
}

pub(crate) fn events(count: usize) -> Vec<NewEvent> {
    (0..count).map(|_| event()).collect()
}

/// An event of which nothing but the id matters.
pub(crate) fn event_with_id(id: u64) -> NewEvent {
    NewEvent {
        id: Ulid(u128::from(id)),
        event_type: "Happened".to_owned(),
        schema_version: 1,
        data: json(r#"{"what":"something"}"#),
        metadata: json("{}"),
    }
}

pub(crate) fn json(text: &str) -> Box<RawValue> {
    RawValue::from_string(text.to_owned()).expect("JSON")
}

pub(crate) async fn append(
    log: &dyn EventLog,
    stream: &str,
    expected: Expected,
    events: &[NewEvent],
) -> AppendOutcome {
    log.append(stream, expected, events.to_vec()).await.expect("the log answers")
}

/// Appends one event more to a stream that nobody else writes.
pub(crate) async fn extend(log: &dyn EventLog, stream: &str, version: u32) -> Position {
    let expected = if version == 0 { Expected::NoStream } else { Expected::Exact(version) };
    match append(log, stream, expected, &[event()]).await {
        AppendOutcome::Appended { position } => position,
        outcome => panic!("{stream} at {version}: {outcome:?}"),
    }
}

/// Everything in the log, read three at a time.
pub(crate) async fn everything(log: &(impl LogReader + ?Sized)) -> Vec<RecordedEvent> {
    let mut all = Vec::new();
    let mut after = Position::START;
    loop {
        let page = log.read_all(after, 3).await.expect("the log answers");
        after = page.events.last().map_or(after, |event| event.position);
        all.extend(page.events);
        if page.caught_up {
            return all;
        }
    }
}

/// The ids of the stream's events, in order; their versions count from 1.
pub(crate) async fn ids(log: &dyn EventLog, stream: &str) -> Vec<Ulid> {
    let read = log.read_streams(&[stream.to_owned()]).await.expect("the log answers");
    let [events] = &read[..] else { panic!("{} answers for one stream", read.len()) };
    for (event, version) in events.iter().zip(1..) {
        assert_eq!((event.stream.as_str(), event.version), (stream, version));
    }
    events.iter().map(|event| event.id).collect()
}
