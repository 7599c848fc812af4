//! Many commands in one statement.

use std::sync::Arc;

use event_log::postgres::{PostgresLog, PostgresLogConfig};
use event_log::{AppendOutcome, EventLog, Expected, LogError, LogReader, NewEvent, Position};
use futures_util::future::{join, join_all};
use sqlx::postgres::PgListener;
use testing::{Database, eventually};

use crate::given::{append, event, events, everything, extend, ids, json};
use crate::server::{Held, blocked, connect, transactions};

/// Appends all of these in one batch; answers their outcomes.
pub(crate) async fn in_one_batch(
    database: &Database,
    log: &PostgresLog,
    commands: &[(&str, Expected, Vec<NewEvent>)],
) -> Vec<Result<AppendOutcome, LogError>> {
    let held = Held::take(database).await;
    let first = append(log, "the-one-in-flight", Expected::Exact(9), &[]);
    let rest = async {
        blocked(database, 1).await;
        let queued = join_all(
            commands
                .iter()
                .map(|(stream, expected, new)| log.append(stream, *expected, new.clone())),
        );
        // Both are polled in this order, so all are queued when the lock goes.
        join(queued, held.release()).await.0
    };
    let (in_flight, outcomes) = join(first, rest).await;
    assert_eq!(in_flight, AppendOutcome::Conflict { actual: 0 });
    outcomes
}

#[tokio::test]
async fn a_chain_in_one_batch_is_appended() {
    let database = Database::create().await;
    let log = connect(&database).await;
    let chain = [
        ("a", Expected::NoStream, events(2)),
        ("b", Expected::NoStream, vec![event()]),
        ("a", Expected::Exact(2), vec![event()]),
        ("a", Expected::Exact(2), vec![event()]),
        ("a", Expected::Exact(3), vec![event()]),
    ];
    let outcomes = in_one_batch(&database, &log, &chain).await;

    let outcomes: Vec<_> = outcomes.into_iter().map(Result::unwrap).collect();
    let appended = |position| AppendOutcome::Appended { position: Position(position) };
    let conflict = AppendOutcome::Conflict { actual: 3 };
    assert_eq!(outcomes, [appended(2), appended(3), appended(4), conflict, appended(5)]);
    assert_eq!(ids(&log, "a").await.len(), 4);
    assert_eq!(transactions(&database).await, 1);
}

#[tokio::test]
async fn an_id_twice_in_one_batch_is_told_apart() {
    let database = Database::create().await;
    let log = connect(&database).await;
    let given = [event()];
    let commands = [
        ("a", Expected::Exact(4), given.to_vec()),
        ("b", Expected::NoStream, given.to_vec()),
        ("b", Expected::NoStream, given.to_vec()),
        ("c", Expected::NoStream, given.to_vec()),
        ("d", Expected::NoStream, vec![event()]),
    ];
    let outcomes = in_one_batch(&database, &log, &commands).await;

    let outcomes: Vec<_> = outcomes.into_iter().map(Result::unwrap).collect();
    let first = Position(1);
    assert_eq!(
        outcomes,
        [
            AppendOutcome::Conflict { actual: 0 },
            AppendOutcome::Appended { position: first },
            AppendOutcome::AlreadyAppended { position: first },
            AppendOutcome::IdInUse,
            AppendOutcome::Appended { position: Position(2) },
        ]
    );
}

