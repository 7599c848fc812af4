//! Every active ban at once, to fill the memory of `access` with.

use event_log::{Position, StreamName};
use events::ban::ActionType;
use futures_util::TryStreamExt;
use sqlx::{PgPool, Row};

use super::row;
use crate::access::ActiveBan;

/// What belongs to the bans that were read.
#[derive(Debug)]
pub struct Loaded {
    /// The event up to which the table had come.
    pub position: Position,
    /// The log that it is a position of; nobody knows when absent.
    pub log_id: Option<String>,
    /// The streams with events that the projector could not take, so that the table lacks them.
    pub parked: Vec<StreamName>,
}

/// Hands each ban that has not been revoked to `take`, all as of one moment.
pub async fn load(pool: &PgPool, mut take: impl FnMut(ActiveBan)) -> Result<Loaded, sqlx::Error> {
    let mut snapshot = pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?;
    // A million rows may take longer than any page.
    sqlx::query("SET LOCAL statement_timeout = '5min'").execute(&mut *snapshot).await?;
    let checkpoint: Option<(i64, Option<String>)> =
        sqlx::query_as("SELECT position, log_id FROM projections.checkpoints WHERE name = 'bans'")
            .fetch_optional(&mut *snapshot)
            .await?;
    let (position, log_id) = checkpoint.unwrap_or_default();
    let parked = sqlx::query_scalar(
        "SELECT DISTINCT stream FROM projections.parked WHERE projection = 'bans'",
    )
    .fetch_all(&mut *snapshot)
    .await?;
    let mut rows = sqlx::query(
        "SELECT id, action_type, expires_at FROM projections.bans WHERE revoked_at IS NULL",
    )
    .fetch(&mut *snapshot);
    while let Some(found) = rows.try_next().await? {
        take(ActiveBan {
            id: row::id(&found, "id")?,
            action_type: row::name(&found, "action_type", &ActionType::ALL, ActionType::as_str)?,
            until: found.try_get::<Option<_>, _>("expires_at")?.map(row::timestamp),
        });
    }
    drop(rows);
    snapshot.commit().await?;
    Ok(Loaded { position: Position(position.unsigned_abs()), log_id, parked })
}
