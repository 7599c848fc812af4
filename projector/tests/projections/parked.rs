//! An event that cannot be taken is put aside with its stream, and nothing else waits for it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use events::Event;
use events::ban::{BanEvent, RevokeCause};
use events::report::{Decision, ReportEvent, ReportType};
use projector::projections::Bans;
use projector::{ApplyError, LoggedEvent, Projection, Retried, retry_parked};
use serde_json::{Value, json};
use sqlx::{PgConnection, PgPool};
use testing::{Database, eventually, wait_until};

use crate::history::{AT, History, ban, ban_id, end, file, metadata, report_id, review};
use crate::keys::master;
use crate::running::{Running, assert_true_to_the_log, caught_up, project};
use crate::tables::{execute, query, rows};

async fn parked(pool: &PgPool, projection: &str) -> Value {
    let parked = format!(
        "SELECT position, stream, event_id, reason FROM projections.parked
         WHERE projection = '{projection}'"
    );
    query(pool, &parked).await
}

async fn banned_users(pool: &PgPool) -> Value {
    query(pool, "SELECT target_user_id AS user, position FROM projections.bans").await
}

#[tokio::test]
async fn an_unknown_event_is_parked_with_its_stream_and_shown() {
    let (database, history) = (Database::create().await, History::new());
    let metrics = service::metrics::install().unwrap();
    let stream = ban_id("stream", "a", 1).stream();
    history.tell(AT, Some("moderator"), ban("stream", "a", 1)).await;
    history.tell_raw(&stream, "BanForgotten", "{}", metadata(AT, None)).await;
    history.tell(AT, Some("moderator"), ban("stream", "b", 1)).await;
    history.tell(AT, Some("moderator"), end("stream", "a", 1, RevokeCause::Manual)).await;
    let running = Running::start(&database.pool, history.reader());
    caught_up(&database.pool, history.reader().as_ref()).await;
    // What comes in a later page is parked as well.
    history.tell(AT, Some("moderator"), ban("stream", "a", 2)).await;
    caught_up(&database.pool, history.reader().as_ref()).await;

    for projection in ["bans", "reports", "statistics", "history"] {
        let event = |position: u64, reason: &str| {
            json!({
                "position": position, "stream": stream, "event_id": format!("{position:026}"),
                "reason": reason,
            })
        };
        let follows = "follows a parked event of its stream";
        let expected = json!([
            event(2, "unknown event type BanForgotten version 1"),
            event(4, follows),
            event(5, follows),
        ]);
        assert_eq!(parked(&database.pool, projection).await, expected, "{projection}");
    }
    let expected = json!([{"user": "a", "position": 1}, {"user": "b", "position": 3}]);
    assert_eq!(banned_users(&database.pool).await, expected);

    let standing = |name: &str| {
        json!({
            "projection": name, "position": 5, "lagEvents": 0, "lagSeconds": 0.0, "parked": 3,
        })
    };
    let expected =
        json!([standing("bans"), standing("history"), standing("reports"), standing("statistics")]);
    eventually("readiness to show it", async || {
        let report = running.health.report();
        report
            .get("projections")
            .is_some_and(|check| check.ok && check.detail == expected)
            .then_some(())
    })
    .await;
    assert!(metrics.render().contains("docket_projection_parked{projection=\"bans\"} 3"));
    running.stop().await;
}

#[tokio::test]
async fn what_the_database_refuses_is_found_among_many_and_parked() {
    let (database, history) = (Database::create().await, History::new());
    for nth in 0..50 {
        let user = format!("user-{nth}");
        let mut filed = file("stream", &user, 1, ReportType::Other);
        if let (23, Event::Report(ReportEvent::Filed(filed))) = (nth, &mut filed) {
            // No text in PostgreSQL holds it.
            filed.stream_title = "a\0b".to_owned();
        }
        history.tell(AT, Some(&user), filed).await;
    }
    let reviewed = review(("stream", "user-23", 1), Decision::Resolved, None, false);
    history.tell(AT, Some("staff"), reviewed).await;

    project(&database, &history).await;

    let found = parked(&database.pool, "reports").await;
    let stream = json!(report_id("stream", "user-23", 1).stream());
    assert_eq!((&found[0]["position"], &found[0]["stream"]), (&json!(24), &stream));
    let reason = found[0]["reason"].as_str().unwrap();
    assert!(reason.contains("invalid byte sequence"), "{reason}");
    assert_eq!((&found[1]["position"], &found[1]["stream"]), (&json!(51), &stream));
    assert_eq!(found.as_array().unwrap().len(), 2);
    assert_eq!(rows(&database.pool, "reports").await.as_array().unwrap().len(), 49);
    // Others can take it, and do.
    assert_eq!(parked(&database.pool, "statistics").await, json!([]));
    assert_true_to_the_log(&database.pool, history.reader().as_ref()).await;
}

