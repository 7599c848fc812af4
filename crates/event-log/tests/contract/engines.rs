//! An empty log of each kind, with what must outlive it.
#![expect(dead_code, reason = "each engine's test uses one of them")]

use std::future::{Ready, ready};
use std::sync::Arc;

use chrono::DateTime;
use event_log::EventLog;
use event_log::memory::MemoryLog;
use event_log::postgres::{PostgresLog, PostgresLogConfig};
use testing::Database;

pub(crate) fn memory() -> Ready<(Arc<dyn EventLog>, ())> {
    ready((Arc::new(MemoryLog::new(|| DateTime::UNIX_EPOCH)), ()))
}

pub(crate) async fn postgres() -> (Arc<dyn EventLog>, Database) {
    let database = Database::create().await;
    let config = PostgresLogConfig::new(&database.url);
    let log = PostgresLog::connect(config).await.expect("the log is there");
    (Arc::new(log), database)
}
