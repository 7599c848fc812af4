//! Many writers, and a server that does not last.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use event_log::eventstore::EventStoreLog;
use event_log::{AppendOutcome, EventLog, Expected, LogError, NewEvent, Position};
use eventstore_stand_in::StandIn;
use testing::eventually;
use ulid::Ulid;

use crate::given::{event, everything};
use crate::server::{accept, connect, fresh, stand_in};

const WRITERS: usize = 32;
const ROUNDS: u64 = 20;

/// Appends to a stream of its own until it is told to stop; answers the ids that were acknowledged, in
/// order. Every other writer has derived ids.
async fn write(log: Arc<EventStoreLog>, n: usize, stop: Arc<AtomicBool>) -> Vec<(Ulid, Position)> {
    let mut acknowledged: Vec<(Ulid, Position)> = vec![];
    while !stop.load(Ordering::SeqCst) {
        let version = u32::try_from(acknowledged.len()).unwrap();
        let expected = if version == 0 { Expected::NoStream } else { Expected::Exact(version) };
        let given: NewEvent = if n.is_multiple_of(2) { fresh() } else { event() };
        let position = loop {
            match log.append(&format!("w-{n}"), expected, vec![given.clone()]).await {
                Ok(
                    AppendOutcome::Appended { position }
                    | AppendOutcome::AlreadyAppended { position },
                ) => break position,
                // The outcome is unknown: the same again.
                Err(LogError::Unavailable(_)) => {}
                other => panic!("{n} at {version}: {other:?}"),
            }
        };
        acknowledged.push((given.id, position));
    }
    acknowledged
}

/// One way for the server to fail under load, and to come back.
async fn fail(server: &StandIn, round: u64) {
    let appends = server.appends();
    eventually("some appends", async || (server.appends() > appends + 20).then_some(())).await;
    match round % 5 {
        0 => server.restart().await.unwrap(),
        1 => server.lose_answers(3),
        2 => server.cut(),
        3 => {
            server.die_after(5);
            eventually("its death", async || (!server.is_accepting()).then_some(())).await;
            accept(server).await;
        }
        _ => {
            server.refuse().await;
            // Whoever tries in the meantime is refused.
            tokio::task::yield_now().await;
            accept(server).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_acknowledged_is_lost_or_doubled_by_a_server_that_fails_twenty_times() {
    let server = stand_in();
    let log = Arc::new(connect(&server.url).await);
    let stop = Arc::new(AtomicBool::new(false));
    let writers: Vec<_> =
        (0..WRITERS).map(|n| tokio::spawn(write(Arc::clone(&log), n, Arc::clone(&stop)))).collect();
    for round in 0..ROUNDS {
        fail(&server, round).await;
    }
    stop.store(true, Ordering::SeqCst);
    let mut acknowledged = HashMap::new();
    for (n, writer) in writers.into_iter().enumerate() {
        acknowledged.insert(format!("w-{n}"), writer.await.unwrap());
    }

    let all = everything(&*log).await;
    assert!(all.is_sorted_by(|a, b| a.position < b.position));
    let mut found: HashMap<String, Vec<(Ulid, Position)>> = HashMap::new();
    for event in all {
        found.entry(event.stream).or_default().push((event.id, event.position));
    }
    for (stream, acknowledged) in &acknowledged {
        let found = found.remove(stream).unwrap_or_default();
        assert_eq!(&found, acknowledged, "{stream}");
    }
    assert!(found.is_empty(), "what nobody has appended: {found:?}");
    let sum: usize = acknowledged.values().map(Vec::len).sum();
    assert!(sum > 400, "{sum} events only");
}