#[tokio::test]
async fn what_the_database_cannot_store_harms_no_neighbour() {
    let database = Database::create().await;
    let log = connect(&database).await;
    let nul = NewEvent { data: json(r#"{"text":"\u0000"}"#), ..event() };
    let commands = [
        ("a", Expected::NoStream, vec![event()]),
        ("b", Expected::NoStream, vec![event(), nul]),
        ("c\0", Expected::NoStream, vec![event()]),
        ("a", Expected::Exact(1), vec![event()]),
    ];
    let outcomes = in_one_batch(&database, &log, &commands).await;

    let [Ok(first), Err(LogError::Broken(_)), Err(LogError::Broken(_)), Ok(last)] = outcomes[..]
    else {
        panic!("{outcomes:?}")
    };
    assert_eq!(first, AppendOutcome::Appended { position: Position(1) });
    assert_eq!(last, AppendOutcome::Appended { position: Position(2) });
    assert_eq!(everything(&log).await.len(), 2);
}

#[tokio::test]
async fn a_full_queue_says_so_at_once() {
    let database = Database::create().await;
    let config = PostgresLogConfig { queue: 3, ..PostgresLogConfig::new(&database.url) };
    let log = PostgresLog::connect(config).await.unwrap();
    let held = Held::take(&database).await;
    let given = [event()];
    let first = append(&log, "first", Expected::NoStream, &given);
    let rest = async {
        blocked(&database, 1).await;
        let attempts = join_all((0..10).map(|n| {
            let log = &log;
            async move { log.append(&format!("a-{n}"), Expected::NoStream, vec![event()]).await }
        }));
        join(attempts, held.release()).await.0
    };
    let (_, outcomes) = join(first, rest).await;

    let taken = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
    let refused = outcomes.iter().filter(|o| matches!(o, Err(LogError::Overloaded))).count();
    assert_eq!((taken, refused), (3, 7), "{outcomes:?}");
    assert_eq!(everything(&log).await.len(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn transactions_are_far_fewer_than_commands() {
    let database = Database::create().await;
    let log = Arc::new(connect(&database).await);
    let writers = (0..64).map(|n| {
        let log = Arc::clone(&log);
        tokio::spawn(async move {
            for version in 0..40 {
                extend(&*log, &format!("a-{n}"), version).await;
            }
        })
    });
    join_all(writers).await.into_iter().for_each(Result::unwrap);

    let events = log.head().await.unwrap();
    let transactions = transactions(&database).await;
    assert_eq!(events, Position(64 * 40));
    // The figure to reach: at 64 clients, at most 0.1 appending statements for each command.
    assert!(transactions <= 64 * 40 / 10, "{transactions} transactions for {events} commands");
}

#[tokio::test]
async fn each_batch_that_appends_notifies_once() {
    let database = Database::create().await;
    let mut listener = PgListener::connect(&database.owner_url).await.unwrap();
    listener.listen("docket_log").await.unwrap();
    let log = connect(&database).await;
    let three = ["a", "b", "c"].map(|stream| (stream, Expected::NoStream, events(1)));
    in_one_batch(&database, &log, &three).await;
    append(&log, "a", Expected::NoStream, &events(1)).await;
    extend(&log, "d", 0).await;

    let mut heads = vec![];
    while heads.last().is_none_or(|head| head != "4") {
        heads.push(listener.recv().await.unwrap().payload().to_owned());
    }
    assert_eq!(heads, ["3", "4"]);
}

#[tokio::test]
async fn positions_stay_dense_after_conflicts() {
    let database = Database::create().await;
    let log = connect(&database).await;
    for version in 0..20 {
        append(&log, "a", Expected::Exact(99), &events(2)).await;
        extend(&log, "a", version).await;
    }
    let positions: Vec<u64> = everything(&log).await.iter().map(|event| event.position.0).collect();
    assert_eq!(positions, (1..=20).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_hole_is_told_not_skipped() {
    let database = Database::create().await;
    let log = connect(&database).await;
    extend(&log, "a", 0).await;
    // Only who writes around log.append can make one.
    sqlx::query(
        "INSERT INTO log.events
         VALUES (3, 'b', 1, gen_random_uuid(), 'Happened', 1, now(), '{}', '{}')",
    )
    .execute(&database.owner)
    .await
    .unwrap();

    for after in [0, 1] {
        let page = log.read_all(Position(after), 10).await;
        let Err(LogError::Broken(cause)) = page else { panic!("{page:?}") };
        assert_eq!(cause.to_string(), "the log has a hole: position 3 follows 1");
    }
}

#[tokio::test]
async fn closing_answers_what_was_taken() {
    let database = Database::create().await;
    let log = connect(&database).await;
    let held = Held::take(&database).await;
    let appends = join_all((0..20).map(|n| {
        let log = &log;
        async move { append(log, &format!("a-{n}"), Expected::NoStream, &[event()]).await }
    }));
    let closing = async {
        blocked(&database, 1).await;
        join(log.close(), held.release()).await;
    };
    let (outcomes, ()) = join(appends, closing).await;

    assert!(outcomes.iter().all(|outcome| matches!(outcome, AppendOutcome::Appended { .. })));
    let refused = log.append("late", Expected::NoStream, vec![event()]).await;
    assert!(matches!(refused, Err(LogError::Unavailable(_))), "{refused:?}");
    eventually("the log's connections to be gone", async || {
        let open: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM pg_stat_activity
             WHERE datname = current_database() AND application_name = 'docket-log'",
        )
        .fetch_one(&database.owner)
        .await
        .unwrap();
        (open == 0).then_some(())
    })
    .await;
}
