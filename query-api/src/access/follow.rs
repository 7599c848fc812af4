//! Keeps the active bans in step with the log.

use std::sync::Arc;
use std::time::Duration;

use event_log::{LogId, LogReader, Position, RecordedEvent};
use events::ban::BanEvent;
use events::ids::StreamKey;
use events::{BanId, Event};
use service::SharedClock;
use sqlx::PgPool;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::{Access, ActiveBan};
use crate::read::active_bans;
use crate::tail::Tail;

/// Events per read of the log, at most.
const PAGE: u32 = 5_000;
/// No log is so slow that this many events cannot be read in time.
const SMALLEST_PAGE: u32 = 50;
/// How long to wait for news before asking again whether there is any; well below the staleness that
/// is refused.
const PATIENCE: Duration = Duration::from_secs(1);
/// How long one read of the log may take before it is tried again.
const READ_TIMEOUT: Duration = Duration::from_secs(2);
/// How long the first fill may take; a million bans take seconds.
const FILL_TIMEOUT: Duration = Duration::from_mins(2);
/// How long to wait after a failure.
const RETRY: Duration = Duration::from_millis(250);

/// Fills `access` from the table, then follows the log until `shutdown`, and hands what it reads on to `tail`.
/// Outlives any outage of either.
pub async fn follow(
    access: Arc<Access>,
    tail: Tail,
    reader: Arc<dyn LogReader>,
    pool: PgPool,
    clock: SharedClock,
    shutdown: CancellationToken,
) {
    let endless = async {
        let mut position = warm_start(&access, &*reader, &pool).await;
        access.advance(position, None);
        tail.begin(position);
        let mut limit = PAGE;
        loop {
            position = step(&access, &tail, &*reader, position, &mut limit).await;
            access.bans.sweep(clock.now().into());
        }
    };
    shutdown.run_until_cancelled(endless).await;
}

async fn warm_start(access: &Access, reader: &dyn LogReader, pool: &PgPool) -> Position {
    loop {
        let filled = timeout(FILL_TIMEOUT, fill(access, reader, pool)).await;
        match filled.unwrap_or(Err(FillError::TimedOut)) {
            Ok(position) => {
                tracing::info!(bans = access.len(), %position, "active bans loaded");
                return position;
            }
            Err(error) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "cannot load the active bans yet"
                );
                access.observe();
                sleep(RETRY).await;
            }
        }
    }
}