#[tokio::test]
async fn what_contradicts_the_tables_is_parked() {
    let (database, history) = (Database::create().await, History::new());
    for user in ["a", "b"] {
        history.tell(AT, Some("moderator"), ban("stream", user, 1)).await;
    }
    history.tell(AT, Some("moderator"), end("stream", "a", 1, RevokeCause::Manual)).await;
    history.tell(AT, Some("moderator"), end("stream", "a", 1, RevokeCause::Manual)).await;
    history.tell(AT, Some("moderator"), ban("stream", "b", 1)).await;
    history.tell(AT, Some("moderator"), end("stream", "c", 1, RevokeCause::Manual)).await;

    project(&database, &history).await;

    let reasons = query(&database.pool, "SELECT position, reason FROM projections.parked").await;
    let reason = |position: u64, user: &str, what: &str| {
        let id = ban_id("stream", user, 1);
        json!({
            "position": position,
            "reason": format!("events could not be applied: ban {id} {what}"),
        })
    };
    let expected = json!([reason(4, "a", "has ended already"), reason(6, "c", "is not there"),]);
    assert_eq!(json!([reasons[0], reasons[2]]), expected);
    let duplicate = reasons[1]["reason"].as_str().unwrap();
    assert!(duplicate.contains("bans_pkey"), "{duplicate}");
}

/// The bans, but it refuses those of one user until told otherwise.
struct Picky(AtomicBool);

#[async_trait]
impl Projection for Picky {
    fn name(&self) -> &'static str {
        Bans.name()
    }

    fn version(&self) -> i32 {
        Bans.version()
    }

    fn tables(&self) -> &'static [&'static str] {
        Bans.tables()
    }

    async fn apply(
        &self,
        connection: &mut PgConnection,
        events: &[LoggedEvent],
    ) -> Result<(), ApplyError> {
        let refused = |logged: &LoggedEvent| match &logged.event {
            Event::Ban(BanEvent::Created(ban)) => ban.target_user_id.as_str() == "b",
            Event::Ban(BanEvent::Revoked(_)) | Event::Report(_) => false,
        };
        if self.0.load(Ordering::SeqCst) && events.iter().any(refused) {
            return Err(ApplyError::Contradiction("not him".to_owned()));
        }
        Bans.apply(connection, events).await
    }
}

#[tokio::test]
async fn a_retry_takes_in_what_was_parked_while_the_projector_works() {
    let (database, history) = (Database::create().await, History::new());
    let picky = Arc::new(Picky(AtomicBool::new(true)));
    let running = Running::with(&database.pool, history.reader(), vec![picky.clone()]);
    for user in ["a", "b", "c"] {
        history.tell(AT, Some("moderator"), ban("stream", user, 1)).await;
    }
    let head = history.tell(AT, Some("creator"), end("stream", "b", 1, RevokeCause::Manual)).await;
    wait_until(&database.pool, "bans", head.0).await;

    let keys = master();
    let retry = || retry_parked(&database.pool, history.log.as_ref(), &keys, picky.as_ref());
    let retried = retry().await.unwrap();
    assert_eq!(retried, Retried { projection: "bans", applied: 0, left: 2 });

    picky.0.store(false, Ordering::SeqCst);
    let retried = retry().await.unwrap();
    assert_eq!(retried, Retried { projection: "bans", applied: 2, left: 0 });
    assert_eq!(parked(&database.pool, "bans").await, json!([]));

    // The projector at work knows that the stream is sound again.
    let head = history.tell(AT, Some("moderator"), ban("stream", "b", 2)).await;
    wait_until(&database.pool, "bans", head.0).await;
    running.stop().await;
    assert_eq!(rows(&database.pool, "parked").await, json!([]));
    let verified =
        projector::verify(&database.pool, history.log.as_ref(), &master(), &Bans).await.unwrap();
    assert_eq!(verified.live, verified.replayed);
    assert_eq!(verified.live["bans"].rows, 4);
}

#[tokio::test]
async fn a_new_program_retries_by_itself() {
    let (database, history) = (Database::create().await, History::new());
    let picky = Arc::new(Picky(AtomicBool::new(true)));
    let head = history.tell(AT, Some("moderator"), ban("stream", "b", 1)).await;
    let running = Running::with(&database.pool, history.reader(), vec![picky.clone()]);
    wait_until(&database.pool, "bans", head.0).await;
    assert_eq!(parked(&database.pool, "bans").await[0]["position"], 1);
    running.stop().await;

    picky.0.store(false, Ordering::SeqCst);
    let running = Running::with(&database.pool, history.reader(), vec![picky]);
    eventually("the ban", async || {
        (banned_users(&database.pool).await == json!([{"user": "b", "position": 1}])).then_some(())
    })
    .await;
    assert_eq!(parked(&database.pool, "bans").await, json!([]));
    running.stop().await;
}

#[tokio::test]
async fn a_table_that_is_missing_is_no_events_fault() {
    let (database, history) = (Database::create().await, History::new());
    execute(&database.owner, "ALTER TABLE projections.bans RENAME TO elsewhere").await;
    history.tell(AT, Some("moderator"), ban("stream", "a", 1)).await;
    let running = Running::start(&database.pool, history.reader());
    wait_until(&database.pool, "statistics", 1).await;
    eventually("bans to have tried", async || {
        let tried = "SELECT owner FROM projections.checkpoints WHERE name = 'bans' AND owner > 3";
        (query(&database.pool, tried).await != json!([])).then_some(())
    })
    .await;
    execute(&database.owner, "ALTER TABLE projections.elsewhere RENAME TO bans").await;

    wait_until(&database.pool, "bans", 1).await;

    assert_eq!(rows(&database.pool, "parked").await, json!([]));
    assert_eq!(banned_users(&database.pool).await, json!([{"user": "a", "position": 1}]));
    running.stop().await;
}
