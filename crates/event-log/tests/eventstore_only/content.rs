//! What is stored, and what comes back.

use event_log::{EventLog, Expected, LogError, LogReader, NewEvent, Position};

use crate::given::{append, everything, extend, json};
use crate::server::{connect, fresh, now, stand_in};

#[tokio::test]
async fn json_passes_through_untouched() {
    let server = stand_in();
    let log = connect(&server.url).await;
    let data = r#"{"z":9007199254740993123456789,"a":1.50,"z":"again","e":"\u00e9", "s" : [ ]}"#;
    let metadata = r#"{"n":123456789012345678901234567890,"schemaVersion":"mine"}"#;
    let given = NewEvent { data: json(data), metadata: json(metadata), ..fresh() };
    append(&log, "a", Expected::NoStream, &[given]).await;

    let [found] = &everything(&log).await[..] else { panic!("one event") };
    assert_eq!((found.data.get(), found.metadata.get()), (data, metadata));
    assert_eq!(found.recorded_at, now(), "to the millisecond");
}

#[tokio::test]
async fn the_first_place_of_the_server_is_no_special_case() {
    let server = stand_in();
    server.without_system_events();
    let log = connect(&server.url).await;
    assert_eq!(log.head().await.unwrap(), Position::START);
    let given = [fresh()];
    append(&log, "a", Expected::NoStream, &given).await;

    assert_eq!(server.log()[0].0, "a", "nothing is before it");
    assert_eq!(log.head().await.unwrap(), Position(1));
    assert_eq!(everything(&log).await.len(), 1);
    let page = log.read_all(Position(1), 5).await.unwrap();
    assert_eq!((page.events.len(), page.caught_up), (0, true));
    let again = append(&log, "a", Expected::NoStream, &given).await;
    assert_eq!(again, event_log::AppendOutcome::AlreadyAppended { position: Position(1) });
}

#[tokio::test]
async fn names_that_others_need_are_refused() {
    let server = stand_in();
    let log = connect(&server.url).await;
    for stream in ["", "$all", "$stats", "docket-id-1"] {
        let refused = log.append(stream, Expected::NoStream, vec![fresh()]).await;
        assert!(matches!(refused, Err(LogError::Broken(_))), "{stream:?}: {refused:?}");
        assert_eq!(log.read_streams(&[stream.to_owned()]).await.unwrap()[0].len(), 0);
    }
    let system = NewEvent { event_type: "$>".to_owned(), ..fresh() };
    let refused = log.append("a", Expected::NoStream, vec![system]).await;
    assert!(matches!(refused, Err(LogError::Broken(_))), "{refused:?}");
    assert_eq!(server.log().len(), 0);
}

#[tokio::test]
async fn what_others_wrote_is_no_event_of_ours() {
    let server = stand_in();
    let log = connect(&server.url).await;
    extend(&log, "a", 0).await;
    server.put("b", "SomethingElse", "{}");
    let Err(LogError::Broken(error)) = log.read_all(Position::START, 10).await else {
        panic!("it was taken for one")
    };
    assert!(error.to_string().contains("streamPrefix"), "{error}");
}

#[tokio::test]
async fn a_prefix_makes_a_log_of_its_own() {
    let server = stand_in();
    server.put("b", "SomethingElse", "{}");
    let at = |prefix: &str| format!("{}&streamPrefix={prefix}", server.url);
    let (staging, live) = (connect(&at("staging-")).await, connect(&at("live-")).await);
    let given = [crate::given::event()];
    let one = append(&staging, "a", Expected::NoStream, &given).await;
    let other = append(&live, "a", Expected::NoStream, &given).await;
    for (log, outcome) in [(&staging, one), (&live, other)] {
        let position = log.head().await.unwrap();
        assert_eq!(outcome, event_log::AppendOutcome::Appended { position });
        let [found] = &everything(log).await[..] else { panic!("one event") };
        assert_eq!((found.stream.as_str(), found.id), ("a", given[0].id));
        // A link that a projection has put among them is not one of them.
        server.put("live-a", "$>", "0@live-a");
    }
    assert_eq!(everything(&live).await.len(), 1);
    let streams: Vec<_> = server.log().into_iter().map(|(stream, ..)| stream).collect();
    assert!(streams.contains(&"staging-a".to_owned()) && streams.contains(&"live-a".to_owned()));
}
