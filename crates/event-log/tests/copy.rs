//! A history moves to another log.
#![expect(clippy::expect_used, clippy::panic, reason = "the helpers are shared by several tests")]

#[path = "contract/given.rs"]
#[expect(dead_code, reason = "not all of it is needed here")]
mod given;

use chrono::DateTime;
use event_log::memory::MemoryLog;
use event_log::postgres::{PostgresLog, PostgresLogConfig};
use event_log::{Copied, CopyError, Expected, copy};
use given::{append, event, events, everything, extend};

fn empty() -> MemoryLog {
    MemoryLog::new(|| DateTime::UNIX_EPOCH)
}

/// Three streams, interleaved.
async fn history() -> MemoryLog {
    let log = empty();
    append(&log, "a", Expected::NoStream, &events(2)).await;
    for (stream, version) in [("b", 0), ("a", 2), ("c", 0), ("b", 1)] {
        extend(&log, stream, version).await;
    }
    log
}

fn told(events: &[event_log::RecordedEvent]) -> Vec<(String, u32, ulid::Ulid, String)> {
    let tell = |event: &event_log::RecordedEvent| {
        (event.stream.clone(), event.version, event.id, event.data.get().replace(' ', ""))
    };
    events.iter().map(tell).collect()
}

#[tokio::test]
async fn everything_is_copied_in_order_and_only_once() {
    let old = history().await;
    let database = testing::Database::create().await;
    let new = PostgresLog::connect(PostgresLogConfig::new(&database.url)).await.expect("the log");
    let mut pages = vec![];
    let copied = copy(&old, &new, |so_far| pages.push(so_far)).await.expect("a copy");
    assert_eq!(copied, Copied { copied: 6, found: 0 });
    assert_eq!(pages, [copied]);
    assert_eq!(told(&everything(&new).await), told(&everything(&old).await));

    // Taken up again after the old one has grown.
    extend(&old, "c", 1).await;
    let again = copy(&old, &new, |_| {}).await.expect("a copy");
    assert_eq!(again, Copied { copied: 1, found: 6 });
    assert_eq!(told(&everything(&new).await), told(&everything(&old).await));
}

#[tokio::test]
async fn a_log_that_holds_something_else_is_refused() {
    let old = history().await;
    let other = empty();
    append(&other, "b", Expected::NoStream, &[event()]).await;
    let Err(CopyError::Foreign { stream, version, position }) = copy(&old, &other, |_| {}).await
    else {
        panic!("copied")
    };
    assert_eq!((stream.as_str(), version, position.0), ("b", 1, 3));

    let mixed = empty();
    append(&mixed, "z", Expected::NoStream, &[event()]).await;
    let refused = copy(&old, &mixed, |_| {}).await;
    assert!(matches!(refused, Err(CopyError::Foreign { .. })), "{refused:?}");
}

#[tokio::test]
async fn nothing_is_copied_to_nothing() {
    assert_eq!(copy(&empty(), &empty(), |_| {}).await.expect("a copy"), Copied::default());
}
