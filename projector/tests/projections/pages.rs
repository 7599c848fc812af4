//! However the log is cut into pages, the tables are the same.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use event_log::{LogError, LogReader, Page, Position, RecordedEvent, StreamName};
use projector::{Digest, digests, rebuild};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use testing::Database;

use crate::history::History;
use crate::keys::master;
use crate::story::{Step, steps, tell};
use crate::tables::rows;

/// A log that answers in pages of these sizes, over and over.
struct Pages {
    log: std::sync::Arc<dyn LogReader>,
    sizes: Mutex<std::iter::Cycle<std::vec::IntoIter<u32>>>,
}

#[async_trait]
impl LogReader for Pages {
    async fn read_streams(
        &self,
        streams: &[StreamName],
    ) -> Result<Vec<Vec<RecordedEvent>>, LogError> {
        self.log.read_streams(streams).await
    }

    async fn read_all(&self, after: Position, limit: u32) -> Result<Page, LogError> {
        let size = self.sizes.lock().unwrap().next().unwrap();
        self.log.read_all(after, limit.min(size)).await
    }

    async fn head(&self) -> Result<Position, LogError> {
        self.log.head().await
    }

    async fn wait_past(&self, position: Position, timeout: Duration) -> Result<bool, LogError> {
        self.log.wait_past(position, timeout).await
    }
}

/// What the tables hold when they are made from `log`.
pub(crate) async fn tables(database: &Database, log: &dyn LogReader) -> BTreeMap<String, Digest> {
    for projection in projector::all() {
        rebuild(&database.pool, log, &master(), projection.as_ref()).await.unwrap();
    }
    digests(&database.pool).await.unwrap()
}

#[test]
fn any_cut_into_pages_gives_the_same_tables() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let database = runtime.block_on(Database::create());
    let steps = steps(120);
    let sizes = prop::collection::vec(1u32..40, 1..8);
    let config = ProptestConfig {
        cases: 16,
        max_shrink_iters: 40,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    let property = |(steps, sizes): (Vec<Step>, Vec<u32>)| {
        runtime.block_on(async {
            let history = History::new();
            tell(&history, &steps).await;
            let whole = tables(&database, history.log.as_ref()).await;
            let parked = rows(&database.pool, "parked").await;
            prop_assert_eq!(parked, serde_json::json!([]), "the history can be told");
            let sizes = Mutex::new(sizes.into_iter().cycle());
            let pages = Pages { log: history.reader(), sizes };
            prop_assert_eq!(tables(&database, &pages).await, whole);
            Ok(())
        })
    };
    TestRunner::new(config).run(&(steps, sizes), property).unwrap();
}
