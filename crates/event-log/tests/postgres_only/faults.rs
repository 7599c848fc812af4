//! Lost connections. What was acknowledged is there, and nothing is there twice.

use std::time::Duration;

use event_log::postgres::{PostgresLog, PostgresLogConfig};
use event_log::{AppendOutcome, EventLog, Expected, LogError, LogReader, Position};
use futures_util::future::{join, join_all};
use testing::{Database, eventually};

use crate::given::{append, event, everything, extend};
use crate::server::{Held, Wire, blocked, connect, terminate};

#[tokio::test]
async fn terminated_connections_are_made_anew() {
    let database = Database::create().await;
    let log = connect(&database).await;
    for version in 0..3 {
        let position = extend(&log, "a", version).await;
        let of_the_log: Vec<i32> = sqlx::query_scalar(
            "SELECT pid FROM pg_stat_activity
             WHERE datname = current_database() AND application_name = 'docket-log'",
        )
        .fetch_all(&database.owner)
        .await
        .unwrap();
        assert!(of_the_log.len() >= 2, "one reads, one appends, one may listen");
        terminate(&database, &of_the_log).await;

        assert_eq!(log.head().await.unwrap(), position);
        let waiting = log.wait_past(position, Duration::from_secs(20));
        let (waited, _) = join(waiting, extend(&log, "b", version)).await;
        assert!(waited.unwrap());
    }
    assert_eq!(everything(&log).await.len(), 6);
}

#[tokio::test]
async fn an_append_killed_before_its_commit_is_appended_once() {
    let database = Database::create().await;
    let log = connect(&database).await;
    let held = Held::take(&database).await;
    let given = [event()];
    let appending = append(&log, "a", Expected::NoStream, &given);
    let killing = async {
        let first = blocked(&database, 1).await;
        terminate(&database, &first).await;
        let second = eventually("the append to be sent again", async || {
            let pids = blocked(&database, 1).await;
            (pids != first).then_some(pids)
        })
        .await;
        terminate(&database, &second).await;
        held.release().await;
    };
    let (outcome, ()) = join(appending, killing).await;

    assert_eq!(outcome, AppendOutcome::Appended { position: Position(1) });
    assert_eq!(everything(&log).await.len(), 1);
}

#[tokio::test]
async fn an_append_whose_answer_is_lost_is_appended_once() {
    let database = Database::create().await;
    let wire = Wire::to(&database).await;
    let config = PostgresLogConfig::new(&wire.url);
    let log = PostgresLog::connect(config).await.unwrap();
    extend(&log, "warm", 0).await;
    let direct = connect(&database).await;

    wire.mute();
    let appends = join_all((0..10).map(|n| {
        let log = &log;
        async move { append(log, &format!("a-{n}"), Expected::NoStream, &[event()]).await }
    }));
    let cutting = async {
        eventually("the commit", async || {
            (direct.head().await.unwrap() > Position(1)).then_some(())
        })
        .await;
        wire.cut();
        wire.mend();
    };
    let (outcomes, ()) = join(appends, cutting).await;

    // Those of the batch that was cut are recognised, those queued behind it are new.
    let recognised = |o: &&AppendOutcome| matches!(o, AppendOutcome::AlreadyAppended { .. });
    assert!(outcomes.iter().filter(recognised).count() >= 1, "{outcomes:?}");
    let mut positions: Vec<u64> = outcomes
        .iter()
        .map(|outcome| match outcome {
            AppendOutcome::Appended { position } | AppendOutcome::AlreadyAppended { position } => {
                position.0
            }
            AppendOutcome::Conflict { .. } | AppendOutcome::IdInUse => panic!("{outcome:?}"),
        })
        .collect();
    positions.sort_unstable();
    assert_eq!(positions, (2..=11).collect::<Vec<_>>());
    assert_eq!(everything(&direct).await.len(), 11);
}

#[tokio::test]
async fn a_server_out_of_reach_is_told_in_time_and_found_again() {
    let database = Database::create().await;
    let wire = Wire::to(&database).await;
    let patience = Duration::from_millis(200);
    let config = PostgresLogConfig { patience, ..PostgresLogConfig::new(&wire.url) };
    let log = PostgresLog::connect(config).await.unwrap();
    let position = extend(&log, "a", 0).await;

    wire.cut();
    let given = [event()];
    let appended = log.append("a", Expected::Exact(1), given.to_vec()).await;
    assert!(matches!(appended, Err(LogError::Unavailable(_))), "{appended:?}");
    let read = log.read_streams(&["a".to_owned()]).await;
    assert!(matches!(read, Err(LogError::Unavailable(_))), "{read:?}");
    assert!(!log.wait_past(position, Duration::from_millis(20)).await.unwrap());

    wire.mend();
    append(&log, "a", Expected::Exact(1), &given).await;
    assert_eq!(everything(&log).await.len(), 2);
}

#[tokio::test]
async fn an_append_that_gets_nowhere_is_given_up() {
    let database = Database::create().await;
    let patience = Duration::from_millis(200);
    let config = PostgresLogConfig { patience, ..PostgresLogConfig::new(&database.url) };
    let log = PostgresLog::connect(config).await.unwrap();
    let held = Held::take(&database).await;
    let given = [event()];
    // The server itself gives the statement up; nobody sleeps here on purpose.
    let stuck = log.append("a", Expected::NoStream, given.to_vec()).await;
    assert!(matches!(stuck, Err(LogError::Unavailable(_))), "{stuck:?}");

    held.release().await;
    let outcome = append(&log, "a", Expected::NoStream, &given).await;
    assert_eq!(outcome, AppendOutcome::Appended { position: Position(1) });
}

#[tokio::test]
async fn a_log_that_is_not_there_stops_the_start() {
    let nobody_listens = PostgresLogConfig::new("postgres://docket@127.0.0.1:1/docket");
    let started = PostgresLog::connect(nobody_listens).await;
    assert!(matches!(started, Err(LogError::Unavailable(_))), "{started:?}");

    let no_url = PostgresLog::connect(PostgresLogConfig::new("nonsense")).await;
    assert!(matches!(no_url, Err(LogError::Broken(_))), "{no_url:?}");

    let database = Database::create().await;
    sqlx::query("ALTER SCHEMA log RENAME TO gone").execute(&database.owner).await.unwrap();
    let unmigrated = PostgresLog::connect(PostgresLogConfig::new(&database.url)).await;
    assert!(matches!(unmigrated, Err(LogError::Broken(_))), "{unmigrated:?}");
}
