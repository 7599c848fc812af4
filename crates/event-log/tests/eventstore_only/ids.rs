//! Ids that are new, ids that are derived, and programs that die between a claim and its event.

use event_log::eventstore::EventStoreConfig;
use event_log::{AppendOutcome, EventLog, Expected, LogError, LogReader};
use eventstore_stand_in::StandIn;

use crate::given::{append, event, events, everything, extend, ids};
use crate::server::{accept, connect, connect_with, fresh, impatient, shown, stand_in, types};

#[tokio::test]
async fn a_new_id_costs_one_call() {
    let server = stand_in();
    let log = connect(&server.url).await;
    let outcome = append(&log, "a", Expected::NoStream, &[fresh(), fresh()]).await;
    assert!(matches!(outcome, AppendOutcome::Appended { .. }), "{outcome:?}");
    assert_eq!(server.appends(), 1);
    assert_eq!(types(&server), ["Happened", "Happened"]);
}

#[tokio::test]
async fn new_ids_keep_the_contract_within_their_stream() {
    let server = stand_in();
    let log = connect(&server.url).await;
    let given = [fresh(), fresh()];
    append(&log, "a", Expected::NoStream, &given).await;
    let position = log.head().await.unwrap();
    extend(&log, "a", 2).await;

    let again = append(&log, "a", Expected::NoStream, &given).await;
    assert_eq!(again, AppendOutcome::AlreadyAppended { position });
    // One who has heard of nothing cannot tell a repetition; it is harmless.
    let other = connect(&server.url).await;
    let again = append(&other, "a", Expected::NoStream, &given).await;
    assert_eq!(again, AppendOutcome::AlreadyAppended { position });

    let same_then_new = [given[0].clone(), fresh()];
    let new_then_same = [fresh(), given[1].clone()];
    let exchanged = [given[1].clone(), given[0].clone()];
    for attempt in [&same_then_new, &new_then_same, &exchanged] {
        let outcome = append(&log, "a", Expected::NoStream, attempt).await;
        assert_eq!(outcome, AppendOutcome::IdInUse);
    }
    let outcome = append(&log, "a", Expected::NoStream, &[fresh()]).await;
    assert_eq!(outcome, AppendOutcome::Conflict { actual: 3 });
    assert_eq!(everything(&log).await.len(), 3);
}

/// An append of a derived id by a program that dies with its server when this many of the calls that
/// write have been committed: 1, the claim; 2, the claim and the event.
async fn cut_short(
    server: &StandIn,
    stream: &str,
    expected: Expected,
    given: &[event_log::NewEvent],
    after: u64,
) {
    // No call is to be made twice before its time.
    let answer_within = EventStoreConfig::new(&server.url).answer_within;
    let config = EventStoreConfig { answer_within, ..impatient(&server.url) };
    let log = connect_with(config).await.unwrap();
    server.die_after(after);
    let outcome = log.append(stream, expected, given.to_vec()).await;
    assert!(matches!(outcome, Err(LogError::Unavailable(_))), "{outcome:?}");
    accept(server).await;
}

#[tokio::test]
async fn an_append_that_was_cut_short_is_taken_up_again() {
    for after in [1, 2] {
        let server = stand_in();
        let given = [event()];
        cut_short(&server, "a", Expected::NoStream, &given, after).await;
        assert_eq!(shown(&server) as u64, after - 1);

        let log = connect(&server.url).await;
        let elsewhere = append(&log, "b", Expected::NoStream, &given).await;
        assert_eq!(elsewhere, AppendOutcome::IdInUse, "it may still come, or is there");
        let again = append(&log, "a", Expected::NoStream, &given).await;
        let position = log.head().await.unwrap();
        assert_eq!(again, AppendOutcome::AlreadyAppended { position });
        assert_eq!(everything(&log).await.len(), 1);
    }
}

#[tokio::test]
async fn a_claim_is_void_once_others_stand_at_its_place() {
    let server = stand_in();
    let given = events(2);
    cut_short(&server, "a", Expected::NoStream, &given, 2).await;
    assert_eq!(types(&server), ["docket-id-claimed", "docket-id-claimed"]);

    let log = connect(&server.url).await;
    let position = extend(&log, "a", 0).await;
    // The same command, decided anew on what the stream is now.
    let anew = append(&log, "a", Expected::Exact(1), &given).await;
    let head = log.head().await.unwrap();
    assert_eq!(anew, AppendOutcome::Appended { position: head });
    assert!(head > position);
    let elsewhere = append(&log, "b", Expected::NoStream, &given[1..]).await;
    assert_eq!(elsewhere, AppendOutcome::IdInUse);
}

#[tokio::test]
async fn a_conflict_that_was_cut_short_leaves_too_much_claimed_never_too_little() {
    let server = stand_in();
    let given = [event()];
    // The claim and the refused append; the release is what does not happen.
    cut_short(&server, "a", Expected::Exact(5), &given, 2).await;
    let log = connect(&server.url).await;
    let elsewhere = append(&log, "b", Expected::NoStream, &given).await;
    assert_eq!(elsewhere, AppendOutcome::IdInUse);
    let there = append(&log, "a", Expected::Exact(5), &given).await;
    assert_eq!(there, AppendOutcome::Conflict { actual: 0 });
    assert_eq!(everything(&log).await.len(), 0);
}

#[tokio::test]
async fn an_id_that_was_refused_can_be_used_again_and_again() {
    let server = stand_in();
    let log = connect(&server.url).await;
    extend(&log, "full", 0).await;
    let given = [event()];
    for n in 0..3 {
        let early = append(&log, &format!("early-{n}"), Expected::Exact(3), &given).await;
        assert_eq!(early, AppendOutcome::Conflict { actual: 0 });
        let late = append(&log, "full", Expected::NoStream, &given).await;
        assert_eq!(late, AppendOutcome::Conflict { actual: 1 });
    }
    let outcome = append(&log, "a", Expected::NoStream, &given).await;
    let position = log.head().await.unwrap();
    assert_eq!(outcome, AppendOutcome::Appended { position });
    assert_eq!(ids(&log, "a").await, [given[0].id]);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_places_for_one_id_one_gets_it() {
    let server = stand_in();
    let log = connect(&server.url).await;
    for _ in 0..5 {
        let given = [event()];
        let streams: Vec<_> = (0..16).map(|n| format!("{}-{n}", given[0].id)).collect();
        let appends = streams.iter().map(|s| append(&log, s, Expected::NoStream, &given));
        let outcomes = futures_util::future::join_all(appends).await;
        let appended = outcomes.iter().filter(|o| matches!(o, AppendOutcome::Appended { .. }));
        let in_use = outcomes.iter().filter(|o| matches!(o, AppendOutcome::IdInUse));
        assert_eq!((appended.count(), in_use.count()), (1, 15), "{outcomes:?}");
    }
    assert_eq!(everything(&log).await.len(), 5);
}
