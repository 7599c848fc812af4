//! Expected versions, and what a stream holds afterwards.

use std::sync::Arc;

use event_log::{AppendOutcome, EventLog, Expected, NewEvent, Position};
use serde_json::Value;

use super::given::{append, event, events, everything, extend, ids, json};

pub(crate) async fn an_event_goes_where_it_is_expected(log: Arc<dyn EventLog>) {
    let given = events(3);
    let first = append(&*log, "a-1", Expected::NoStream, &given[..1]).await;
    let second = append(&*log, "a-1", Expected::Exact(1), &given[1..2]).await;
    let third = append(&*log, "a-1", Expected::Exact(2), &given[2..]).await;

    let all = everything(&*log).await;
    let positions: Vec<Position> = all.iter().map(|event| event.position).collect();
    assert_eq!(
        [first, second, third].to_vec(),
        positions.iter().map(|p| AppendOutcome::Appended { position: *p }).collect::<Vec<_>>()
    );
    assert!(positions.is_sorted_by(|a, b| a < b), "{positions:?}");
    assert_eq!(log.head().await.unwrap(), positions[2]);
    assert_eq!(ids(&*log, "a-1").await, given.iter().map(|e| e.id).collect::<Vec<_>>());
}

pub(crate) async fn events_of_one_append_stand_together(log: Arc<dyn EventLog>) {
    let given = events(5);
    let outcome = append(&*log, "a-1", Expected::NoStream, &given).await;

    let all = everything(&*log).await;
    assert_eq!(outcome, AppendOutcome::Appended { position: all[4].position });
    let found: Vec<_> = all.iter().map(|event| (event.id, event.version)).collect();
    assert_eq!(found, given.iter().map(|event| event.id).zip(1..).collect::<Vec<_>>());
}

pub(crate) async fn a_conflict_tells_where_the_stream_is(log: Arc<dyn EventLog>) {
    extend(&*log, "a-1", 0).await;
    extend(&*log, "a-1", 1).await;
    let cases = [
        ("a-1", Expected::NoStream, 2),
        ("a-1", Expected::Exact(1), 2),
        ("a-1", Expected::Exact(3), 2),
        ("a-1", Expected::Exact(u32::MAX), 2),
        ("a-2", Expected::Exact(1), 0),
        ("a", Expected::Exact(2), 0),
    ];
    for (stream, expected, actual) in cases {
        let outcome = append(&*log, stream, expected, &[event()]).await;
        assert_eq!(outcome, AppendOutcome::Conflict { actual }, "{stream} {expected:?}");
    }
}

pub(crate) async fn a_conflict_appends_nothing(log: Arc<dyn EventLog>) {
    let head = extend(&*log, "a-1", 0).await;
    append(&*log, "a-1", Expected::NoStream, &events(3)).await;
    append(&*log, "a-2", Expected::Exact(7), &events(3)).await;

    assert_eq!(log.head().await.unwrap(), head);
    assert_eq!(everything(&*log).await.len(), 1);
    extend(&*log, "a-1", 1).await;
    extend(&*log, "a-2", 0).await;
}

pub(crate) async fn streams_do_not_conflict(log: Arc<dyn EventLog>) {
    for stream in ["a", "A", "a ", "ä", "a-1", "a-10"] {
        extend(&*log, stream, 0).await;
    }
    for stream in ["a", "A", "a ", "ä", "a-1", "a-10"] {
        assert_eq!(ids(&*log, stream).await.len(), 1, "{stream:?}");
    }
}

pub(crate) async fn appending_nothing_checks_the_expectation(log: Arc<dyn EventLog>) {
    let position = extend(&*log, "a-1", 0).await;
    let good = append(&*log, "a-1", Expected::Exact(1), &[]).await;
    let bad = append(&*log, "a-1", Expected::NoStream, &[]).await;

    assert_eq!(good, AppendOutcome::Appended { position });
    assert_eq!(bad, AppendOutcome::Conflict { actual: 1 });
    assert_eq!(log.head().await.unwrap(), position);
}

pub(crate) async fn content_comes_back_as_it_was(log: Arc<dyn EventLog>) {
    let data = r#"{"text":"İstanbul 🎤 \"quoted\" \n مرحبا","none":null,"list":[1,2.5,-3,
        9007199254740993,true,{"deep":{"er":[]}}],"":"empty name"}"#;
    let given = NewEvent {
        event_type: "Something.Happened".to_owned(),
        schema_version: 32_767,
        data: json(data),
        metadata: json(r#"{"actor":"someone","roles":[]}"#),
        ..event()
    };
    append(&*log, "a-1", Expected::NoStream, std::slice::from_ref(&given)).await;

    let all = everything(&*log).await;
    let [found] = &all[..] else { panic!("{all:?}") };
    assert_eq!(
        (found.stream.as_str(), found.version, found.id, &found.event_type, found.schema_version),
        ("a-1", 1, given.id, &given.event_type, given.schema_version)
    );
    let value = |raw: &str| serde_json::from_str::<Value>(raw).unwrap();
    assert_eq!(value(found.data.get()), value(given.data.get()));
    assert_eq!(value(found.metadata.get()), value(given.metadata.get()));
}