/// Why the active bans could not be loaded.
#[derive(Debug, thiserror::Error)]
enum FillError {
    #[error("cannot read the table of bans")]
    Table(#[from] sqlx::Error),
    #[error("cannot read the log")]
    Log(#[from] event_log::LogError),
    #[error("the table of bans is not made from this log yet")]
    OtherLog,
    #[error("the database or the log did not answer in time")]
    TimedOut,
}

async fn fill(
    access: &Access,
    reader: &dyn LogReader,
    pool: &PgPool,
) -> Result<Position, FillError> {
    // What a try that failed halfway left behind may have ended since.
    access.bans.clear();
    let loaded = active_bans::load(pool, |ban| access.bans.insert(ban)).await?;
    if loaded.position > Position::START && loaded.log_id.is_some() {
        let log_id = LogId::read(reader).await?;
        if log_id.as_ref().map(LogId::as_str) != loaded.log_id.as_deref() {
            return Err(FillError::OtherLog);
        }
    }
    // What the projector could not take is missing from the table, so these streams are read whole.
    for history in reader.read_streams(&loaded.parked).await? {
        for event in &history {
            apply(access, event);
        }
    }
    Ok(loaded.position)
}

/// Takes in what follows `position`, and waits when that is nothing. Asks for half as much after a
/// time-out, or a page that is too large would be asked for again for ever.
async fn step(
    access: &Access,
    tail: &Tail,
    reader: &dyn LogReader,
    position: Position,
    limit: &mut u32,
) -> Position {
    let asked = Instant::now();
    let page = match timeout(READ_TIMEOUT, reader.read_all(position, *limit)).await {
        Ok(Ok(page)) => {
            *limit = (*limit * 2).min(PAGE);
            page
        }
        Ok(Err(error)) => {
            tracing::warn!(error = &error as &dyn std::error::Error, "cannot follow the log");
            return pause(access, position).await;
        }
        Err(_) => {
            tracing::warn!(limit, "the log does not answer in time");
            *limit = (*limit / 2).max(SMALLEST_PAGE);
            return pause(access, position).await;
        }
    };
    for event in &page.events {
        apply(access, event);
    }
    let position = page.events.last().map_or(position, |event| event.position);
    access.advance(position, page.caught_up.then_some(asked));
    metrics::gauge!("docket_access_bans")
        .set(f64::from(u32::try_from(access.len()).unwrap_or(u32::MAX)));
    tail.hand(page.events);
    if page.caught_up {
        await_news(reader, position).await;
    }
    position
}

/// Waits for something after `position`. Whatever comes of it, the log is read again, which tells.
async fn await_news(reader: &dyn LogReader, position: Position) {
    if let Ok(Err(_)) = timeout(READ_TIMEOUT, reader.wait_past(position, PATIENCE)).await {
        sleep(RETRY).await;
    }
}

async fn pause(access: &Access, position: Position) -> Position {
    access.observe();
    sleep(RETRY).await;
    position
}

fn apply(access: &Access, recorded: &RecordedEvent) {
    let Some(key) = recorded.stream.strip_prefix("ban-") else { return };
    match Event::decode(&recorded.event_type, recorded.schema_version, &recorded.data) {
        Ok(Event::Ban(BanEvent::Created(created))) => access.bans.insert(ActiveBan {
            id: created.ban_id,
            action_type: created.action_type,
            until: created.expires_at,
        }),
        Ok(Event::Ban(BanEvent::Revoked(revoked))) => access.bans.remove(revoked.ban_id),
        Ok(Event::Report(_)) => {}
        Err(error) => {
            let error = &error as &dyn std::error::Error;
            tracing::error!(error, position = %recorded.position, "an event of a ban is unreadable");
            if let Some(key) = parse_key(key) {
                access.bans.mark_unreadable(key);
            }
        }
    }
}

/// The key in a stream's name; `None` when no code of ours named it.
fn parse_key(hex: &str) -> Option<StreamKey> {
    format!("{hex}0000").parse().ok().map(BanId::stream_key)
}

#[cfg(test)]
mod tests {
    use event_log::memory::MemoryLog;
    use event_log::{LogError, Page, StreamName};
    use sealing::MasterKeys;

    use super::*;
    use crate::access::MAX_STALENESS;
    use crate::tail::Source;

    /// A log that answers in time only who asks for less than a whole page.
    struct Slow(MemoryLog);

    #[async_trait::async_trait]
    impl LogReader for Slow {
        async fn read_streams(
            &self,
            streams: &[StreamName],
        ) -> Result<Vec<Vec<RecordedEvent>>, LogError> {
            self.0.read_streams(streams).await
        }

        async fn read_all(&self, after: Position, limit: u32) -> Result<Page, LogError> {
            if limit >= PAGE {
                return std::future::pending().await;
            }
            self.0.read_all(after, limit).await
        }

        async fn head(&self) -> Result<Position, LogError> {
            self.0.head().await
        }

        async fn wait_past(&self, position: Position, timeout: Duration) -> Result<bool, LogError> {
            let _ = (position, timeout);
            Ok(true)
        }
    }

    /// A tail without subscribers, which asks nobody for anything.
    fn unheard() -> Tail {
        let pool = crate::connect("postgres://nobody@127.0.0.1:1/nothing", 1).unwrap();
        let master = MasterKeys::parse(&MasterKeys::generate("test").unwrap()).unwrap();
        let reader = Arc::new(MemoryLog::new(chrono::DateTime::default));
        let (tail, _) = Tail::new(Source::new(pool, master, reader), CancellationToken::new());
        tail
    }

    #[tokio::test]
    async fn a_page_that_takes_too_long_is_asked_for_in_parts() {
        let access = Access::new(MAX_STALENESS);
        let tail = unheard();
        let log = Slow(MemoryLog::new(chrono::DateTime::default));
        let mut limit = PAGE;
        step(&access, &tail, &log, Position::START, &mut limit).await;
        assert_eq!((limit, access.staleness()), (PAGE / 2, None));

        step(&access, &tail, &log, Position::START, &mut limit).await;
        assert_eq!(limit, PAGE);
        assert!(access.staleness().is_some());
    }
}
