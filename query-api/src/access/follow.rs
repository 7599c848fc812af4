//! Keeps the active bans in step with the log.

use std::sync::Arc;
use std::time::Duration;

use event_log::{LogReader, Position, RecordedEvent};
use events::ban::BanEvent;
use events::ids::StreamKey;
use events::{BanId, Event};
use service::SharedClock;
use sqlx::PgPool;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::{Access, ActiveBan};
use crate::read::active_bans;

/// Events per read of the log.
const PAGE: u32 = 5_000;
/// How long to wait for news before asking again whether there is any; well below the staleness that
/// is refused.
const PATIENCE: Duration = Duration::from_secs(1);
/// How long one read of the log may take before it is tried again.
const READ_TIMEOUT: Duration = Duration::from_secs(2);
/// How long to wait after a failure.
const RETRY: Duration = Duration::from_millis(250);

/// Fills `access` from the table, then follows the log until `shutdown`. Outlives any outage of either.
pub async fn follow(
    access: Arc<Access>,
    reader: Arc<dyn LogReader>,
    pool: PgPool,
    clock: SharedClock,
    shutdown: CancellationToken,
) {
    let endless = async {
        let mut position = warm_start(&access, &*reader, &pool).await;
        access.advance(position, None);
        loop {
            position = step(&access, &*reader, position).await;
            access.bans.sweep(clock.now().into());
        }
    };
    shutdown.run_until_cancelled(endless).await;
}

async fn warm_start(access: &Access, reader: &dyn LogReader, pool: &PgPool) -> Position {
    loop {
        match fill(access, reader, pool).await {
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
}

async fn fill(
    access: &Access,
    reader: &dyn LogReader,
    pool: &PgPool,
) -> Result<Position, FillError> {
    // What a try that failed halfway left behind may have ended since.
    access.bans.clear();
    let loaded = active_bans::load(pool, |ban| access.bans.insert(ban)).await?;
    // What the projector could not take is missing from the table, so these streams are read whole.
    for history in reader.read_streams(&loaded.parked).await? {
        for event in &history {
            apply(access, event);
        }
    }
    Ok(loaded.position)
}

/// Takes in what follows `position`, and waits when that is nothing.
async fn step(access: &Access, reader: &dyn LogReader, position: Position) -> Position {
    let asked = Instant::now();
    let page = match timeout(READ_TIMEOUT, reader.read_all(position, PAGE)).await {
        Ok(Ok(page)) => page,
        Ok(Err(error)) => {
            tracing::warn!(error = &error as &dyn std::error::Error, "cannot follow the log");
            return pause(access, position).await;
        }
        Err(_) => {
            tracing::warn!("the log does not answer");
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
