//! Ends bans whose time has run out, by an event like any other.
//!
//! A process manager: it follows the log into a table of its own, whose checkpoint moves in the same
//! statement, and revokes what is due through the same engine that serves callers. Any number of
//! instances may run: they share the table, and the version that an append expects lets one of them end
//! a ban.
//!
//! **Architecture Invariant:** nobody depends on how soon this happens. Whoever reads a ban compares
//! its end with the clock himself.

mod follow;
mod pending;

use std::error::Error;
use std::time::Duration;

use event_log::LogError;
use events::Timestamp;
use futures_util::{StreamExt, stream};
use serde_json::json;
use service::{Check, Health};
use sqlx::PgPool;
use tokio::time::error::Elapsed;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::App;
use crate::bans::expire_ban;
use crate::database::PATIENCE;
use crate::origin::Origin;
use pending::Pending;

/// Between two looks at a log that moves all the time: bounds the load, and how late a ban ends.
const PAUSE: Duration = Duration::from_millis(200);
/// Before anything is tried again that failed.
const RETRY: Duration = Duration::from_secs(1);
/// Without news and without bans to end. Nothing depends on it.
const IDLE: Duration = Duration::from_mins(1);
/// Bans that are looked at at once at most.
const BATCH: i64 = 512;
/// Of those, so many are ended at the same time, so that they share statements.
const AT_ONCE: usize = 64;

/// Why bans are not ended at the moment.
#[derive(Debug, thiserror::Error)]
enum ExpiryError {
    /// The log cannot be read.
    #[error("the event log cannot be followed")]
    Log(#[from] LogError),
    /// The log does not answer.
    #[error("the event log is silent")]
    Silent(#[from] Elapsed),
    /// The table cannot be read or written.
    #[error("the table of pending expiries is unavailable")]
    Table(#[from] sqlx::Error),
}

/// How things stand after a round.
#[derive(Debug)]
struct Standing {
    /// The moment that this is of.
    now: Timestamp,
    /// So many bans are over and could not be ended.
    failing: usize,
    /// When the next ban runs out.
    next: Option<Timestamp>,
}

/// Runs until `shutdown`. Outages are logged and waited out; `health` tells of them as `expiry`.
pub async fn run(app: App, pool: PgPool, health: Health, shutdown: CancellationToken) {
    let work = async {
        let mut taken_up = false;
        loop {
            if let Err(error) = round(&app, &pool, &health, &mut taken_up).await {
                report(&error, &health);
                tokio::time::sleep(RETRY).await;
            }
        }
    };
    let _ = shutdown.run_until_cancelled(work).await;
}

fn report(error: &ExpiryError, health: &Health) {
    metrics::counter!("docket_expiry_failures_total").increment(1);
    health.set("expiry", Check::bad(json!({ "error": error.to_string() })));
    let error = error as &dyn Error;
    tracing::warn!(error, "bans that have run out are not ended at the moment");
}

/// Catches up, ends what is due, and waits for news or for the next ban to run out.
async fn round(
    app: &App,
    pool: &PgPool,
    health: &Health,
    taken_up: &mut bool,
) -> Result<(), ExpiryError> {
    if !*taken_up {
        follow::take_up(app, pool).await?;
        *taken_up = true;
    }
    let position = follow::catch_up(app, pool).await?;
    let standing = end_due(app, pool).await?;
    let detail = json!({ "position": position.to_string(), "failing": standing.failing });
    health.set("expiry", Check::good(detail));
    #[expect(clippy::cast_precision_loss, reason = "exact up to 2^53 events")]
    metrics::gauge!("docket_expiry_position").set(position.0 as f64);

    if app.log.wait_past(position, standing.patience()).await? {
        tokio::time::sleep(PAUSE).await;
    }
    Ok(())
}

/// Ends every ban that is due. One that cannot be ended is passed over, for the next round to try again.
async fn end_due(app: &App, pool: &PgPool) -> Result<Standing, ExpiryError> {
    let now = Timestamp::from(app.clock.now());
    let mut standing = Standing { now, failing: 0, next: None };
    let mut last = None;
    loop {
        let bans = pending::soonest(pool, last.as_ref(), BATCH).await?;
        last = bans.last().cloned();
        let (due, later): (Vec<_>, Vec<_>) =
            bans.into_iter().partition(|ban| ban.expires_at <= now);
        standing.next = later.first().map(|ban| ban.expires_at);
        let ended: Vec<bool> =
            stream::iter(due).map(|ban| end(app, ban)).buffer_unordered(AT_ONCE).collect().await;
        standing.failing += ended.into_iter().filter(|ended| !ended).count();
        if last.is_none() || standing.next.is_some() {
            return Ok(standing);
        }
    }
}

impl Standing {
    /// How long nothing needs to be done, unless there is news.
    fn patience(&self) -> Duration {
        let until_next = self.next.and_then(|at| (at.to_utc() - self.now.to_utc()).to_std().ok());
        // However far the clocks jump, they are looked at again soon enough.
        let longest = if self.failing == 0 { IDLE } else { RETRY };
        until_next.map_or(longest, |until| until.min(longest))
    }
}

/// Ends one ban; `false` when that must be tried again.
async fn end(app: &App, ban: Pending) -> bool {
    let origin = Origin::Expiry { cause: ban.event_id, correlation_id: &ban.correlation_id };
    let error: Box<dyn Error> = match timeout(PATIENCE, expire_ban(app, ban.ban_id, origin)).await {
        Ok(Ok(())) => return true,
        Ok(Err(error)) => error.into(),
        Err(silence) => silence.into(),
    };
    tracing::warn!(error, ban = %ban.ban_id, "a ban that has run out was not ended");
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_sleeps_longer_than_a_minute() {
        let at = |text: &str| text.parse().unwrap();
        let now: Timestamp = at("2026-01-15T10:30:00.000Z");
        let waits =
            |next: Option<&str>, failing| Standing { now, failing, next: next.map(at) }.patience();
        assert_eq!(waits(None, 0), IDLE);
        assert_eq!(waits(Some("2027-01-15T10:30:00.000Z"), 0), IDLE);
        assert_eq!(waits(Some("2026-01-15T10:30:02.500Z"), 0), Duration::from_millis(2500));
        assert_eq!(waits(Some("2027-01-15T10:30:00.000Z"), 1), RETRY);
    }
}
