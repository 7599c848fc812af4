//! What the log and the tables say when everything is over.

use event_log::{LogReader, Position, RecordedEvent};
use serde_json::Value;

use super::load::Acknowledged;
use crate::set_ups::Installation;

/// The log holds what was acknowledged and nothing else, at the positions that were told; and the
/// tables are what the log says.
pub(super) async fn check(docket: &Installation, mut acknowledged: Vec<Acknowledged>) {
    let (pool, log) = docket.storage().await;
    let logged: Vec<Acknowledged> = everything(&*log).await.iter().map(told).collect();
    acknowledged.sort();
    assert_eq!(logged, acknowledged);

    let master = docket.master();
    let head = log.head().await.unwrap();
    for projection in projector::all() {
        testing::wait_until(&pool, projection.name(), head.0).await;
        let verified = projector::verify(&pool, &*log, &master, &*projection).await.unwrap();
        assert_eq!(verified.position, head, "{}", verified.projection);
        assert_eq!(verified.live, verified.replayed, "{}", verified.projection);
        assert!(verified.live.values().any(|digest| digest.rows > 0), "{}", verified.projection);
    }
}

async fn everything(log: &dyn LogReader) -> Vec<RecordedEvent> {
    let mut all: Vec<RecordedEvent> = vec![];
    loop {
        let after = all.last().map_or(Position::START, |event| event.position);
        let page = log.read_all(after, 1_000).await.unwrap();
        all.extend(page.events);
        if page.caught_up {
            return all;
        }
    }
}

/// What the answer to the command behind an event has told.
fn told(event: &RecordedEvent) -> Acknowledged {
    let data: Value = serde_json::from_str(event.data.get()).unwrap();
    let id = data.get("banId").or(data.get("reportId")).and_then(Value::as_str).unwrap();
    Acknowledged {
        position: event.position,
        event_type: event.event_type.clone(),
        id: id.to_owned(),
    }
}
