//! A stand-in and logs on it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use chrono::{DateTime, Utc};
use event_log::eventstore::{EventStoreConfig, EventStoreLog};
use event_log::{AppendOutcome, EventLog, Expected, LogError, NewEvent};
use eventstore_stand_in::StandIn;
use testing::eventually;
use ulid::Ulid;

use crate::given::event;

/// The present, in milliseconds, as far as the log is concerned.
pub(crate) const NOW: i64 = 1_700_000_000_123;

pub(crate) fn now() -> DateTime<Utc> {
    DateTime::from_timestamp_millis(NOW).unwrap()
}

pub(crate) fn stand_in() -> StandIn {
    StandIn::start().unwrap()
}

/// Has a server that refuses connections take them again.
pub(crate) async fn accept(stand_in: &StandIn) {
    stand_in.accept().await.unwrap();
}

pub(crate) async fn connect(url: &str) -> EventStoreLog {
    connect_with(EventStoreConfig::new(url)).await.unwrap()
}

pub(crate) async fn connect_with(config: EventStoreConfig) -> Result<EventStoreLog, LogError> {
    EventStoreLog::connect(config, now).await
}

/// For tests in which the server does not answer.
pub(crate) fn impatient(url: &str) -> EventStoreConfig {
    EventStoreConfig {
        patience: Duration::from_secs(1),
        read_patience: Duration::from_secs(1),
        answer_within: Duration::from_millis(250),
        ..EventStoreConfig::new(url)
    }
}

/// An event with an id that was made just now.
pub(crate) fn fresh() -> NewEvent {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let random = u128::from(NEXT.fetch_add(1, Ordering::Relaxed));
    NewEvent { id: Ulid::from_parts(NOW.cast_unsigned(), random), ..event() }
}

/// Appends as soon as the log is found again.
pub(crate) async fn append_at_last(
    log: &EventStoreLog,
    stream: &str,
    expected: Expected,
    events: &[NewEvent],
) -> AppendOutcome {
    let what = format!("{stream} at {expected:?}");
    eventually(&what, async || match log.append(stream, expected, events.to_vec()).await {
        Err(LogError::Unavailable(_)) => None,
        other => Some(other.unwrap()),
    })
    .await
}

/// The types of the log's events that are not the server's own.
pub(crate) fn types(stand_in: &StandIn) -> Vec<String> {
    let all = stand_in.log().into_iter().map(|(_, _, event_type)| event_type);
    all.filter(|event_type| !event_type.starts_with('$')).collect()
}

/// How many events stand in streams that readers get to see.
pub(crate) fn shown(stand_in: &StandIn) -> usize {
    types(stand_in).iter().filter(|event_type| *event_type == "Happened").count()
}
