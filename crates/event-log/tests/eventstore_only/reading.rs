//! Paging past what is not to be seen.

use event_log::eventstore::{EventStoreConfig, EventStoreReader};
use event_log::{LogError, LogReader, Position};
use eventstore_stand_in::StandIn;

use crate::given::{everything, extend};
use crate::server::{connect, stand_in};

fn clutter(server: &StandIn, count: usize) {
    for _ in 0..count {
        server.put("$stats-0", "$statsCollected", r#"{"proc-cpu":1}"#);
    }
}

#[tokio::test]
async fn pages_follow_each_other_over_any_gap() {
    let server = stand_in();
    let log = connect(&server.url).await;
    let mut positions = vec![];
    for (version, gap) in [0, 1, 15, 40, 1500, 0].into_iter().enumerate() {
        positions.push(extend(&log, "a", version.try_into().unwrap()).await);
        clutter(&server, gap);
    }
    clutter(&server, 700);
    for limit in [1, 2, 3, 100] {
        // Another one, which knows of no gap yet.
        let reader = EventStoreReader::connect(&EventStoreConfig::new(&server.url)).await.unwrap();
        assert_eq!(reader.head().await.unwrap(), *positions.last().unwrap());
        let (mut after, mut seen) = (Position::START, vec![]);
        loop {
            let page = reader.read_all(after, limit).await.unwrap();
            seen.extend(page.events.iter().map(|event| event.position));
            assert!(page.events.len() <= limit as usize);
            assert_eq!(page.caught_up, seen.len() == positions.len());
            if page.caught_up {
                break;
            }
            after = *seen.last().unwrap();
        }
        assert_eq!(seen, positions);
    }
}

#[tokio::test]
async fn a_gap_is_read_once() {
    let server = stand_in();
    let log = connect(&server.url).await;
    let head = extend(&log, "a", 0).await;
    clutter(&server, 2000);
    for _ in 0..2 {
        assert_eq!(log.head().await.unwrap(), head);
        let page = log.read_all(head, 10).await.unwrap();
        assert_eq!((page.events.len(), page.caught_up), (0, true));
    }
    let before = server.reads();
    for _ in 0..10 {
        let page = log.read_all(head, 10).await.unwrap();
        assert_eq!((page.events.len(), page.caught_up), (0, true));
        assert_eq!(log.head().await.unwrap(), head);
    }
    assert_eq!(server.reads() - before, 20, "one call each");
    let next = extend(&log, "a", 1).await;
    let page = log.read_all(head, 10).await.unwrap();
    assert_eq!(page.events[0].position, next);
}

#[tokio::test]
async fn a_log_of_nothing_to_see_is_empty() {
    let server = stand_in();
    clutter(&server, 50);
    let log = connect(&server.url).await;
    assert_eq!(log.head().await.unwrap(), Position::START);
    let page = log.read_all(Position::START, 10).await.unwrap();
    assert_eq!((page.events.len(), page.caught_up), (0, true));
    let position = extend(&log, "a", 0).await;
    assert_eq!(everything(&log).await[0].position, position);
}

#[tokio::test]
async fn a_long_stream_is_read_whole() {
    let server = stand_in();
    let log = connect(&server.url).await;
    let given: Vec<_> = (0..2500).map(|_| crate::server::fresh()).collect();
    for (n, some) in given.chunks(500).enumerate() {
        let version = u32::try_from(n * 500).unwrap();
        let expected = match version {
            0 => event_log::Expected::NoStream,
            version => event_log::Expected::Exact(version),
        };
        crate::given::append(&log, "a", expected, some).await;
    }
    let ids = crate::given::ids(&log, "a").await;
    assert_eq!(ids, given.iter().map(|event| event.id).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_position_that_no_event_has_is_refused() {
    let server = stand_in();
    let log = connect(&server.url).await;
    let first = extend(&log, "a", 0).await;
    extend(&log, "a", 1).await;
    let between = log.read_all(Position(first.0 + 1), 10).await;
    assert!(matches!(between, Err(LogError::Broken(_))), "{between:?}");
}
