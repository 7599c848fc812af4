//! Erasures amid a replay, at whatever moment they come.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use event_log::{LogError, LogReader, Page, Position, RecordedEvent, StreamName};
use events::ban::{BanCreated, BanEvent};
use events::{Event, Reason};
use projector::projections::Bans;
use projector::{rebuild, verify};
use serde_json::json;
use sqlx::PgPool;
use testing::Database;

use crate::history::{AT, History, banned};
use crate::keys::master;
use crate::running::project;
use crate::tables::query;

/// More than there are reads in a verification or in a rebuild of a short log.
const MOMENTS: i64 = 8;

/// A log at whose so-manieth reading somebody is erased.
struct Erasing {
    log: Arc<dyn LogReader>,
    pool: PgPool,
    person: String,
    left: AtomicI64,
}

#[async_trait]
impl LogReader for Erasing {
    async fn read_streams(
        &self,
        streams: &[StreamName],
    ) -> Result<Vec<Vec<RecordedEvent>>, LogError> {
        self.log.read_streams(streams).await
    }

    async fn read_all(&self, after: Position, limit: u32) -> Result<Page, LogError> {
        if self.left.fetch_sub(1, Ordering::SeqCst) == 1 {
            sqlx::query("SELECT privacy.erase(gen_random_uuid(), $1, 'admin', now(), 0)")
                .bind(&self.person)
                .execute(&self.pool)
                .await
                .unwrap();
        }
        self.log.read_all(after, limit).await
    }

    async fn head(&self) -> Result<Position, LogError> {
        self.log.head().await
    }

    async fn wait_past(&self, position: Position, timeout: Duration) -> Result<bool, LogError> {
        self.log.wait_past(position, timeout).await
    }
}

/// As many banned users as there are moments, and one who is never erased.
async fn story() -> (Database, History) {
    let database = Database::create().await;
    let history = History::new().sealing(&database);
    for user in 0..=MOMENTS {
        let banned = banned("stream", &format!("user-{user}"), 1);
        let created = BanCreated { reason: Reason::parse("secret").unwrap(), ..banned };
        history.tell(AT, Some("moderator"), Event::Ban(BanEvent::Created(created))).await;
    }
    project(&database, &history).await;
    (database, history)
}

fn erasing(database: &Database, history: &History, moment: i64) -> Erasing {
    Erasing {
        log: history.reader(),
        pool: database.pool.clone(),
        person: format!("user-{moment}"),
        left: AtomicI64::new(moment),
    }
}

/// Whose bans still have a reason.
async fn told(database: &Database) -> serde_json::Value {
    let reasons = "SELECT target_user_id AS id FROM projections.bans WHERE reason IS NOT NULL
        ORDER BY 1";
    query(&database.pool, reasons).await
}

#[tokio::test]
async fn a_verification_takes_no_erasure_for_a_difference() {
    let (database, history) = story().await;
    for moment in 1..=MOMENTS {
        let log = erasing(&database, &history, moment);
        let verified = verify(&database.pool, &log, &master(), &Bans).await.unwrap();
        assert_eq!(verified.differing(), [""; 0], "at reading {moment}");
        if log.left.load(Ordering::SeqCst) > 0 {
            assert!(moment > 4, "it was erased before and after the replay");
            return;
        }
    }
    panic!("a verification has more than {MOMENTS} readings");
}

#[tokio::test]
async fn a_rebuild_brings_no_text_back() {
    let (database, history) = story().await;
    for moment in 1..=MOMENTS {
        let log = erasing(&database, &history, moment);
        rebuild(&database.pool, &log, &master(), &Bans).await.unwrap();
        let never_reached = log.left.load(Ordering::SeqCst) > 0;
        let left = moment + i64::from(!never_reached);
        let ids: Vec<_> = [0].into_iter().chain(left..=MOMENTS).collect();
        let ids = ids.into_iter().map(|user| json!({"id": format!("user-{user}")}));
        assert_eq!(told(&database).await, ids.collect::<serde_json::Value>(), "at {moment}");
        if never_reached {
            assert!(moment > 2, "it was erased before and after the replay");
            return;
        }
    }
    panic!("a rebuild has more than {MOMENTS} readings");
}
