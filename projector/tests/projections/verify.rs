//! What `verify` finds, and says.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use event_log::{LogError, LogReader, Page, Position, RecordedEvent, StreamName};
use events::ban::RevokeCause;
use projector::projections::Bans;
use projector::{ProjectorError, Verification, rebuild, verify};
use serde_json::json;
use sqlx::{AssertSqlSafe, PgPool};
use testing::Database;

use crate::history::{AT, History, ban, ban_id, end};
use crate::keys::master;
use crate::running::{Running, assert_true_to_the_log, caught_up, project};
use crate::tables::query;

/// Three bans, the second of which has ended, and their ids, in order.
async fn three() -> (Database, History, [String; 3]) {
    let (database, history) = (Database::create().await, History::new());
    let mut users = ["a", "b", "c"];
    users.sort_by_key(|user| ban_id("stream", user, 1).to_string());
    for user in users {
        history.tell(AT, Some("moderator"), ban("stream", user, 1)).await;
    }
    history.tell(AT, Some("creator"), end("stream", users[1], 1, RevokeCause::Manual)).await;
    project(&database, &history).await;
    (database, history, users.map(|user| ban_id("stream", user, 1).to_string()))
}

/// Does this to the live tables and verifies.
async fn after(database: &Database, history: &History, statement: String) -> Verification {
    sqlx::query(AssertSqlSafe(statement)).execute(&database.pool).await.unwrap();
    verify(&database.pool, history.log.as_ref(), &master(), &Bans).await.unwrap()
}

#[tokio::test]
async fn tables_that_are_what_the_log_says_are_the_same() {
    let (database, history, _) = three().await;
    let verified = verify(&database.pool, history.log.as_ref(), &master(), &Bans).await.unwrap();
    let digest = |table: &str| verified.live[table].sum.clone();
    assert_eq!(
        verified.to_string(),
        format!(
            "ban_counts: same, 4 rows, digest {}, position 4\n\
             bans: same, 3 rows, digest {}, position 4",
            digest("ban_counts"),
            digest("bans")
        )
    );
    assert_eq!(verified.differing(), [""; 0]);
    let left = "SELECT schemaname, tablename FROM pg_tables
        WHERE schemaname = 'projections_check' AND tablename NOT IN ('checkpoints', 'parked')";
    assert_eq!(query(&database.pool, left).await, json!([]));
}

#[tokio::test]
async fn of_several_rows_that_differ_the_first_is_shown_column_by_column() {
    let (database, history, [_, second, third]) = three().await;
    let change = format!(
        "UPDATE projections.bans SET reason = E'a \"new\"\\nreason', revoked_by = NULL
         WHERE id IN ('{second}', '{third}')"
    );
    let verified = after(&database, &history, change).await;
    let (live, replayed) = (&verified.live["bans"], &verified.replayed["bans"]);
    let said = verified.to_string();
    let (_, bans) = said.split_once('\n').unwrap();
    assert_eq!(
        bans,
        format!(
            "bans: differs, 3 rows, digest {}, position 4; replayed: 3 rows, digest {}
  first differing row: id = \"{second}\"
    reason: live \"a \\\"new\\\"\\nreason\", replayed null
    revoked_by: live null, replayed \"creator\"",
            live.sum, replayed.sum
        )
    );
}

#[tokio::test]
async fn a_row_that_is_missing_is_said_to_be() {
    let (database, history, [first, ..]) = three().await;
    let change = format!("DELETE FROM projections.bans WHERE id = '{first}'");
    let verified = after(&database, &history, change).await;
    let said = verified.differences["bans"].to_string();
    let start = format!(
        "  first differing row: id = \"{first}\"\n    missing: the log makes it, and the live table \
         does not have it\n    id: replayed \"{first}\"\n    live_stream_id: replayed \"stream\"\n"
    );
    assert!(said.starts_with(&start), "{said}");
    assert_eq!(verified.differences.len(), 1);
}

#[tokio::test]
async fn a_row_that_is_surplus_is_said_to_be_also_at_the_end() {
    let (database, history, [first, ..]) = three().await;
    for id in ["000000000000000000000000", "ffffffffffffffffffffffff"] {
        let change = format!(
            "INSERT INTO projections.bans
             SELECT (jsonb_populate_record(b, '{{\"id\": \"{id}\"}}')).*
             FROM projections.bans AS b WHERE id = '{first}'"
        );
        let verified = after(&database, &history, change).await;
        let difference = &verified.differences["bans"];
        assert_eq!(difference.key, [("id".to_owned(), id.to_owned())]);
        assert_eq!((difference.live.is_some(), difference.replayed.is_some()), (true, false));
        assert!(
            difference.to_string().contains("surplus: the live table has it, and the log does not")
        );
        let undo = format!("DELETE FROM projections.bans WHERE id = '{id}'");
        assert_eq!(after(&database, &history, undo).await.differing(), [""; 0]);
    }
}

