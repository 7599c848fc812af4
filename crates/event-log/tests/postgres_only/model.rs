//! Whatever commands share a batch, each gets the answer that the memory engine gives them one by
//! one.

use chrono::DateTime;
use event_log::memory::MemoryLog;
use event_log::{EventLog, Expected, NewEvent};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use testing::Database;

use crate::batches::in_one_batch;
use crate::given::{event_with_id, everything};
use crate::server::connect;

type Command = (&'static str, Expected, Vec<NewEvent>);

/// Few streams, versions and ids, so that commands get in each other's way in every manner.
fn command() -> impl Strategy<Value = Command> {
    let stream = prop::sample::select(vec!["a", "b", "c"]);
    let expected = (0_u32..6).prop_map(|version| {
        if version == 0 { Expected::NoStream } else { Expected::Exact(version) }
    });
    let events = vec((0_u64..40).prop_map(event_with_id), 0..4);
    (stream, expected, events)
}

#[tokio::test]
async fn a_batch_is_answered_as_if_its_commands_came_one_by_one() {
    let mut runner = TestRunner::deterministic();
    let batches = vec(vec(command(), 1..25), 8);
    for _ in 0..6 {
        let database = Database::create().await;
        let log = connect(&database).await;
        let model = MemoryLog::new(|| DateTime::UNIX_EPOCH);
        for batch in batches.new_tree(&mut runner).expect("batches").current() {
            let outcomes = in_one_batch(&database, &log, &batch).await;
            for (outcome, (stream, expected, events)) in outcomes.into_iter().zip(&batch) {
                let wanted = model.append(stream, *expected, events.clone()).await.unwrap();
                assert_eq!(outcome.unwrap(), wanted, "{stream} {expected:?} in {batch:#?}");
            }
        }
        let place = |log: Vec<event_log::RecordedEvent>| -> Vec<_> {
            log.into_iter().map(|e| (e.position, e.stream, e.version, e.id)).collect()
        };
        assert_eq!(place(everything(&log).await), place(everything(&model).await));
    }
}
