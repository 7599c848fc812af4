//! A history that breaks off is taken up again without gap or double.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use event_log::{LogError, LogReader, Page, Position, RecordedEvent, StreamName};
use query_api::access::{Access, MAX_STALENESS};
use serde_json::{Value, json};

use super::position;
use crate::support::{AUDITOR, Stage};

/// More than two pages.
const EVENTS: usize = 1_200;

/// A log whose reads of events fail when so many have been made.
struct Frail {
    log: Arc<dyn LogReader>,
    left: Arc<AtomicI64>,
}

impl Frail {
    fn read(&self) -> Result<(), LogError> {
        if self.left.fetch_sub(1, Ordering::SeqCst) == 0 {
            return Err(LogError::Unavailable(Arc::new(std::io::Error::other("cut"))));
        }
        Ok(())
    }
}

#[async_trait]
impl LogReader for Frail {
    async fn read_streams(
        &self,
        streams: &[StreamName],
    ) -> Result<Vec<Vec<RecordedEvent>>, LogError> {
        self.log.read_streams(streams).await
    }

    async fn read_all(&self, after: Position, limit: u32) -> Result<Page, LogError> {
        // Others read more at once.
        if limit == 500 {
            self.read()?;
        }
        self.log.read_all(after, limit).await
    }

    async fn read_at(&self, positions: &[Position]) -> Result<Vec<RecordedEvent>, LogError> {
        self.read()?;
        self.log.read_at(positions).await
    }

    async fn head(&self) -> Result<Position, LogError> {
        self.log.head().await
    }

    async fn wait_past(&self, position: Position, timeout: Duration) -> Result<bool, LogError> {
        self.log.wait_past(position, timeout).await
    }
}

/// What arrives, and whether it ended as it should.
async fn arrived(stage: &Stage, path: &str) -> (Vec<Value>, bool) {
    let mut response = stage.request(AUDITOR, path).send().await.unwrap();
    assert_eq!(response.status().as_u16(), 200, "{path}");
    let mut text = vec![];
    let ended = loop {
        match response.chunk().await {
            Ok(Some(chunk)) => text.extend_from_slice(&chunk),
            Ok(None) => break true,
            Err(_) => break false,
        }
    };
    // A last line that is cut is none.
    let whole = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    let lines = std::str::from_utf8(&text[..whole]).unwrap().lines();
    (lines.map(|line| serde_json::from_str(line).unwrap()).collect(), ended)
}

#[tokio::test]
async fn what_breaks_midway_breaks_the_answer_off_and_is_resumed() {
    let left = Arc::new(AtomicI64::new(i64::MAX));
    let frail = |log| Arc::new(Frail { log, left: Arc::clone(&left) }) as Arc<dyn LogReader>;
    let stage = Stage::with(Access::new(MAX_STALENESS), frail).await;
    fill(&stage).await;
    for filter in ["", "&type=BanCreated", "&userId=v1&type=BanCreated"] {
        left.store(i64::MAX, Ordering::SeqCst);
        let path = |after: u64| format!("/api/v1/audit/events?after={after}{filter}");
        let (whole, ended) = arrived(&stage, &path(0)).await;
        assert!(ended && whole.len() == EVENTS, "{filter}: {}", whole.len());

        left.store(2, Ordering::SeqCst);
        let (mut parts, ended) = arrived(&stage, &path(0)).await;
        assert!(!ended, "{filter}");
        assert!(!parts.is_empty() && parts.len() < whole.len(), "{filter}: {}", parts.len());
        let last = parts.last().map_or(0, position);
        let (rest, ended) = arrived(&stage, &path(last)).await;
        assert!(ended, "{filter}");
        parts.extend(rest);
        assert_eq!(parts, whole, "{filter}");

        // Broken from the start, it is a plain refusal.
        left.store(0, Ordering::SeqCst);
        let answer = stage.get_with(AUDITOR, &path(0), &[]).await;
        assert_eq!(answer.header("retry-after"), "1");
        assert_eq!(answer.errors(503), json!(["Service temporarily unavailable"]));
    }
}

/// Bans on as many live streams.
async fn fill(stage: &Stage) {
    let statement = "INSERT INTO log.events
        SELECT n, 'ban-' || lpad(to_hex(n), 20, '0'), 1, lpad(to_hex(n), 32, '0')::uuid, 'BanCreated',
            1, timestamptz '2026-01-15 11:00Z',
            jsonb_build_object('banId', lpad(to_hex(n), 20, '0') || '0001', 'liveStreamId', 's' || n,
                'targetUserId', 'v1', 'actionType', 'BLOCK'),
            jsonb_build_object('actor', 'c1', 'roles', '[]'::jsonb, 'dialect', 'allmine',
                'correlationId', lpad(n::text, 26, '0'), 'commandId', lpad(n::text, 26, '0'),
                'occurredAt', '2026-01-15T11:00:00.000Z')
        FROM generate_series(1, $1) n";
    sqlx::query(statement)
        .bind(i64::try_from(EVENTS).unwrap())
        .execute(&stage.database.owner)
        .await
        .unwrap();
}

/// An index that is behind the log would make a history with a gap at its end.
#[tokio::test]
async fn a_history_waits_for_its_index() {
    let stage = Stage::new().await;
    let lock = "LOCK TABLE projections.history IN EXCLUSIVE MODE";
    let mut held = stage.database.owner.begin().await.unwrap();
    sqlx::query(lock).execute(&mut *held).await.unwrap();
    fill(&stage).await;

    let answer = stage.get_with(AUDITOR, "/api/v1/audit/events?type=BanCreated", &[]).await;
    assert_eq!(answer.header("retry-after"), "1");
    let behind = "the index of history has not caught up with the log yet: try again";
    assert_eq!(answer.errors(503), json!(["Service temporarily unavailable", behind]));
    let (all, ended) = arrived(&stage, "/api/v1/audit/events").await;
    assert!(ended && all.len() == EVENTS, "without a filter none is needed");

    held.rollback().await.unwrap();
    testing::eventually("the index to catch up", async || {
        let answer = stage.get_with(AUDITOR, "/api/v1/audit/events?type=BanCreated", &[]).await;
        (answer.status.as_u16() == 200).then_some(())
    })
    .await;
}