#[tokio::test]
async fn a_row_of_another_key_is_missing_or_surplus_whichever_comes_first() {
    let (database, history, [first, second, _]) = three().await;
    let rename = |from: &str, to: &str| {
        format!("UPDATE projections.bans SET id = '{to}' WHERE id = '{from}'")
    };
    let later = "ffffffffffffffffffffffff";
    let verified = after(&database, &history, rename(&first, later)).await;
    let difference = &verified.differences["bans"];
    assert_eq!(difference.key[0].1, first);
    assert!(difference.live.is_none(), "missing");
    after(&database, &history, rename(later, &first)).await;

    let earlier = "000000000000000000000000";
    let verified = after(&database, &history, rename(&second, earlier)).await;
    let difference = &verified.differences["bans"];
    assert_eq!(difference.key[0].1, earlier);
    assert!(difference.replayed.is_none(), "surplus");
}

#[tokio::test]
async fn rows_are_in_the_order_of_keys_of_several_columns_and_pages() {
    let (database, history) = (Database::create().await, History::new());
    for nth in 0..5000 {
        history.tell(AT, Some("moderator"), ban(&format!("stream-{nth:04}"), "a", 1)).await;
    }
    project(&database, &history).await;
    let change = "UPDATE projections.ban_counts SET bans = 7
        WHERE live_stream_id IN ('stream-4321', 'stream-4500')";
    let verified = after(&database, &history, change.to_owned()).await;
    assert_eq!(
        verified.differences["ban_counts"].to_string(),
        "  first differing row: live_stream_id = \"stream-4321\", action_type = \"BLOCK\", state = \
         \"unrevoked\"\n    bans: live \"7\", replayed \"1\""
    );
}

#[tokio::test]
async fn every_table_has_a_primary_key_to_be_gone_through_by() {
    let database = Database::create().await;
    for projection in projector::all() {
        for table in projection.tables() {
            let keys: i64 = sqlx::query_scalar(
                "SELECT count(*) FROM pg_index WHERE indisprimary AND indrelid = $1::regclass",
            )
            .bind(format!("projections.{table}"))
            .fetch_one(&database.pool)
            .await
            .unwrap();
            assert_eq!(keys, 1, "{table}");
        }
    }
}

#[tokio::test]
async fn it_goes_on_beside_a_projector_at_work_and_rebuilds() {
    let database = Database::create().await;
    let history = History::stored(&database).await;
    let running = Running::start(&database.pool, history.reader());
    let telling = async {
        for nth in 0..300 {
            history.tell(AT, Some("moderator"), ban("stream", &format!("user-{nth}"), 1)).await;
        }
    };
    let rebuilding = async {
        for _ in 0..8 {
            rebuild(&database.pool, history.log.as_ref(), &master(), &Bans).await.unwrap();
        }
    };
    let verifying = async {
        for _ in 0..12 {
            assert_true_to_the_log(&database.pool, history.log.as_ref()).await;
        }
    };
    tokio::join!(telling, rebuilding, verifying);
    caught_up(&database.pool, history.reader().as_ref()).await;
    assert_true_to_the_log(&database.pool, history.log.as_ref()).await;
    running.stop().await;
}

/// A log during whose reading, so many times, the live tables become those of another one.
struct Meddling {
    log: Arc<dyn LogReader>,
    pool: PgPool,
    times: AtomicI64,
}

#[async_trait]
impl LogReader for Meddling {
    async fn read_streams(
        &self,
        streams: &[StreamName],
    ) -> Result<Vec<Vec<RecordedEvent>>, LogError> {
        self.log.read_streams(streams).await
    }

    async fn read_all(&self, after: Position, limit: u32) -> Result<Page, LogError> {
        if after == Position::START && self.times.fetch_sub(1, Ordering::SeqCst) > 0 {
            let other = "UPDATE projections.checkpoints SET log_id = log_id || 'x'";
            sqlx::query(other).execute(&self.pool).await.unwrap();
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

#[tokio::test]
async fn it_begins_again_when_the_live_tables_are_made_anew_meanwhile() {
    let (database, history, _) = three().await;
    let meddling = |times| Meddling {
        log: history.reader(),
        pool: database.pool.clone(),
        times: AtomicI64::new(times),
    };
    let twice = meddling(2);
    let verified = verify(&database.pool, &twice, &master(), &Bans).await.unwrap();
    assert_eq!(verified.differing(), [""; 0]);
    assert!(twice.times.load(Ordering::SeqCst) < 0, "it was read again");

    let always = verify(&database.pool, &meddling(i64::MAX), &master(), &Bans).await;
    assert!(matches!(always, Err(ProjectorError::Unsettled("bans"))), "{always:?}");
}
