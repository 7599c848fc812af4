//! Whatever happens to a projector, its database or its log: nothing lost, nothing twice.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use event_log::{LogError, LogReader, Page, Position, RecordedEvent, StreamName};
use projector::digests;
use serde_json::json;
use testing::{Database, eventually, wait_until};

use crate::history::{AT, History, ban};
use crate::running::{Running, assert_true_to_the_log, caught_up};
use crate::tables::{execute, query, rows};

/// Who holds a projection: the backends with a projection's lock.
const HOLDERS: &str = "SELECT a.application_name, a.pid
    FROM pg_locks AS l JOIN pg_stat_activity AS a USING (pid)
    WHERE l.locktype = 'advisory' AND l.granted AND a.application_name LIKE 'docket projections.%'
        AND a.datname = current_database()";

/// Ends the backends that hold a projection.
const KILL: &str = "SELECT pg_terminate_backend(a.pid)
    FROM pg_locks AS l JOIN pg_stat_activity AS a USING (pid)
    WHERE l.locktype = 'advisory' AND l.granted AND a.application_name LIKE 'docket projections.%'
        AND a.datname = current_database()";

#[tokio::test]
async fn of_two_projectors_one_works_and_the_other_takes_over() {
    let database = Database::create().await;
    let history = History::stored(&database).await;
    let first = Running::start(&database.pool, history.reader());
    history.tell(AT, Some("moderator"), ban("stream", "a", 1)).await;
    caught_up(&database.pool, history.reader().as_ref()).await;
    let holders = query(&database.owner, HOLDERS).await;
    assert_eq!(holders.as_array().unwrap().len(), projector::all().len());

    let second = Running::start(&database.pool, history.reader());
    eventually("the second to stand by", async || {
        let connected = "SELECT pid FROM pg_stat_activity
            WHERE application_name LIKE 'docket projections.%' AND datname = current_database()";
        let connected = query(&database.owner, connected).await;
        (connected.as_array().unwrap().len() == 2 * projector::all().len()).then_some(())
    })
    .await;
    history.tell(AT, Some("moderator"), ban("stream", "b", 1)).await;
    caught_up(&database.pool, history.reader().as_ref()).await;
    assert_eq!(query(&database.owner, HOLDERS).await, holders, "the first works on");

    first.stop().await;
    history.tell(AT, Some("moderator"), ban("stream", "c", 1)).await;
    caught_up(&database.pool, history.reader().as_ref()).await;
    let successors = query(&database.owner, HOLDERS).await;
    assert_eq!(successors.as_array().unwrap().len(), projector::all().len());
    assert_ne!(successors, holders);
    assert_true_to_the_log(&database.pool, history.reader().as_ref()).await;
    second.stop().await;
}

#[tokio::test]
async fn killed_backends_lose_nothing_and_double_nothing() {
    let database = Database::create().await;
    let history = History::stored(&database).await;
    let both = [0, 1].map(|_| Running::start(&database.pool, history.reader()));
    let telling = async {
        for nth in 0..400 {
            history.tell(AT, Some("moderator"), ban("stream", &format!("user-{nth}"), 1)).await;
        }
    };
    let killing = async {
        for _ in 0..10 {
            let before = eventually("somebody to work on each", async || {
                let holders = query(&database.owner, HOLDERS).await;
                (holders.as_array().unwrap().len() == projector::all().len()).then_some(holders)
            })
            .await;
            execute(&database.owner, KILL).await;
            eventually("others to take over", async || {
                let holders = query(&database.owner, HOLDERS).await;
                (holders != before && holders.as_array().unwrap().len() == projector::all().len())
                    .then_some(())
            })
            .await;
        }
    };

    tokio::join!(telling, killing);
    caught_up(&database.pool, history.reader().as_ref()).await;

    assert_eq!(digests(&database.pool).await.unwrap()["bans"].rows, 400);
    assert_eq!(rows(&database.pool, "parked").await, json!([]));
    assert_true_to_the_log(&database.pool, history.reader().as_ref()).await;
    for running in both {
        running.stop().await;
    }
}

