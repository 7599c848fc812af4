//! Following the log into the table.

use std::collections::BTreeMap;
use std::error::Error;

use event_log::{LogId, Position, RecordedEvent};
use events::ban::BanEvent;
use events::{BanId, Event, Metadata};
use sqlx::PgPool;
use tokio::time::timeout;

use super::ExpiryError;
use super::pending::{self, Changes, Pending, advance, checkpoint};
use crate::App;
use crate::database::PATIENCE;

/// Events that are read at once.
const PAGE: u32 = 1000;
/// The events that matter here. The others are not even decoded, whatever is wrong with them.
const OF_BANS: [&str; 2] = ["BanCreated", "BanRevoked"];

type Cause = Box<dyn Error + Send + Sync>;

/// Brings the table up to the end of the log, and answers where that is.
pub(super) async fn catch_up(app: &App, pool: &PgPool) -> Result<Position, ExpiryError> {
    loop {
        let old = checkpoint(pool).await?;
        let page = timeout(PATIENCE, app.log.read_all(old, PAGE)).await??;
        let Some(last) = page.events.last() else { return Ok(old) };
        let (mut changes, unreadable) = changes(&page.events);
        changes.log_id = (old == Position::START).then(|| LogId::of(&page.events[0]));
        if !advance(pool, old, last.position, &changes).await? {
            continue;
        }
        for (event, cause) in unreadable {
            skipped(event, &*cause);
        }
        if page.caught_up {
            return Ok(last.position);
        }
    }
}

/// Begins again when the checkpoint is a position of another log, which the log was switched for.
pub(super) async fn take_up(app: &App, pool: &PgPool) -> Result<(), ExpiryError> {
    let log_id = timeout(PATIENCE, LogId::read(&*app.log)).await??;
    if pending::restart_unless_of(pool, log_id.as_ref()).await? {
        tracing::warn!("the event log is another one than before: all bans are read again");
    }
    Ok(())
}

/// What the events change, and those that cannot be understood.
fn changes(events: &[RecordedEvent]) -> (Changes, Vec<(&RecordedEvent, Cause)>) {
    // What counts is how each ban stands at the end of the page.
    let mut bans: BTreeMap<BanId, Option<Pending>> = BTreeMap::new();
    let mut unreadable = vec![];
    for recorded in events.iter().filter(|event| OF_BANS.contains(&&*event.event_type)) {
        match decode(recorded) {
            Ok((Event::Ban(BanEvent::Created(created)), metadata)) => {
                let pending = created.expires_at.map(|expires_at| Pending {
                    ban_id: created.ban_id,
                    expires_at,
                    event_id: recorded.id,
                    correlation_id: metadata.correlation_id,
                });
                bans.insert(created.ban_id, pending);
            }
            Ok((Event::Ban(BanEvent::Revoked(revoked)), _)) => {
                bans.insert(revoked.ban_id, None);
            }
            Ok((Event::Report(_), _)) => {}
            Err(cause) => unreadable.push((recorded, cause)),
        }
    }
    let mut changes = Changes::default();
    for (id, pending) in bans {
        match pending {
            Some(pending) => changes.begun.push(pending),
            None => changes.ended.push(id),
        }
    }
    (changes, unreadable)
}

/// Tells of an event that was passed over. Waiting for somebody to mend it would keep every other ban
/// from being ended, while its own is over by the clock all the same; the projector parks and shows it.
/// Once this process can read it, setting the checkpoint back makes up for it.
fn skipped(event: &RecordedEvent, cause: &(dyn Error + Send + Sync + 'static)) {
    let error: &(dyn Error + 'static) = cause;
    let position = event.position.0;
    tracing::error!(error, position, "an event of a ban cannot be read: nobody will end that ban");
    metrics::counter!("docket_expiry_unreadable_total").increment(1);
}

fn decode(recorded: &RecordedEvent) -> Result<(Event, Metadata), Cause> {
    let event = Event::decode(&recorded.event_type, recorded.schema_version, &recorded.data)?;
    Ok((event, serde_json::from_str(recorded.metadata.get())?))
}
