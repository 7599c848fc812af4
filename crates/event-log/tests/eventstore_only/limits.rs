//! No queue is without end.

use event_log::eventstore::EventStoreConfig;
use event_log::{EventLog, Expected, LogError, LogReader};
use futures_util::future::join_all;

use crate::server::{connect_with, fresh, shown, stand_in};

#[tokio::test]
async fn what_is_too_much_is_refused_at_once() {
    let server = stand_in();
    let config =
        EventStoreConfig { appends: 2, reads: 1, queue: 3, ..EventStoreConfig::new(&server.url) };
    let log = connect_with(config).await.unwrap();
    server.hang();
    let appends = join_all((0..8).map(|n| {
        let log = &log;
        async move { log.append(&format!("a-{n}"), Expected::NoStream, vec![fresh()]).await }
    }));
    let reads = join_all((0..6).map(|_| {
        let log = &log;
        async move { log.head().await }
    }));
    // All of them are under way before the server goes on: each is polled before this one is.
    let going_on = async { server.go_on() };
    let ((appended, read), ()) =
        futures_util::future::join(futures_util::future::join(appends, reads), going_on).await;

    let overloaded = |error: &LogError| matches!(error, LogError::Overloaded);
    let refused = appended.iter().filter(|o| o.as_ref().is_err_and(overloaded)).count();
    assert_eq!((refused, appended.iter().filter(|o| o.is_ok()).count()), (3, 5));
    assert_eq!(shown(&server), 5);
    let refused = read.iter().filter(|o| o.as_ref().is_err_and(overloaded)).count();
    assert_eq!((refused, read.iter().filter(|o| o.is_ok()).count()), (2, 4));
}