#[tokio::test]
async fn who_has_lost_the_fence_writes_no_more_until_he_takes_it_again() {
    let (database, history) = (Database::create().await, History::new());
    let running = Running::start(&database.pool, history.reader());
    history.tell(AT, Some("moderator"), ban("stream", "first", 1)).await;
    caught_up(&database.pool, history.reader().as_ref()).await;
    for nth in 0..10 {
        execute(&database.pool, "UPDATE projections.checkpoints SET owner = owner + 1").await;
        let head = history.tell(AT, Some("moderator"), ban("stream", &format!("u{nth}"), 1)).await;
        wait_until(&database.pool, "bans", head.0).await;
    }
    caught_up(&database.pool, history.reader().as_ref()).await;
    running.stop().await;

    // Taken once, then lost and taken again ten times.
    let fence = "SELECT owner FROM projections.checkpoints WHERE name = 'bans'";
    assert_eq!(query(&database.pool, fence).await, json!([{"owner": 21}]));
    assert_eq!(digests(&database.pool).await.unwrap()["bans"].rows, 11);
    assert_true_to_the_log(&database.pool, history.reader().as_ref()).await;
}

/// A log whose first reads panic.
struct Panics {
    log: Arc<dyn LogReader>,
    reads: AtomicU32,
}

#[async_trait]
impl LogReader for Panics {
    async fn read_streams(
        &self,
        streams: &[StreamName],
    ) -> Result<Vec<Vec<RecordedEvent>>, LogError> {
        self.log.read_streams(streams).await
    }

    async fn read_all(&self, after: Position, limit: u32) -> Result<Page, LogError> {
        assert!(self.reads.fetch_add(1, Ordering::SeqCst) > 3, "a fault of ours");
        self.log.read_all(after, limit).await
    }

    async fn head(&self) -> Result<Position, LogError> {
        self.log.head().await
    }

    async fn wait_past(&self, position: Position, timeout: Duration) -> Result<bool, LogError> {
        self.log.wait_past(position, timeout).await
    }
}

#[tokio::test]
async fn a_panic_is_outlived() {
    let (database, history) = (Database::create().await, History::new());
    history.tell(AT, Some("moderator"), ban("stream", "user", 1)).await;
    let log = Arc::new(Panics { log: history.reader(), reads: AtomicU32::new(0) });
    let running = Running::start(&database.pool, log);

    caught_up(&database.pool, history.reader().as_ref()).await;

    eventually("health to be told", async || {
        running.health.report().get("projections").filter(|check| check.ok).map(|_| ())
    })
    .await;
    running.stop().await;
    assert_true_to_the_log(&database.pool, history.reader().as_ref()).await;
}

/// A log that cannot be reached every now and then.
struct Flaky {
    log: Arc<dyn LogReader>,
    /// How often each place has been read from.
    reads: Mutex<HashMap<Position, u32>>,
}

#[async_trait]
impl LogReader for Flaky {
    async fn read_streams(
        &self,
        streams: &[StreamName],
    ) -> Result<Vec<Vec<RecordedEvent>>, LogError> {
        self.log.read_streams(streams).await
    }

    async fn read_all(&self, after: Position, limit: u32) -> Result<Page, LogError> {
        let tries = {
            let mut reads = self.reads.lock().unwrap();
            let tries = reads.entry(after).or_default();
            *tries += 1;
            *tries
        };
        // Three projections and the monitor read, so each of them meets one that fails.
        if tries <= 3 {
            return Err(LogError::Unavailable(Arc::new(std::io::Error::other("cable cut"))));
        }
        self.log.read_all(after, limit.min(7)).await
    }

    async fn head(&self) -> Result<Position, LogError> {
        self.log.head().await
    }

    async fn wait_past(&self, position: Position, timeout: Duration) -> Result<bool, LogError> {
        self.log.wait_past(position, timeout).await
    }
}

#[tokio::test]
async fn an_unreachable_log_is_waited_for() {
    let (database, history) = (Database::create().await, History::new());
    for nth in 0..30 {
        history.tell(AT, Some("moderator"), ban("stream", &format!("user-{nth}"), 1)).await;
    }
    let flaky = Arc::new(Flaky { log: history.reader(), reads: Mutex::default() });
    let running = Running::start(&database.pool, flaky);

    caught_up(&database.pool, history.reader().as_ref()).await;

    assert_eq!(digests(&database.pool).await.unwrap()["bans"].rows, 30);
    running.stop().await;
    assert_true_to_the_log(&database.pool, history.reader().as_ref()).await;
}

#[tokio::test]
async fn health_does_not_tell_what_is_wrong_with_the_database() {
    let (database, history) = (Database::create().await, History::new());
    let running = Running::start(&database.pool, history.reader());
    eventually("health to be told", async || {
        running.health.report().get("projections").filter(|check| check.ok).map(|_| ())
    })
    .await;

    // Only what is no projection's own work needs the pool.
    database.pool.close().await;

    let told = eventually("health to tell of it", async || {
        running.health.report().remove("projections").filter(|check| !check.ok)
    })
    .await;
    assert_eq!(told.detail, json!("the database or the log cannot be read"));
    running.stop().await;
}
