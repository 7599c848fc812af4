//! How far a reactor has come, and who may move it on.

use event_log::{LogId, Position, RecordedEvent};
use sqlx::{PgConnection, PgExecutor, PgPool};

use crate::error::ProjectorError;
use crate::projection::{from_row, row_position};
use crate::schema;

/// How far a reactor has come, as its owner knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Claim {
    /// The last event that it has acted on.
    pub(crate) position: Position,
    fence: i64,
}

/// A connection of its own, which holds its lock.
pub(crate) async fn connect(pool: &PgPool, name: &str) -> Result<PgConnection, ProjectorError> {
    schema::watched_connection(pool, &format!("docket reactor {name}"), &[]).await
}

/// Takes the reactor's lock unless another connection has it. Held until the connection ends.
pub(crate) async fn try_lock(
    connection: &mut PgConnection,
    name: &str,
) -> Result<bool, sqlx::Error> {
    schema::try_lock(connection, &format!("docket reactor {name}")).await
}

/// Makes the caller the owner. Whoever was it finds out on the next attempt to move on.
///
/// A checkpoint of another log than `log_id` is refused: acting on a whole other log, or passing over
/// a part of it, is nothing to be done by itself.
pub(crate) async fn claim(
    connection: &mut PgConnection,
    name: &'static str,
    log_id: Option<&LogId>,
) -> Result<Claim, ProjectorError> {
    sqlx::query("INSERT INTO reactors.checkpoints (name) VALUES ($1) ON CONFLICT DO NOTHING")
        .bind(name)
        .execute(&mut *connection)
        .await?;
    let (position, fence, stored): (i64, i64, Option<String>) = sqlx::query_as(
        "UPDATE reactors.checkpoints SET owner = owner + 1 WHERE name = $1
         RETURNING position, owner, log_id",
    )
    .bind(name)
    .fetch_one(connection)
    .await?;
    if position > 0 && stored.as_deref() != log_id.map(LogId::as_str) {
        return Err(ProjectorError::OtherLog(name));
    }
    Ok(Claim { position: from_row(position), fence })
}

impl Claim {
    /// Keeps everybody else from taking the reactor over, or moving it, until the end of the transaction.
    pub(crate) async fn hold(
        self,
        transaction: &mut PgConnection,
        name: &'static str,
    ) -> Result<(), ProjectorError> {
        let held = sqlx::query(
            "SELECT FROM reactors.checkpoints WHERE name = $1 AND position = $2 AND owner = $3 FOR UPDATE",
        )
        .bind(name)
        .bind(row_position(self.position))
        .bind(self.fence)
        .fetch_optional(transaction)
        .await?;
        held.map(drop).ok_or(ProjectorError::Fenced(name))
    }

    /// Moves the checkpoint behind `events`, which end at `to`.
    pub(crate) async fn advance(
        &mut self,
        connection: &mut PgConnection,
        name: &'static str,
        events: &[RecordedEvent],
        to: Position,
    ) -> Result<(), ProjectorError> {
        let begins = if self.position == Position::START { events.first() } else { None };
        let log_id = begins.map(LogId::of);
        let moved = sqlx::query(
            "UPDATE reactors.checkpoints SET position = $4, log_id = coalesce($5, log_id),
                 updated_at = now()
             WHERE name = $1 AND position = $2 AND owner = $3",
        )
        .bind(name)
        .bind(row_position(self.position))
        .bind(self.fence)
        .bind(row_position(to))
        .bind(log_id.as_ref().map(LogId::as_str))
        .execute(connection)
        .await?;
        if moved.rows_affected() != 1 {
            return Err(ProjectorError::Fenced(name));
        }
        self.position = to;
        Ok(())
    }
}

/// How far the reactor of this name has come, whoever is at work.
pub(crate) async fn position(pool: &PgPool, name: &str) -> Result<Position, sqlx::Error> {
    Ok(standing(pool, name).await?.map_or(Position::START, |(position, _)| position))
}

/// The same, and which log that is a position of; `None` when it was never at work.
pub(crate) async fn standing(
    connection: impl PgExecutor<'_>,
    name: &str,
) -> Result<Option<(Position, Option<String>)>, sqlx::Error> {
    let row: Option<(i64, Option<String>)> =
        sqlx::query_as("SELECT position, log_id FROM reactors.checkpoints WHERE name = $1")
            .bind(name)
            .fetch_optional(connection)
            .await?;
    Ok(row.map(|(position, log)| (from_row(position), log)))
}
