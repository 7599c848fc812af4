//! In whatever order the events of different live streams come, the tables are the same.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::time::Duration;

use async_trait::async_trait;
use event_log::{LogError, LogReader, Page, Position, RecordedEvent, StreamName};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};
use testing::Database;

use crate::history::History;
use crate::pages::tables;
use crate::story::{Step, steps, tell};
use crate::tables::rows;

/// The events of a log in another order, in pages of one size.
struct Shuffled {
    events: Vec<RecordedEvent>,
    size: usize,
}

#[async_trait]
impl LogReader for Shuffled {
    async fn read_streams(&self, _: &[StreamName]) -> Result<Vec<Vec<RecordedEvent>>, LogError> {
        Ok(vec![])
    }

    async fn read_all(&self, after: Position, _: u32) -> Result<Page, LogError> {
        let place = self.events.iter().position(|event| event.position == after);
        let rest = &self.events[place.map_or(0, |place| place + 1)..];
        let events = rest[..self.size.min(rest.len())].to_vec();
        Ok(Page { caught_up: events.len() == rest.len(), events })
    }

    async fn head(&self) -> Result<Position, LogError> {
        Ok(self.events.last().map_or(Position::START, |event| event.position))
    }

    async fn wait_past(&self, _: Position, _: Duration) -> Result<bool, LogError> {
        Ok(false)
    }
}

/// All events of `log`, those of each live stream in their order, and those of different ones as
/// `picks` will have it.
async fn shuffled(log: &dyn LogReader, picks: &[usize]) -> Vec<RecordedEvent> {
    let mut live_streams: HashMap<StreamName, String> = HashMap::new();
    let mut queues: BTreeMap<String, VecDeque<RecordedEvent>> = BTreeMap::new();
    for event in log.read_all(Position::START, u32::MAX).await.unwrap().events {
        let data: Value = serde_json::from_str(event.data.get()).unwrap();
        if let Some(live_stream) = data["liveStreamId"].as_str() {
            live_streams.insert(event.stream.clone(), live_stream.to_owned());
        }
        queues.entry(live_streams[&event.stream].clone()).or_default().push_back(event);
    }
    let mut picks = picks.iter().cycle();
    let mut shuffled = vec![];
    while !queues.is_empty() {
        let pick = picks.next().unwrap() % queues.len();
        let live_stream = queues.keys().nth(pick).unwrap().clone();
        let queue = queues.get_mut(&live_stream).unwrap();
        shuffled.extend(queue.pop_front());
        if queue.is_empty() {
            queues.remove(&live_stream);
        }
    }
    shuffled
}

#[test]
fn any_order_of_live_streams_gives_the_same_tables() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let database = runtime.block_on(Database::create());
    let picks = prop::collection::vec(0usize..60, 1..60);
    let config = ProptestConfig {
        cases: 16,
        max_shrink_iters: 40,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    let property = |(steps, picks, size): (Vec<Step>, Vec<usize>, usize)| {
        runtime.block_on(async {
            let history = History::new();
            tell(&history, &steps).await;
            let in_order = tables(&database, history.log.as_ref()).await;
            let events = shuffled(history.log.as_ref(), &picks).await;
            prop_assert_eq!(tables(&database, &Shuffled { events, size }).await, in_order);
            prop_assert_eq!(rows(&database.pool, "parked").await, json!([]));
            Ok(())
        })
    };
    TestRunner::new(config).run(&(steps(120), picks, 1usize..40), property).unwrap();
}
