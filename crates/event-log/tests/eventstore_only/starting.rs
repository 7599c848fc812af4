//! What stops the start, and what does not.

use std::error::Error;

use event_log::eventstore::EventStoreReader;
use event_log::{LogError, LogReader, Position};

use crate::given::extend;
use crate::server::{connect, connect_with, impatient, stand_in};

/// The error with all that is behind it.
fn told(error: &LogError) -> String {
    let mut told = format!("{error} {error:?}");
    let mut source = error.source();
    while let Some(cause) = source {
        told = format!("{told}: {cause}");
        source = cause.source();
    }
    told
}

#[tokio::test]
async fn a_log_that_is_not_there_stops_the_start() {
    let server = stand_in();
    server.refuse().await;
    let refused = connect_with(impatient(&server.url)).await;
    assert!(matches!(refused, Err(LogError::Unavailable(_))), "{refused:?}");

    let hanging = stand_in();
    hanging.hang();
    let late = connect_with(impatient(&hanging.url)).await;
    assert!(matches!(late, Err(LogError::Unavailable(_))), "{late:?}");

    // Our server speaks no TLS.
    let plain = stand_in();
    let encrypted = connect_with(impatient(&plain.url.replace("tls=false", "tls=true"))).await;
    assert!(matches!(encrypted, Err(LogError::Unavailable(_))), "{encrypted:?}");
}

#[tokio::test]
async fn a_set_up_that_cannot_work_is_told_from_a_server_that_does_not_answer() {
    let server = stand_in();
    for wrong in [
        "esdb://",
        "esdb://docket:hunter2@host:port",
        &server.url.replace("tls=false", "tls=true&tlsCAFile=/there/is/none.pem"),
        &server.url.replace("127.0.0.1", "docket:hunter2@a b"),
    ] {
        let started = connect_with(impatient(wrong)).await;
        let Err(LogError::Broken(_)) = &started else { panic!("{wrong}: {started:?}") };
        let told = told(&started.unwrap_err());
        assert!(!told.contains("hunter2") && !told.contains("127.0.0.1"), "{told}");
    }
}

#[tokio::test]
async fn who_may_not_is_told_so() {
    let server = stand_in();
    server.require_credentials("admin", "ch@nge:it/%");
    for user in ["", "admin:wrong@", "somebody:ch%40nge%3Ait%2F%25@"] {
        let url = server.url.replace("127.0.0.1", &format!("{user}127.0.0.1"));
        let started = connect_with(impatient(&url)).await;
        assert!(matches!(started, Err(LogError::Broken(_))), "{user}: {started:?}");
    }
    let url = server.url.replace("127.0.0.1", "admin:ch%40nge%3Ait%2F%25@127.0.0.1");
    extend(&connect(&url).await, "a", 0).await;
}

#[tokio::test]
async fn both_names_of_the_server_are_known() {
    let server = stand_in();
    for scheme in ["esdb", "esdb+discover", "kurrentdb", "kurrentdb+discover"] {
        let url = server.url.replace("esdb", scheme);
        let log = event_log::open(&url).await.unwrap();
        let reader = event_log::open_reader(&url).await.unwrap();
        let position = extend(&*log, scheme, 0).await;
        assert_eq!(reader.head().await.unwrap(), position, "{scheme}");
        log.close().await;
        reader.close().await;
    }
}

#[tokio::test]
async fn a_reader_starts_like_a_log() {
    let server = stand_in();
    let reader = EventStoreReader::connect(&impatient(&server.url)).await.unwrap();
    assert_eq!(reader.head().await.unwrap(), Position::START);
    server.refuse().await;
    let refused = EventStoreReader::connect(&impatient(&server.url)).await;
    assert!(matches!(refused, Err(LogError::Unavailable(_))), "{refused:?}");
}
