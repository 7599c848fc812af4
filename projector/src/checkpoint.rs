//! How far a projection has come, and who may move it on.

use event_log::{LogId, Position};
use sqlx::PgConnection;

use crate::error::ProjectorError;
use crate::projection::{Projection, from_row, row_position};
use crate::schema::Schema;

/// How far a projection has come, as its owner knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Checkpoint {
    /// The last event whose rows are in the tables.
    pub(crate) position: Position,
    /// Counted up by everyone who takes the projection over or changes its ground; who holds an
    /// older number can no longer write.
    pub(crate) fence: i64,
}

/// The version that the tables of a projection were made with; `None` when there is no checkpoint
/// yet.
pub(crate) async fn stored_version(
    connection: &mut PgConnection,
    projection: &dyn Projection,
) -> Result<Option<i32>, sqlx::Error> {
    sqlx::query_scalar("SELECT version FROM checkpoints WHERE name = $1")
        .bind(projection.name())
        .fetch_optional(connection)
        .await
}

/// Gives the tables up when they were made from another log than `log_id`: their checkpoint is no
/// position of this one. They are read until they are made anew. Whether they were.
pub(crate) async fn disown_unless_of(
    connection: &mut PgConnection,
    projection: &dyn Projection,
    log_id: Option<&LogId>,
) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar(
        "WITH disowned AS (
             UPDATE checkpoints SET position = 0, owner = coalesce(owner, 0) + 1
             WHERE name = $1 AND log_id IS NOT NULL AND ($2::text IS NULL OR log_id <> $2)
             RETURNING pg_notify('docket_checkpoint', name || ':0')
         ), forgotten AS (
             DELETE FROM partitions WHERE projection = $1 AND EXISTS (SELECT FROM disowned)
         )
         SELECT EXISTS (SELECT FROM disowned)",
    )
    .bind(projection.name())
    .bind(log_id.map(LogId::as_str))
    .fetch_one(connection)
    .await
}

/// Makes the caller the owner. Whoever was it finds out on the next attempt to write.
///
/// Locks the checkpoint until the end of the transaction, if the caller is in one.
pub(crate) async fn claim(
    connection: &mut PgConnection,
    projection: &dyn Projection,
) -> Result<Checkpoint, ProjectorError> {
    sqlx::query("INSERT INTO checkpoints (name, version) VALUES ($1, $2) ON CONFLICT DO NOTHING")
        .bind(projection.name())
        .bind(projection.version())
        .execute(&mut *connection)
        .await?;
    // FOR UPDATE keeps out those who share the projection as well, who hold it FOR KEY SHARE.
    let (position, fence): (i64, i64) = sqlx::query_as(
        "WITH held AS (SELECT name AS held FROM checkpoints WHERE name = $1 FOR UPDATE)
         UPDATE checkpoints SET owner = coalesce(owner, 0) + 1 FROM held WHERE name = held
         RETURNING position, owner",
    )
    .bind(projection.name())
    .fetch_one(connection)
    .await?;
    Ok(Checkpoint { position: from_row(position), fence })
}

/// Moves the checkpoint on to `to`, which is a position of the log `log_id` where that is known, and, where queries read, tells those who wait for it; both at
/// the transaction's commit.
///
/// First of all in a transaction: who has lost the projection then touches none of its rows, and
/// nobody who holds rows waits for a checkpoint.
pub(crate) async fn advance(
    connection: &mut PgConnection,
    schema: Schema,
    projection: &dyn Projection,
    from: Checkpoint,
    (to, log_id): (Position, Option<&LogId>),
) -> Result<(), ProjectorError> {
    let moved = sqlx::query(
        "UPDATE checkpoints SET position = $4, log_id = coalesce($6, log_id), updated_at = now()
         WHERE name = $1 AND position = $2 AND owner = $3
         RETURNING CASE WHEN $5 THEN pg_notify('docket_checkpoint', name || ':' || position) END",
    )
    .bind(projection.name())
    .bind(row_position(from.position))
    .bind(from.fence)
    .bind(row_position(to))
    .bind(schema == Schema::Live)
    .bind(log_id.map(LogId::as_str))
    .fetch_all(connection)
    .await?;
    match moved.len() {
        1 => Ok(()),
        _ => Err(ProjectorError::Fenced(projection.name())),
    }
}
