//! Tables are made anew while they are read.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use async_trait::async_trait;
use event_log::{Expected, NewEvent};
use events::ban::RevokeCause;
use projector::projections::{Bans, Reports};
use projector::{ApplyError, LoggedEvent, Projection, digests, rebuild};
use serde_json::{Value, json};
use sqlx::{PgConnection, PgPool};
use testing::{Database, eventually, wait_until};
use ulid::Ulid;

use crate::history::{AT, History, ban, end, file};
use crate::keys::master;
use crate::running::{Running, assert_true_to_the_log, caught_up, project};
use crate::tables::{execute, query, rows};

/// Tells `count` bans, every third of which ends.
async fn tell_bans(history: &History, count: u32) {
    for nth in 0..count {
        let user = format!("user-{nth}");
        history.tell(AT, Some("moderator"), ban("stream", &user, 1)).await;
        if nth % 3 == 0 {
            history.tell(AT, Some("creator"), end("stream", &user, 1, RevokeCause::Manual)).await;
        }
    }
}

/// Everything about the tables that queries and operators depend on, but the names of indexes.
async fn shape(pool: &PgPool) -> Value {
    let tables = "SELECT schemaname, tablename, tableowner FROM pg_tables
        WHERE schemaname LIKE 'projections%'";
    let indexes = "SELECT tablename, regexp_replace(indexdef, 'INDEX \\S+ ON', 'INDEX ON') AS index
        FROM pg_indexes WHERE schemaname = 'projections'";
    json!([query(pool, tables).await, query(pool, indexes).await])
}

#[tokio::test]
async fn what_is_rebuilt_is_what_was_there() {
    let (database, history) = (Database::create().await, History::new());
    tell_bans(&history, 200).await;
    history.tell(AT, Some("a"), file("stream", "a", 1, events::report::ReportType::Other)).await;
    project(&database, &history).await;
    let (before, shape_before) =
        (digests(&database.pool).await.unwrap(), shape(&database.pool).await);

    for projection in projector::all() {
        let position =
            rebuild(&database.pool, history.log.as_ref(), &master(), projection.as_ref()).await;
        assert_eq!(position.unwrap(), history.log.head().await.unwrap());
    }

    assert_eq!(digests(&database.pool).await.unwrap(), before);
    assert_eq!(shape(&database.pool).await, shape_before);
    assert_eq!(before["bans"].rows, 200);
    // And it goes on from there.
    history.tell(AT, Some("moderator"), ban("stream", "late", 1)).await;
    project(&database, &history).await;
    assert_eq!(digests(&database.pool).await.unwrap()["bans"].rows, 201);
    assert_true_to_the_log(&database.pool, history.reader().as_ref()).await;
}

#[tokio::test]
async fn a_digest_tells_tables_apart() {
    let (database, history) = (Database::create().await, History::new());
    tell_bans(&history, 3).await;
    project(&database, &history).await;
    let before = digests(&database.pool).await.unwrap();

    execute(
        &database.pool,
        "UPDATE projections.bans SET reason = 'x' WHERE target_user_id = 'user-1'",
    )
    .await;

    let after = digests(&database.pool).await.unwrap();
    assert_ne!(after["bans"], before["bans"]);
    assert_eq!(after["ban_counts"], before["ban_counts"]);
    let verified =
        projector::verify(&database.pool, history.log.as_ref(), &master(), &Bans).await.unwrap();
    assert_eq!(verified.differing(), ["bans"]);
}

