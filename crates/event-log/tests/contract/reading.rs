//! Streams, pages, waiting.

use std::sync::Arc;
use std::time::Duration;

use event_log::{EventLog, Expected, MOST_RAW, Position};

use super::given::{append, events, everything, extend};

pub(crate) async fn streams_come_in_the_order_asked_for(log: Arc<dyn EventLog>) {
    for (stream, version) in [("a", 0), ("b", 0), ("a", 1), ("c", 0), ("b", 1), ("a", 2)] {
        extend(&*log, stream, version).await;
    }
    let asked = ["b", "none", "a", "b"].map(str::to_owned);
    let read = log.read_streams(&asked).await.unwrap();

    let found: Vec<Vec<_>> = read
        .iter()
        .map(|events| events.iter().map(|e| (e.stream.as_str(), e.version)).collect())
        .collect();
    let (a, b) = (vec![("a", 1), ("a", 2), ("a", 3)], vec![("b", 1), ("b", 2)]);
    assert_eq!(found, [b.clone(), vec![], a, b]);
    assert!(log.read_streams(&[]).await.unwrap().is_empty());
}

pub(crate) async fn pages_follow_each_other(log: Arc<dyn EventLog>) {
    let mut positions = vec![];
    for version in 0..7 {
        positions.push(extend(&*log, "a", version).await);
    }
    let all = everything(&*log).await;
    assert_eq!(all.iter().map(|event| event.position).collect::<Vec<_>>(), positions);

    let page = log.read_all(positions[2], 2).await.unwrap();
    let found: Vec<_> = page.events.iter().map(|event| event.position).collect();
    assert_eq!((found, page.caught_up), (positions[3..5].to_vec(), false));
}

pub(crate) async fn events_are_found_by_their_positions(log: Arc<dyn EventLog>) {
    for version in 0..40 {
        extend(&*log, if version % 2 == 0 { "a" } else { "b" }, version / 2).await;
    }
    let all = everything(&*log).await;
    let places = [39, 3, 5, 4, 17, 3, 0];
    let asked: Vec<Position> = places.iter().map(|place| all[*place].position).collect();
    let found = log.read_at(&asked).await.unwrap();

    let expected: Vec<String> =
        [0, 3, 4, 5, 17, 39].iter().map(|place| format!("{:?}", all[*place])).collect();
    assert_eq!(found.iter().map(|event| format!("{event:?}")).collect::<Vec<_>>(), expected);
    assert!(log.read_at(&[]).await.unwrap().is_empty());
    assert!(log.read_at(&[Position::START]).await.unwrap().is_empty());
    let every: Vec<Position> = all.iter().map(|event| event.position).collect();
    assert_eq!(log.read_at(&every).await.unwrap().len(), all.len());
}

pub(crate) async fn what_lies_between_two_positions_is_read_as_it_is(log: Arc<dyn EventLog>) {
    assert!(log.read_raw(Position::START, Position(u64::MAX)).await.unwrap().is_empty());
    let mut positions = vec![];
    for version in 0..7 {
        positions.push(extend(&*log, "a", version).await);
    }
    let start = Position::START;
    for (after, until, found) in [
        (start, positions[6], &positions[..]),
        (start, Position(u64::MAX), &positions[..]),
        (positions[1], positions[4], &positions[2..=4]),
        (positions[1], Position(positions[4].0 - 1), &positions[2..4]),
        (positions[4], positions[4], &[]),
        (positions[4], positions[1], &[]),
        (positions[6], Position(u64::MAX), &[]),
    ] {
        let raw = log.read_raw(after, until).await.unwrap();
        let raw: Vec<_> = raw.iter().map(|event| event.position).collect();
        assert_eq!(raw, found, "after {after} until {until}");
    }
}

pub(crate) async fn a_raw_read_is_bounded(log: Arc<dyn EventLog>) {
    let all = events(MOST_RAW + 1);
    for (version, some) in (0..).step_by(500).zip(all.chunks(500)) {
        let expected = if version == 0 { Expected::NoStream } else { Expected::Exact(version) };
        append(&*log, "a", expected, some).await;
    }
    let end = Position(u64::MAX);
    let raw = log.read_raw(Position::START, end).await.unwrap();
    assert_eq!(raw.len(), MOST_RAW);
    let rest = log.read_raw(raw[MOST_RAW - 1].position, end).await.unwrap();
    assert_eq!(rest.iter().map(|event| event.id).collect::<Vec<_>>(), [all[MOST_RAW].id]);
}

pub(crate) async fn a_page_knows_whether_it_is_the_last(log: Arc<dyn EventLog>) {
    for version in 0..3 {
        extend(&*log, "a", version).await;
    }
    for (limit, found, caught_up) in [(0, 0, false), (2, 2, false), (3, 3, true), (4, 3, true)] {
        let page = log.read_all(Position::START, limit).await.unwrap();
        assert_eq!((page.events.len(), page.caught_up), (found, caught_up), "limit {limit}");
    }
}

pub(crate) async fn there_is_nothing_after_the_head(log: Arc<dyn EventLog>) {
    assert_eq!(log.head().await.unwrap(), Position::START);
    let head = extend(&*log, "a", 0).await;
    for after in [head, Position(head.0 + 100), Position(u64::MAX)] {
        let page = log.read_all(after, 10).await.unwrap();
        assert_eq!((page.events.len(), page.caught_up), (0, true), "after {after}");
    }
}

pub(crate) async fn waiting_ends_when_the_log_grows(log: Arc<dyn EventLog>) {
    let ages = Duration::from_mins(1);
    let first = extend(&*log, "a", 0).await;
    assert!(log.wait_past(Position::START, ages).await.unwrap(), "it has grown already");

    let (waited, appended) =
        tokio::join!(log.wait_past(first, ages), async { extend(&*log, "a", 1).await });
    assert!(waited.unwrap());
    assert!(appended > first);
}

pub(crate) async fn waiting_ends_when_time_is_up(log: Arc<dyn EventLog>) {
    let head = extend(&*log, "a", 0).await;
    assert!(!log.wait_past(head, Duration::from_millis(20)).await.unwrap());
    // A conflict is no growth.
    log.append("a", event_log::Expected::NoStream, events(1)).await.unwrap();
    assert!(!log.wait_past(head, Duration::from_millis(20)).await.unwrap());
}
