//! Following the log into the table.

use std::collections::BTreeMap;

use event_log::{Position, RecordedEvent};
use events::ban::BanEvent;
use events::{BanId, Event, Metadata};
use sqlx::PgPool;

use super::ExpiryError;
use super::pending::{Changes, Pending, advance, checkpoint};
use crate::App;

/// Events that are read at once.
const PAGE: u32 = 1000;

/// Brings the table up to the end of the log, and answers where that is.
pub(super) async fn catch_up(app: &App, pool: &PgPool) -> Result<Position, ExpiryError> {
    loop {
        let old = checkpoint(pool).await?;
        let page = app.log.read_all(old, PAGE).await?;
        let Some(last) = page.events.last() else { return Ok(old) };
        let changes = changes(&page.events)?;
        let moved = advance(pool, old, last.position, &changes).await?;
        if moved && page.caught_up {
            return Ok(last.position);
        }
    }
}

fn changes(events: &[RecordedEvent]) -> Result<Changes, ExpiryError> {
    // What counts is how each ban stands at the end of the page.
    let mut bans: BTreeMap<BanId, Option<Pending>> = BTreeMap::new();
    for recorded in events {
        let unreadable = |source| ExpiryError::Unreadable { position: recorded.position, source };
        match decode(recorded).map_err(unreadable)? {
            (Event::Ban(BanEvent::Created(created)), metadata) => {
                let pending = created.expires_at.map(|expires_at| Pending {
                    ban_id: created.ban_id,
                    expires_at,
                    event_id: recorded.id,
                    correlation_id: metadata.correlation_id,
                });
                bans.insert(created.ban_id, pending);
            }
            (Event::Ban(BanEvent::Revoked(revoked)), _) => {
                bans.insert(revoked.ban_id, None);
            }
            (Event::Report(_), _) => {}
        }
    }
    let mut changes = Changes::default();
    for (id, pending) in bans {
        match pending {
            Some(pending) => changes.begun.push(pending),
            None => changes.ended.push(id),
        }
    }
    Ok(changes)
}

fn decode(
    recorded: &RecordedEvent,
) -> Result<(Event, Metadata), Box<dyn std::error::Error + Send + Sync>> {
    let event = Event::decode(&recorded.event_type, recorded.schema_version, &recorded.data)?;
    Ok((event, serde_json::from_str(recorded.metadata.get())?))
}
