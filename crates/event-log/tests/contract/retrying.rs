//! The same ids at the same place are the same append; anywhere else they are taken.

use std::sync::Arc;

use event_log::{AppendOutcome, EventLog, Expected};

use super::given::{append, event, events, everything, extend};

pub(crate) async fn a_retry_is_recognised(log: Arc<dyn EventLog>) {
    let given = [event()];
    let first = append(&*log, "a-1", Expected::NoStream, &given).await;
    let again = append(&*log, "a-1", Expected::NoStream, &given).await;

    let position = log.head().await.unwrap();
    assert_eq!(first, AppendOutcome::Appended { position });
    assert_eq!(again, AppendOutcome::AlreadyAppended { position });
    assert_eq!(everything(&*log).await.len(), 1);
}

pub(crate) async fn a_retry_is_recognised_when_the_stream_has_moved_on(log: Arc<dyn EventLog>) {
    extend(&*log, "a-1", 0).await;
    let given = [event()];
    append(&*log, "a-1", Expected::Exact(1), &given).await;
    let position = log.head().await.unwrap();
    extend(&*log, "a-1", 2).await;

    let again = append(&*log, "a-1", Expected::Exact(1), &given).await;
    assert_eq!(again, AppendOutcome::AlreadyAppended { position });
    assert_eq!(everything(&*log).await.len(), 3);
}

pub(crate) async fn a_retry_of_several_events_is_recognised(log: Arc<dyn EventLog>) {
    let given = events(4);
    append(&*log, "a-1", Expected::NoStream, &given).await;
    let again = append(&*log, "a-1", Expected::NoStream, &given).await;

    let position = log.head().await.unwrap();
    assert_eq!(again, AppendOutcome::AlreadyAppended { position });
    assert_eq!(everything(&*log).await.len(), 4);
}

pub(crate) async fn a_refused_append_leaves_its_ids_free(log: Arc<dyn EventLog>) {
    let given = events(2);
    append(&*log, "a-1", Expected::Exact(5), &given).await;
    let outcome = append(&*log, "a-2", Expected::NoStream, &given).await;

    let position = log.head().await.unwrap();
    assert_eq!(outcome, AppendOutcome::Appended { position });
}

pub(crate) async fn an_id_is_used_once_in_the_whole_log(log: Arc<dyn EventLog>) {
    let given = [event()];
    append(&*log, "a-1", Expected::NoStream, &given).await;

    for expected in [Expected::NoStream, Expected::Exact(1)] {
        let outcome = append(&*log, "a-2", expected, &given).await;
        assert_eq!(outcome, AppendOutcome::IdInUse, "{expected:?}");
    }
    assert_eq!(everything(&*log).await.len(), 1);
}

pub(crate) async fn an_id_is_used_once_in_its_stream(log: Arc<dyn EventLog>) {
    let given = [event()];
    append(&*log, "a-1", Expected::NoStream, &given).await;

    for expected in [Expected::Exact(1), Expected::Exact(7)] {
        let outcome = append(&*log, "a-1", expected, &given).await;
        assert_eq!(outcome, AppendOutcome::IdInUse, "{expected:?}");
    }
    assert_eq!(everything(&*log).await.len(), 1);
}

pub(crate) async fn an_id_is_used_once_in_its_append(log: Arc<dyn EventLog>) {
    let twin = event();
    let given = [event(), twin.clone(), twin];
    let outcome = append(&*log, "a-1", Expected::NoStream, &given).await;

    assert_eq!(outcome, AppendOutcome::IdInUse);
    assert_eq!(everything(&*log).await.len(), 0);
}

pub(crate) async fn an_append_that_is_half_there_is_refused(log: Arc<dyn EventLog>) {
    let given = events(2);
    append(&*log, "a-1", Expected::NoStream, &given).await;
    let same_then_new = [given[0].clone(), event()];
    let new_then_same = [event(), given[1].clone()];
    let exchanged = [given[1].clone(), given[0].clone()];
    let too_many = [given[0].clone(), given[1].clone(), event()];

    for attempt in [&same_then_new[..], &new_then_same, &exchanged, &too_many] {
        let outcome = append(&*log, "a-1", Expected::NoStream, attempt).await;
        assert_eq!(outcome, AppendOutcome::IdInUse);
    }
    assert_eq!(everything(&*log).await.len(), 2);
}
