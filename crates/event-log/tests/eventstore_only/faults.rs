//! A server that goes, comes, hangs, loses answers. What was acknowledged is there, and nothing is
//! there twice.

use event_log::eventstore::EventStoreConfig;
use event_log::{AppendOutcome, EventLog, Expected, LogError, LogReader};
use futures_util::future::{join, join_all};
use testing::eventually;

use crate::given::{append, event, everything, extend, ids};
use crate::server::{
    accept, append_at_last, connect, connect_with, fresh, impatient, shown, stand_in,
};

#[tokio::test]
async fn a_server_that_was_away_is_found_again() {
    let server = stand_in();
    let log = connect(&server.url).await;
    for version in 0..3 {
        server.refuse().await;
        let connections = server.connections();
        let coming = async {
            // Not before it has been missed.
            let unread = log.head().await;
            assert!(matches!(unread, Err(LogError::Unavailable(_))), "{unread:?}");
            accept(&server).await;
        };
        let (position, ()) = join(extend(&log, "a", version), coming).await;
        assert_eq!(log.head().await.unwrap(), position);
        assert!(server.connections() > connections);
    }
    assert_eq!(ids(&log, "a").await.len(), 3);
}

#[tokio::test]
async fn a_restart_goes_unnoticed() {
    let server = stand_in();
    let log = connect(&server.url).await;
    for version in 0..5 {
        extend(&log, "a", version).await;
        server.restart().await.unwrap();
        assert_eq!(ids(&log, "a").await.len(), version as usize + 1);
        server.restart().await.unwrap();
        assert_eq!(everything(&log).await.len(), version as usize + 1);
        server.restart().await.unwrap();
    }
}

#[tokio::test]
async fn an_append_whose_answer_is_lost_is_appended_once() {
    let server = stand_in();
    let log = connect(&server.url).await;
    for (n, lost) in (1..=4).enumerate() {
        for (stream, given) in [("new", [fresh(), fresh()]), ("derived", [event(), event()])] {
            let stream = format!("{stream}-{n}");
            server.lose_answers(lost);
            let outcome = append(&log, &stream, Expected::NoStream, &given).await;
            server.lose_answers(0);
            let position = log.head().await.unwrap();
            assert!(
                matches!(outcome, AppendOutcome::Appended { position: p }
                    | AppendOutcome::AlreadyAppended { position: p } if p == position),
                "{outcome:?} at {position}"
            );
            let again = append(&log, &stream, Expected::NoStream, &given).await;
            assert_eq!(again, AppendOutcome::AlreadyAppended { position });
            let expected: Vec<_> = given.iter().map(|event| event.id).collect();
            assert_eq!(ids(&log, &stream).await, expected);
        }
    }
    assert_eq!(everything(&log).await.len(), 16);
}

#[tokio::test]
async fn the_lost_answer_of_an_append_is_recognised() {
    let server = stand_in();
    let log = connect(&server.url).await;
    server.lose_answers(1);
    let outcome = append(&log, "a", Expected::NoStream, &[fresh()]).await;
    let position = log.head().await.unwrap();
    assert_eq!(outcome, AppendOutcome::AlreadyAppended { position });
    assert_eq!(server.appends(), 1, "what stands there is read, not sent again");
}

#[tokio::test(flavor = "multi_thread")]
async fn many_appends_outlive_a_cut() {
    let server = stand_in();
    let log = connect(&server.url).await;
    let given: Vec<_> = (0..64).map(|n| (format!("a-{n}"), [fresh()])).collect();
    let appends = join_all(
        given.iter().map(|(stream, given)| append(&log, stream, Expected::NoStream, given)),
    );
    let cutting = async {
        eventually("a few appends", async || (server.appends() > 3).then_some(())).await;
        server.restart().await.unwrap();
    };
    let (outcomes, ()) = join(appends, cutting).await;
    for outcome in outcomes {
        let good = matches!(
            outcome,
            AppendOutcome::Appended { .. } | AppendOutcome::AlreadyAppended { .. }
        );
        assert!(good, "{outcome:?}");
    }
    assert_eq!((everything(&log).await.len(), shown(&server)), (64, 64));
}

#[tokio::test]
async fn a_server_out_of_reach_is_told_in_time_and_found_again() {
    let server = stand_in();
    let log = connect_with(impatient(&server.url)).await.unwrap();
    extend(&log, "a", 0).await;

    server.refuse().await;
    let given = [fresh()];
    let appended = log.append("a", Expected::Exact(1), given.to_vec()).await;
    assert!(matches!(appended, Err(LogError::Unavailable(_))), "{appended:?}");
    let read = log.read_streams(&["a".to_owned()]).await;
    assert!(matches!(read, Err(LogError::Unavailable(_))), "{read:?}");

    accept(&server).await;
    append_at_last(&log, "a", Expected::Exact(1), &given).await;
    assert_eq!(everything(&log).await.len(), 2);
}

#[tokio::test]
async fn a_hanging_server_is_given_up_in_time_and_asked_again() {
    let server = stand_in();
    let log = connect_with(impatient(&server.url)).await.unwrap();
    extend(&log, "a", 0).await;

    server.hang();
    let given = [fresh()];
    let appended = log.append("a", Expected::Exact(1), given.to_vec()).await;
    assert!(matches!(appended, Err(LogError::Unavailable(_))), "{appended:?}");
    let read = log.read_all(event_log::Position::START, 10).await;
    assert!(matches!(read, Err(LogError::Unavailable(_))), "{read:?}");
    let head = log.head().await;
    assert!(matches!(head, Err(LogError::Unavailable(_))), "{head:?}");

    server.go_on();
    append_at_last(&log, "a", Expected::Exact(1), &given).await;
    assert_eq!(everything(&log).await.len(), 2);
}

#[tokio::test]
async fn a_server_that_hangs_for_a_while_is_waited_for() {
    let server = stand_in();
    let config = EventStoreConfig {
        answer_within: std::time::Duration::from_millis(150),
        ..EventStoreConfig::new(&server.url)
    };
    let log = connect_with(config).await.unwrap();
    let connections = server.connections();
    server.hang();
    let going_on = async {
        // A new client has been tried in the meantime.
        eventually("another connection", async || {
            (server.connections() > connections).then_some(())
        })
        .await;
        server.go_on();
    };
    let (position, ()) = join(extend(&log, "a", 0), going_on).await;
    assert_eq!(log.head().await.unwrap(), position);
    assert_eq!(shown(&server), 1);
}

#[tokio::test]
async fn a_busy_server_is_asked_again() {
    let server = stand_in();
    let log = connect(&server.url).await;
    server.be_busy(3);
    extend(&log, "a", 0).await;
    server.be_busy(2);
    assert_eq!(ids(&log, "a").await.len(), 1);
}

#[tokio::test]
async fn what_a_server_refuses_is_not_sent_again() {
    let server = stand_in();
    let log = connect(&server.url).await;
    let too_much = format!("\"{}\"", "x".repeat(2_000_000));
    for given in [fresh(), event()] {
        let large = event_log::NewEvent { data: crate::given::json(&too_much), ..given.clone() };
        let refused = log.append("a", Expected::NoStream, vec![large]).await;
        assert!(matches!(refused, Err(LogError::Broken(_))), "{refused:?}");
        // Its id is free.
        let stream = format!("b-{}", given.id);
        let outcome = append(&log, &stream, Expected::NoStream, &[given]).await;
        assert!(matches!(outcome, AppendOutcome::Appended { .. }), "{outcome:?}");
    }
    assert_eq!(shown(&server), 2);
}
