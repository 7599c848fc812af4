//! An empty log of each kind, with what must outlive it.
#![expect(dead_code, reason = "each engine's test uses one of them")]

use std::future::{Ready, ready};
use std::sync::Arc;

use chrono::DateTime;
use event_log::EventLog;
use event_log::eventstore::{EventStoreConfig, EventStoreLog};
use event_log::memory::MemoryLog;
use event_log::postgres::{PostgresLog, PostgresLogConfig};
use eventstore_stand_in::StandIn;
use testing::Database;

mod shared;

use shared::Shared;

pub(crate) fn memory() -> Ready<(Arc<dyn EventLog>, ())> {
    ready((Arc::new(MemoryLog::new(|| DateTime::UNIX_EPOCH)), ()))
}

pub(crate) async fn postgres() -> (Arc<dyn EventLog>, Database) {
    let database = Database::create().await;
    let config = PostgresLogConfig::new(&database.url);
    let log = PostgresLog::connect(config).await.expect("the log is there");
    (Arc::new(log), database)
}

pub(crate) async fn eventstore() -> (Arc<dyn EventLog>, StandIn) {
    let stand_in = StandIn::start().expect("a free port");
    (eventstore_at(&stand_in.url).await, stand_in)
}

/// A part of a log in which others write, on the server that `EVENTSTORE_URL` names or else on a
/// stand-in.
pub(crate) async fn eventstore_shared() -> (Arc<dyn EventLog>, Shared) {
    let shared = Shared::take().await;
    (eventstore_at(&shared.url).await, shared)
}

async fn eventstore_at(url: &str) -> Arc<dyn EventLog> {
    let now = || DateTime::from_timestamp_millis(1_700_000_000_123).expect("a time");
    let log = EventStoreLog::connect(EventStoreConfig::new(url), now).await;
    Arc::new(log.expect("the log is there"))
}