#[tokio::test]
async fn no_read_fails_or_sees_less_while_tables_are_swapped() {
    let (database, history) = (Database::create().await, History::new());
    tell_bans(&history, 300).await;
    project(&database, &history).await;
    let done = Arc::new(AtomicBool::new(false));
    let reads = Arc::new(AtomicU64::new(0));
    let readers: Vec<_> = (0..4)
        .map(|nth| {
            let (pool, done, reads) = (database.pool.clone(), done.clone(), reads.clone());
            tokio::spawn(async move {
                while !done.load(Ordering::SeqCst) {
                    // Both tables in one transaction, some this way round and some the other.
                    let mut reading = pool.begin().await?;
                    let bans = "SELECT count(*) FROM projections.bans";
                    let counts = "SELECT sum(bans)::bigint FROM projections.ban_counts
                        WHERE live_stream_id = ''";
                    for query in if nth % 2 == 0 { [bans, counts] } else { [counts, bans] } {
                        let count: i64 = sqlx::query_scalar(query).fetch_one(&mut *reading).await?;
                        assert_eq!(count, 300);
                    }
                    reading.commit().await?;
                    reads.fetch_add(1, Ordering::SeqCst);
                }
                Ok::<_, sqlx::Error>(())
            })
        })
        .collect();

    for _ in 0..10 {
        let before = reads.load(Ordering::SeqCst);
        rebuild(&database.pool, history.log.as_ref(), &master(), &Bans).await.unwrap();
        eventually("reads after the swap", async || {
            (reads.load(Ordering::SeqCst) > before + 4).then_some(())
        })
        .await;
    }

    done.store(true, Ordering::SeqCst);
    for reader in readers {
        reader.await.unwrap().unwrap();
    }
}

/// A report may read one table, think, and read another: the swap waits for it, not the other way
/// round.
#[tokio::test]
async fn a_long_read_of_several_tables_is_never_the_victim() {
    let (database, history) = (Database::create().await, History::new());
    tell_bans(&history, 5).await;
    project(&database, &history).await;
    let mut reading = database.pool.begin().await.unwrap();
    let bans: i64 = sqlx::query_scalar("SELECT count(*) FROM projections.ban_counts")
        .fetch_one(&mut *reading)
        .await
        .unwrap();
    assert!(bans > 0);
    let (pool, log) = (database.pool.clone(), history.reader());
    let rebuilding =
        tokio::spawn(async move { rebuild(&pool, log.as_ref(), &master(), &Bans).await });
    eventually("the swap to want the table", async || {
        let waiting = "SELECT pid FROM pg_locks WHERE NOT granted AND mode = 'AccessExclusiveLock'
            AND relation = 'projections.ban_counts'::regclass";
        (query(&database.owner, waiting).await != json!([])).then_some(())
    })
    .await;

    let bans: i64 = sqlx::query_scalar("SELECT count(*) FROM projections.bans")
        .fetch_one(&mut *reading)
        .await
        .unwrap();

    assert_eq!(bans, 5);
    reading.commit().await.unwrap();
    rebuilding.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_half_built_one_is_dropped_at_the_next_try() {
    let (database, history) = (Database::create().await, History::new());
    tell_bans(&history, 10).await;
    project(&database, &history).await;
    let before = digests(&database.pool).await.unwrap();
    for remains in [
        "CREATE TABLE projections_next.bans (LIKE projections.bans INCLUDING ALL)",
        "INSERT INTO projections_next.bans SELECT * FROM projections.bans LIMIT 3",
        "INSERT INTO projections_next.checkpoints (name, version, position) VALUES ('bans', 1, 3)",
        "INSERT INTO projections_next.parked VALUES ('bans', 2, 'ban-x', 'x', 'x', now())",
    ] {
        execute(&database.pool, remains).await;
    }

    rebuild(&database.pool, history.log.as_ref(), &master(), &Bans).await.unwrap();

    assert_eq!(digests(&database.pool).await.unwrap(), before);
    assert_eq!(rows(&database.pool, "parked").await, json!([]));
    let ledger = query(&database.pool, "SELECT * FROM projections_next.checkpoints").await;
    assert_eq!(ledger, json!([]));
}

#[tokio::test]
async fn a_rebuild_goes_on_beside_a_projector_at_work() {
    let database = Database::create().await;
    let history = History::stored(&database).await;
    let running = Running::start(&database.pool, history.reader());
    let telling = async {
        tell_bans(&history, 300).await;
    };
    let rebuilding = async {
        for _ in 0..5 {
            rebuild(&database.pool, history.log.as_ref(), &master(), &Bans).await.unwrap();
            rebuild(&database.pool, history.log.as_ref(), &master(), &Reports).await.unwrap();
        }
    };

    tokio::join!(telling, rebuilding);
    caught_up(&database.pool, history.reader().as_ref()).await;

    assert_eq!(digests(&database.pool).await.unwrap()["bans"].rows, 300);
    assert_true_to_the_log(&database.pool, history.reader().as_ref()).await;
    assert_eq!(rows(&database.pool, "parked").await, json!([]));
    running.stop().await;
}

/// The bans as a newer program makes them.
struct Newer;

#[async_trait]
impl Projection for Newer {
    fn name(&self) -> &'static str {
        Bans.name()
    }

    fn version(&self) -> i32 {
        Bans.version() + 1
    }

    fn tables(&self) -> &'static [&'static str] {
        Bans.tables()
    }

    async fn apply(
        &self,
        connection: &mut PgConnection,
        events: &[LoggedEvent],
    ) -> Result<(), ApplyError> {
        Bans.apply(connection, events).await?;
        sqlx::query("UPDATE bans SET reason = 'none given' WHERE reason IS NULL")
            .execute(connection)
            .await?;
        Ok(())
    }
}

