//! What others see of a load.

use std::io::{BufRead, BufReader, Write, pipe};
use std::time::Duration;

use event_log::archive::Reader;
use event_log::{AppendOutcome, EventLog, Expected, LogReader, Position};
use testing::{Database, eventually};

use crate::given::event;
use crate::sample::{archive, events, log};

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_seen_before_all_of_it_and_whoever_appends_comes_after() {
    let database = Database::create().await;
    let (output, mut input) = pipe().unwrap();
    let whole = archive(&events());
    let (half, rest) = whole.split_at(whole.len() / 2);
    input.write_all(half.as_bytes()).unwrap();
    let url = database.url.clone();
    let loading = tokio::spawn(async move {
        let input: Box<dyn BufRead + Send> = Box::new(BufReader::new(output));
        let reader = tokio::task::spawn_blocking(|| Reader::begin(input)).await.unwrap().unwrap();
        event_log::load(&url, reader, |_| ()).await
    });
    let follower = log(&database).await;
    let following = follower.wait_past(Position::START, Duration::from_secs(20));
    // It has the writers' lock.
    let held = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
    eventually("the load to begin", async || {
        let locks: i64 = sqlx::query_scalar(held).fetch_one(&database.pool).await.unwrap();
        (locks == 1).then_some(())
    })
    .await;
    let writer = log(&database).await;
    let appending = tokio::spawn(async move {
        writer.append("late", Expected::NoStream, vec![event()]).await.unwrap()
    });
    let waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
    eventually("the append to wait", async || {
        let waits: i64 = sqlx::query_scalar(waiting).fetch_one(&database.pool).await.unwrap();
        (waits == 1).then_some(())
    })
    .await;
    assert_eq!(follower.head().await.unwrap(), Position::START);

    input.write_all(rest.as_bytes()).unwrap();
    drop(input);

    assert_eq!(loading.await.unwrap().unwrap().events, 5);
    assert!(following.await.unwrap(), "who follows is told");
    let outcome = appending.await.unwrap();
    assert_eq!(outcome, AppendOutcome::Appended { position: Position(6) });
}
