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

use event_log::{LogError, Position};
use events::Timestamp;
use futures_util::{StreamExt, stream};
use sqlx::PgPool;
use tokio_util::sync::CancellationToken;

use crate::App;
use crate::bans::expire_ban;
use crate::origin::Origin;
use pending::Pending;

/// Between two looks at a log that moves all the time: bounds the load, and how late a ban ends.
const PAUSE: Duration = Duration::from_millis(200);
/// Before anything is tried again that failed.
const RETRY: Duration = Duration::from_secs(1);
/// Without news and without bans to end. Nothing depends on it.
const IDLE: Duration = Duration::from_mins(1);
/// Bans that are ended in one go at most.
const BATCH: i64 = 512;
/// Of those, so many at the same time, so that they share statements.
const AT_ONCE: usize = 64;

/// Why bans are not ended at the moment.
#[derive(Debug, thiserror::Error)]
enum ExpiryError {
    /// The log cannot be read.
    #[error("the event log cannot be followed")]
    Log(#[from] LogError),
    /// The table cannot be read or written.
    #[error("the table of pending expiries is unavailable")]
    Table(#[from] sqlx::Error),
    /// An event that may be about a ban, but cannot be understood. Never skipped.
    #[error("the event at position {position} cannot be read")]
    Unreadable {
        /// Where in the log.
        position: Position,
        /// What is wrong with it.
        source: Box<dyn Error + Send + Sync>,
    },
}

/// Runs until `shutdown`. Outages are logged and waited out.
pub async fn run(app: App, pool: PgPool, shutdown: CancellationToken) {
    let work = async {
        loop {
            if let Err(error) = round(&app, &pool).await {
                report(&error);
                tokio::time::sleep(RETRY).await;
            }
        }
    };
    let _ = shutdown.run_until_cancelled(work).await;
}

fn report(error: &ExpiryError) {
    let error = error as &dyn Error;
    tracing::warn!(error, "bans that have run out are not ended at the moment");
}

/// Catches up, ends what is due, and waits for news or for the next ban to run out.
async fn round(app: &App, pool: &PgPool) -> Result<(), ExpiryError> {
    let position = follow::catch_up(app, pool).await?;
    let pending = pending::soonest(pool, BATCH).await?;
    let now = Timestamp::from(app.clock.now());
    let (due, later): (Vec<_>, Vec<_>) = pending.into_iter().partition(|ban| ban.expires_at <= now);
    let ended: Vec<bool> =
        stream::iter(due).map(|ban| end(app, ban)).buffer_unordered(AT_ONCE).collect().await;
    let all_ended = ended.into_iter().all(|ended| ended);

    let until_next = later.first().map(|ban| ban.expires_at.to_utc() - now.to_utc());
    let wait = until_next.and_then(|until| until.to_std().ok()).unwrap_or(IDLE);
    let wait = if all_ended { wait } else { wait.min(RETRY) };
    if app.log.wait_past(position, wait).await? {
        tokio::time::sleep(PAUSE).await;
    }
    Ok(())
}

/// Ends one ban; `false` when that must be tried again.
async fn end(app: &App, ban: Pending) -> bool {
    let origin = Origin::Expiry { cause: ban.event_id, correlation_id: &ban.correlation_id };
    match expire_ban(app, ban.ban_id, origin).await {
        Ok(()) => true,
        Err(error) => {
            let error = &error as &dyn Error;
            tracing::warn!(error, ban = %ban.ban_id, "a ban that has run out was not ended");
            false
        }
    }
}
