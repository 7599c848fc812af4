//! An empty log of each kind, with what must outlive it.
#![expect(dead_code, reason = "each engine's test uses one of them")]

use std::future::{Ready, ready};
use std::sync::Arc;

use chrono::DateTime;
use event_log::EventLog;
use event_log::memory::MemoryLog;
use event_log::postgres::{PostgresLog, PostgresLogConfig};
use testing::Database;

#[cfg(feature = "eventstore")]
mod shared;

pub(crate) fn memory() -> Ready<(Arc<dyn EventLog>, ())> {
    ready((Arc::new(MemoryLog::new(|| DateTime::UNIX_EPOCH)), ()))
}

pub(crate) async fn postgres() -> (Arc<dyn EventLog>, Database) {
    let database = Database::create().await;
    let config = PostgresLogConfig::new(&database.url);
    let log = PostgresLog::connect(config).await.expect("the log is there");
    (Arc::new(log), database)
}

#[cfg(feature = "eventstore")]
pub(crate) async fn eventstore() -> (Arc<dyn EventLog>, eventstore_stand_in::StandIn) {
    let stand_in = eventstore_stand_in::StandIn::start().expect("a free port");
    (eventstore_at(&stand_in.url).await, stand_in)
}

/// A part of a log in which others write, on the server that `EVENTSTORE_URL` names or else on a
/// stand-in.
#[cfg(feature = "eventstore")]
pub(crate) async fn eventstore_shared() -> (Arc<dyn EventLog>, shared::Shared) {
    let shared = shared::Shared::take();
    (eventstore_at(&shared.url).await, shared)
}

#[cfg(feature = "eventstore")]
async fn eventstore_at(url: &str) -> Arc<dyn EventLog> {
    use event_log::eventstore::{EventStoreConfig, EventStoreLog};

    let now = || DateTime::from_timestamp_millis(1_700_000_000_123).expect("a time");
    let log = EventStoreLog::connect(EventStoreConfig::new(url), now).await;
    Arc::new(log.expect("the log is there"))
}
