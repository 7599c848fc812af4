//! Hearing of what others append.

use std::time::Duration;

use event_log::eventstore::{EventStoreConfig, EventStoreReader};
use event_log::{EventLog, Expected, LogError, LogReader, Position};
use futures_util::future::join;

use crate::given::extend;
use crate::server::{accept, connect, fresh, impatient, stand_in};

#[tokio::test]
async fn a_reader_hears_what_another_process_appends() {
    let server = stand_in();
    let reader = EventStoreReader::connect(&EventStoreConfig::new(&server.url)).await.unwrap();
    let log = connect(&server.url).await;
    for version in 0..5 {
        let after = reader.head().await.unwrap();
        let waiting = reader.wait_past(after, Duration::from_secs(20));
        let (grew, position) = join(waiting, extend(&log, "a", version)).await;
        assert!(grew.unwrap());
        let page = reader.read_all(after, 10).await.unwrap();
        let found: Vec<_> = page.events.iter().map(|event| event.position).collect();
        assert_eq!((found, page.caught_up), (vec![position], true));
    }
}

#[tokio::test]
async fn waiting_outlives_the_server() {
    let server = stand_in();
    let reader = EventStoreReader::connect(&impatient(&server.url)).await.unwrap();
    let waiting = reader.wait_past(Position::START, Duration::from_secs(20));
    let away = async {
        server.refuse().await;
        assert!(!reader.wait_past(Position::START, Duration::from_millis(300)).await.unwrap());
        accept(&server).await;
        extend(&connect(&server.url).await, "a", 0).await
    };
    let (grew, position) = join(waiting, away).await;
    assert!(grew.unwrap());
    assert_eq!(reader.head().await.unwrap(), position);
}

#[tokio::test]
async fn the_server_is_asked_only_while_somebody_waits_and_not_often() {
    let server = stand_in();
    let log = connect(&server.url).await;
    extend(&log, "a", 0).await;
    let head = log.head().await.unwrap();
    let before = server.reads();
    assert!(!log.wait_past(head, Duration::from_secs(1)).await.unwrap());
    let asked = server.reads() - before;
    // After 10, 20, 40, 80, 160 ms, and every 250 ms from then on.
    assert!((1..=9).contains(&asked), "asked {asked} times");

    server.end_subscriptions();
    assert_eq!(server.subscriptions(), 0, "there is nothing that a server could end");
}

#[tokio::test]
async fn a_closed_log_takes_nothing_more() {
    let server = stand_in();
    let log = connect(&server.url).await;
    server.hang();
    let append = log.append("a", Expected::NoStream, vec![fresh()]);
    let closing = async {
        // What was taken is answered before the log is closed.
        join(log.close(), async { server.go_on() }).await;
    };
    let (outcome, ()) = join(append, closing).await;
    assert!(outcome.is_ok(), "{outcome:?}");
    let refused = log.append("a", Expected::Exact(1), vec![fresh()]).await;
    assert!(matches!(refused, Err(LogError::Unavailable(_))), "{refused:?}");
    assert!(matches!(log.head().await, Err(LogError::Unavailable(_))));
    let reads = server.reads();
    assert!(!log.wait_past(Position(1 << 40), Duration::from_millis(300)).await.unwrap());
    assert_eq!(server.reads(), reads, "nobody asks any more");
}
