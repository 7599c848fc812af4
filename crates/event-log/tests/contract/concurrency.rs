//! Many writers at once, and those who read meanwhile.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use event_log::{AppendOutcome, EventLog, Expected, Position, RecordedEvent};
use futures_util::future::join_all;

use super::given::{append, event, everything, extend, ids};

pub(crate) async fn of_many_first_appends_one_wins(log: Arc<dyn EventLog>) {
    let outcomes = join_all(
        (0..64).map(|_| async { append(&*log, "a", Expected::NoStream, &[event()]).await }),
    )
    .await;

    let position = log.head().await.unwrap();
    let won = outcomes.iter().filter(|o| **o == AppendOutcome::Appended { position }).count();
    let lost = outcomes.iter().filter(|o| **o == AppendOutcome::Conflict { actual: 1 }).count();
    assert_eq!((won, lost), (1, 63), "{outcomes:?}");
    assert_eq!(everything(&*log).await.len(), 1);
}

pub(crate) async fn of_many_equal_appends_one_is_appended(log: Arc<dyn EventLog>) {
    let given = [event(), event()];
    let outcomes = join_all((0..64).map(|_| append(&*log, "a", Expected::NoStream, &given))).await;

    let position = log.head().await.unwrap();
    let appended = outcomes.iter().filter(|o| **o == AppendOutcome::Appended { position }).count();
    let already = AppendOutcome::AlreadyAppended { position };
    let recognised = outcomes.iter().filter(|o| **o == already).count();
    assert_eq!((appended, recognised), (1, 63), "{outcomes:?}");
    assert_eq!(everything(&*log).await.len(), 2);
}

pub(crate) async fn a_conflict_does_not_harm_its_neighbours(log: Arc<dyn EventLog>) {
    let log = &*log;
    let outcomes = join_all((0..100).map(|n| async move {
        let expected = if n % 3 == 0 { Expected::Exact(9) } else { Expected::NoStream };
        append(log, &format!("a-{n}"), expected, &[event()]).await
    }))
    .await;

    for (n, outcome) in outcomes.iter().enumerate() {
        let found = ids(log, &format!("a-{n}")).await.len();
        match outcome {
            AppendOutcome::Conflict { actual: 0 } if n % 3 == 0 => assert_eq!(found, 0),
            AppendOutcome::Appended { .. } if n % 3 != 0 => assert_eq!(found, 1),
            _ => panic!("{n}: {outcome:?}"),
        }
    }
    assert_eq!(everything(log).await.len(), 66);
}

const WRITERS: u32 = 32;
const EVENTS: u32 = 25;

pub(crate) async fn readers_see_every_position_once_and_in_order(log: Arc<dyn EventLog>) {
    let readers: Vec<_> = (0..4).map(|_| tokio::spawn(follow(Arc::clone(&log)))).collect();
    let writers: Vec<_> = (0..WRITERS).map(|n| tokio::spawn(write(Arc::clone(&log), n))).collect();
    let mut written: Vec<Position> = vec![];
    for writer in writers {
        written.extend(writer.await.unwrap());
    }
    written.sort_unstable();

    for reader in readers {
        let seen = reader.await.unwrap();
        assert_eq!(seen.iter().map(|event| event.position).collect::<Vec<_>>(), written);
        let mut versions: HashMap<&str, u32> = HashMap::new();
        for event in &seen {
            let version = versions.entry(&event.stream).or_default();
            *version += 1;
            assert_eq!(event.version, *version, "{}", event.stream);
        }
    }
}

/// Writes a stream of its own, between futile attempts at one that exists.
async fn write(log: Arc<dyn EventLog>, n: u32) -> Vec<Position> {
    let stream = format!("writer-{n}");
    let mut positions = vec![];
    for version in 0..EVENTS {
        positions.push(extend(&*log, &stream, version).await);
        append(&*log, &stream, Expected::NoStream, &[event()]).await;
    }
    positions
}

/// What one sees who reads from the start while others write, until all is written.
async fn follow(log: Arc<dyn EventLog>) -> Vec<RecordedEvent> {
    let mut seen: Vec<RecordedEvent> = vec![];
    while seen.len() < (WRITERS * EVENTS) as usize {
        let after = seen.last().map_or(Position::START, |event| event.position);
        let page = log.read_all(after, 7).await.unwrap();
        if page.events.is_empty() {
            let grew = log.wait_past(after, Duration::from_secs(20)).await.unwrap();
            assert!(grew, "no event after {after} in 20 seconds");
        }
        seen.extend(page.events);
    }
    seen
}
