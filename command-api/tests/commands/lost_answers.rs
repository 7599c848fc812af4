//! Appends whose answers do not say what they did.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use event_log::postgres::PostgresLog;
use event_log::{
    AppendOutcome, EventLog, Expected, LogError, LogReader, NewEvent, Page, Position, RecordedEvent,
};
use serde_json::json;
use testing::World;

use crate::support::*;

/// A log at which others are faster three times; the fourth append succeeds, but is answered as its
/// own repetition.
struct Busy {
    log: Arc<PostgresLog>,
    appends: AtomicU32,
}

#[async_trait]
impl LogReader for Busy {
    async fn read_streams(&self, streams: &[String]) -> Result<Vec<Vec<RecordedEvent>>, LogError> {
        self.log.read_streams(streams).await
    }

    async fn read_all(&self, after: Position, limit: u32) -> Result<Page, LogError> {
        self.log.read_all(after, limit).await
    }

    async fn head(&self) -> Result<Position, LogError> {
        self.log.head().await
    }

    async fn wait_past(&self, position: Position, timeout: Duration) -> Result<bool, LogError> {
        self.log.wait_past(position, timeout).await
    }
}

#[async_trait]
impl EventLog for Busy {
    async fn append(
        &self,
        stream: &str,
        expected: Expected,
        events: Vec<NewEvent>,
    ) -> Result<AppendOutcome, LogError> {
        if self.appends.fetch_add(1, Ordering::Relaxed) < 3 {
            return Ok(AppendOutcome::Conflict { actual: 0 });
        }
        match self.log.append(stream, expected, events).await? {
            AppendOutcome::Appended { position } => Ok(AppendOutcome::AlreadyAppended { position }),
            other => Ok(other),
        }
    }
}

#[tokio::test]
async fn what_the_last_try_did_is_found_out() {
    let service =
        Service::start_over(|log| Arc::new(Busy { log, appends: AtomicU32::new(0) })).await;
    let ban = json!({"targetUserId": World::VIEWER, "liveStreamId": World::STREAM});
    let answer = service.post("/api/v1/live-stream-ban", CREATOR, ban).await;
    assert_eq!(answer.data(200)["_id"], viewer_ban(1));
    assert_eq!(answer.header("idempotency-replayed"), "");
    assert_eq!(service.event_types().await, ["BanCreated"]);
}
