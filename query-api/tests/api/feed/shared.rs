//! What all feeds of a process share, and what they do without the database.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use event_log::{LogError, LogReader, Page, Position, RecordedEvent, StreamName};
use events::ban::RevokeCause;
use query_api::access::{Access, MAX_STALENESS};
use serde_json::json;
use testing::eventually;

use super::FEED;
use super::listener::Listener;
use crate::outage::allow;
use crate::support::{CREATOR, NewBan, STAFF, Stage};

/// How many feeds, of two callers.
const FEEDS: usize = 40;

/// Counts the reads that are not the follower's, who asks for thousands at once.
struct Counting {
    log: Arc<dyn LogReader>,
    pages: Arc<AtomicUsize>,
    streams: Arc<AtomicUsize>,
}

#[async_trait]
impl LogReader for Counting {
    async fn read_streams(
        &self,
        streams: &[StreamName],
    ) -> Result<Vec<Vec<RecordedEvent>>, LogError> {
        self.streams.fetch_add(streams.len(), Ordering::SeqCst);
        self.log.read_streams(streams).await
    }

    async fn read_all(&self, after: Position, limit: u32) -> Result<Page, LogError> {
        // A single event is read to know which log it is.
        if (2..=1_000).contains(&limit) {
            self.pages.fetch_add(1, Ordering::SeqCst);
        }
        self.log.read_all(after, limit).await
    }

    async fn head(&self) -> Result<Position, LogError> {
        self.pages.fetch_add(1, Ordering::SeqCst);
        self.log.head().await
    }

    async fn wait_past(&self, position: Position, timeout: Duration) -> Result<bool, LogError> {
        self.log.wait_past(position, timeout).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_is_read_once_for_all() {
    let (pages, streams) = (Arc::<AtomicUsize>::default(), Arc::<AtomicUsize>::default());
    let counting = |log| {
        let (pages, streams) = (Arc::clone(&pages), Arc::clone(&streams));
        Arc::new(Counting { log, pages, streams }) as Arc<dyn LogReader>
    };
    let stage = Stage::with(Access::new(MAX_STALENESS), counting).await;
    let mut listeners = vec![];
    for nth in 0..FEEDS {
        let who = if nth % 2 == 0 { STAFF } else { CREATOR };
        // Those who come back to where the log ends have nothing to read either.
        listeners.push(match nth % 4 {
            0 | 1 => Listener::start(&stage, who).await,
            _ => Listener::resume(&stage, who, 0).await,
        });
    }
    for user in ["first", "second", "third"] {
        let ban = stage.ban(NewBan { user, ..NewBan::default() }).await;
        let before = stage.last().0;
        for listener in &mut listeners {
            assert_eq!(listener.positions(1).await, [before]);
        }
        stage.revoke(ban, RevokeCause::Manual, "2026-01-15T11:30:00.000Z").await;
        for listener in &mut listeners {
            assert_eq!(listener.positions(1).await, [before + 1]);
        }
    }
    assert_eq!(pages.load(Ordering::SeqCst), 0);
    // Where a ban is that has ended is remembered since it began.
    assert_eq!(streams.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn without_the_database_it_ends_and_is_resumed_afterwards() {
    let stage = Stage::new().await;
    let mut listener = Listener::start(&stage, STAFF).await;
    stage.ban(NewBan::default()).await;
    assert_eq!(listener.positions(1).await, [1]);
    // The log has its own way to the database in this test, so both go, and an event comes in before the
    // directory can be asked again.
    let rename = async |from: &str, to: &str| {
        let statement = sqlx::AssertSqlSafe(format!("ALTER TABLE directory.{from} RENAME TO {to}"));
        sqlx::query(statement).execute(&stage.database.owner).await.unwrap();
    };
    rename("users", "gone").await;
    stage.ban(NewBan { user: "second", ..NewBan::default() }).await;
    assert_eq!(listener.frame().await, None);
    let answer = stage.get_with(STAFF, FEED, &[("Last-Event-ID", "1")]).await;
    assert_eq!(answer.errors(500), json!(["Internal server error"]));
    rename("gone", "users").await;
    let mut again = Listener::resume(&stage, STAFF, 1).await;
    assert_eq!(again.positions(1).await, [2]);

    allow(&stage, false).await;
    let refused = stage.get_with(STAFF, FEED, &[("Last-Event-ID", "1")]).await;
    assert_eq!(refused.errors(503), json!(["Service temporarily unavailable"]));
    allow(&stage, true).await;
    eventually("the feed to be there again", async || {
        let request = stage.request(STAFF, FEED).header("Last-Event-ID", "1");
        (request.send().await.unwrap().status().as_u16() == 200).then_some(())
    })
    .await;
}