#[tokio::test]
async fn a_newer_version_rebuilds_at_its_start_and_the_older_one_gives_way() {
    let (database, history) = (Database::create().await, History::new());
    let older = Running::start(&database.pool, history.reader());
    tell_bans(&history, 9).await;
    wait_until(&database.pool, "bans", 12).await;

    let newer = Running::with(&database.pool, history.reader(), vec![Arc::new(Newer)]);
    eventually("the newer version", async || {
        let version = "SELECT version FROM projections.checkpoints WHERE name = 'bans'";
        (query(&database.pool, version).await == json!([{"version": 2}])).then_some(())
    })
    .await;
    let head = history.tell(AT, Some("moderator"), ban("stream", "late", 1)).await;
    wait_until(&database.pool, "bans", head.0).await;

    let reasons =
        query(&database.pool, "SELECT reason, count(*) FROM projections.bans GROUP BY reason")
            .await;
    assert_eq!(reasons, json!([{"reason": "none given", "count": 10}]));
    newer.stop().await;
    older.stop().await;
}

#[tokio::test]
async fn tables_of_another_log_are_made_anew() {
    let database = Database::create().await;
    let old = History::new();
    for user in ["a", "b", "c"] {
        old.tell(AT, Some("moderator"), ban("stream", user, 1)).await;
    }
    project(&database, &old).await;

    // Its first event is another one; its positions are smaller.
    let new = History::new();
    let first = NewEvent {
        id: Ulid::from_parts(1, 1),
        event_type: "Unheard".to_owned(),
        schema_version: 1,
        data: serde_json::from_str("{}").unwrap(),
        metadata: serde_json::from_str("{}").unwrap(),
    };
    new.log.append("other", Expected::NoStream, vec![first]).await.unwrap();
    new.tell(AT, Some("moderator"), ban("stream", "d", 1)).await;
    let running = Running::start(&database.pool, new.reader());
    eventually("the tables of the new log", async || {
        let bans: Vec<String> = sqlx::query_scalar("SELECT target_user_id FROM projections.bans")
            .fetch_all(&database.pool)
            .await
            .unwrap();
        (bans == ["d"]).then_some(())
    })
    .await;
    caught_up(&database.pool, new.reader().as_ref()).await;
    eventually("its health", async || {
        running.health.report().get("projections").is_some_and(|check| check.ok).then_some(())
    })
    .await;
    running.stop().await;
    assert_true_to_the_log(&database.pool, new.reader().as_ref()).await;
}
