//! However the log is cut into pages, the tables are the same.

use std::collections::{BTreeMap, HashMap};
use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use event_log::{LogError, LogReader, Page, Position, RecordedEvent, StreamName};
use events::ban::RevokeCause;
use events::report::{Decision, ReportType};
use projector::{Digest, digests, rebuild};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use testing::Database;

use crate::history::{History, ban, end, file, review};
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

/// One thing that happens: on which live stream, to whom, what of that which can happen there, and
/// how many minutes after the thing before it, by a clock that may be late.
type Step = (u8, u8, u8, i8);

/// Tells a history in which every event can follow those before it.
async fn tell(history: &History, steps: &[Step]) {
    // Per live stream and user: how many bans and whether the last is active; how many reports, and
    // what the last one is.
    let mut bans: HashMap<(u8, u8), (u16, bool)> = HashMap::new();
    let mut reports: HashMap<(u8, u8), (u16, Option<Decision>)> = HashMap::new();
    let mut minute = 600;
    for (live_stream, user, what, minutes) in steps.iter().copied() {
        minute = (minute + i64::from(minutes)).max(0);
        let at = format!(
            "2026-01-{:02}T{:02}:{:02}:00.000Z",
            1 + minute / 1440,
            minute / 60 % 24,
            minute % 60
        );
        let (key, live_stream, user) =
            ((live_stream, user), format!("stream-{live_stream}"), format!("user-{user}"));
        let event = if what % 2 == 0 {
            let (nth, active) = bans.entry(key).or_default();
            *active = !*active;
            if *active {
                *nth += 1;
                ban(&live_stream, &user, *nth)
            } else {
                let causes = [RevokeCause::Manual, RevokeCause::Expired, RevokeCause::Superseded];
                end(&live_stream, &user, *nth, causes[usize::from(what) % 3])
            }
        } else {
            let (nth, status) = reports.entry(key).or_default();
            let archive = what % 4 == 1;
            let next = match status {
                _ if *nth == 0 => None,
                None => Some(Decision::ALL[usize::from(what) % 3]),
                Some(Decision::UnderReview) => Some(Decision::Resolved),
                Some(decided) if archive => Some(*decided),
                Some(_) => None,
            };
            *status = next;
            match next {
                None => {
                    *nth += 1;
                    file(&live_stream, &user, *nth, ReportType::ALL[usize::from(what) % 7])
                }
                Some(status) => review((&live_stream, &user, *nth), status, Some("Seen"), archive),
            }
        };
        history.tell(&at, Some(&user), event).await;
    }
}

/// What the tables hold when they are made from `log`.
async fn tables(database: &Database, log: &dyn LogReader) -> BTreeMap<String, Digest> {
    for projection in projector::all() {
        rebuild(&database.pool, log, projection.as_ref()).await.unwrap();
    }
    digests(&database.pool).await.unwrap()
}

#[test]
fn any_cut_into_pages_gives_the_same_tables() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let database = runtime.block_on(Database::create());
    let steps = prop::collection::vec((0u8..3, 0u8..3, 0u8..42, -50i8..90), 1..120);
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
