//! Who else writes in the cluster is no matter to those who read the log.

use std::time::Duration;

use event_log::postgres::PostgresReader;
use event_log::{LogReader, Position};
use futures_util::future::join;
use testing::{Database, seed};

use crate::given::{everything, extend};
use crate::server::connect;

#[tokio::test]
async fn an_open_writing_transaction_delays_nobody() {
    let database = Database::create().await;
    seed(&database.owner).await;
    let mut open = database.owner.begin().await.unwrap();
    sqlx::query("UPDATE directory.users SET updated_at = now()").execute(&mut *open).await.unwrap();

    let log = connect(&database).await;
    for version in 0..5 {
        let position = extend(&log, "a", version).await;
        assert!(log.wait_past(Position(position.0 - 1), Duration::from_secs(20)).await.unwrap());
        assert_eq!(everything(&log).await.len() as u64, position.0);
    }
    open.rollback().await.unwrap();
}

#[tokio::test]
async fn a_reader_hears_what_another_process_appends() {
    let database = Database::create().await;
    let reader = PostgresReader::connect(&database.url).await.unwrap();
    let log = connect(&database).await;
    for version in 0..5 {
        let after = reader.head().await.unwrap();
        let waiting = reader.wait_past(after, Duration::from_secs(20));
        let (grew, position) = join(waiting, extend(&log, "a", version)).await;
        assert!(grew.unwrap());
        let page = reader.read_all(after, 10).await.unwrap();
        let found: Vec<_> = page.events.iter().map(|event| event.position).collect();
        assert_eq!((found, page.caught_up), (vec![position], true));
    }
    reader.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn several_processes_append_to_one_log() {
    const PROCESSES: u32 = 4;
    const EVENTS: u32 = 40;
    let database = Database::create().await;
    let reader = PostgresReader::connect(&database.url).await.unwrap();
    let following = tokio::spawn(async move {
        let mut seen = vec![];
        while seen.len() < (PROCESSES * EVENTS) as usize {
            let after = Position(seen.last().copied().unwrap_or_default());
            let page = reader.read_all(after, 100).await.unwrap();
            if page.events.is_empty() {
                assert!(reader.wait_past(after, Duration::from_secs(20)).await.unwrap());
            }
            seen.extend(page.events.iter().map(|event| event.position.0));
        }
        seen
    });
    let mut processes = vec![];
    for n in 0..PROCESSES {
        let log = connect(&database).await;
        processes.push(tokio::spawn(async move {
            for version in 0..EVENTS {
                extend(&log, &format!("process-{n}"), version).await;
            }
        }));
    }
    for process in processes {
        process.await.unwrap();
    }
    let all: Vec<u64> = (1..=u64::from(PROCESSES * EVENTS)).collect();
    assert_eq!(following.await.unwrap(), all);
}

#[tokio::test]
async fn a_notification_is_a_hint() {
    let database = Database::create().await;
    let log = connect(&database).await;
    let far = Position(1_000_000);
    let waiting = log.wait_past(Position(far.0 - 1), Duration::from_secs(20));
    // The head is not there, so only the notification can end the wait. It is repeated, because the
    // first may come before anybody listens.
    let notifying = async {
        loop {
            sqlx::query("SELECT pg_notify('docket_log', $1)")
                .bind(far.to_string())
                .execute(&database.owner)
                .await
                .unwrap();
        }
    };
    tokio::select! {
        waited = waiting => assert!(waited.unwrap()),
        () = notifying => {}
    }
    assert!(log.read_all(Position::START, 1).await.unwrap().caught_up);
}

#[tokio::test]
async fn an_event_without_a_notification_is_found_too() {
    let database = Database::create().await;
    let log = connect(&database).await;
    let waiting = log.wait_past(Position::START, Duration::from_secs(20));
    let inserting = sqlx::query(
        "INSERT INTO log.events
         VALUES (1, 'a', 1, gen_random_uuid(), 'Happened', 1, now(), '{}', '{}')",
    )
    .execute(&database.pool);
    let (waited, inserted) = join(waiting, inserting).await;
    assert!(waited.unwrap() && inserted.is_ok());
}
