//! How far a projection has come in each partition of the topic, where it is fed by Kafka.
//!
//! All events of a live stream stand in one partition, in the order of the log. Where the relay was
//! cut off, the next one sends again what was not acknowledged, without leaving anything out; even when
//! two of them send at once, no event stands in a partition before one of lower position has. Therefore
//! **positions decide**: who drops every record at or below the partition's position sees each event
//! once and in order. Offsets only tell where to read on.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use async_trait::async_trait;
use event_log::{LogId, Position};
use sqlx::{Connection, PgConnection};

use crate::checkpoint;
use crate::error::ProjectorError;
use crate::projection::{Projection, from_row, row_position};
use crate::tables::Advance;

/// How far a projection has come in one partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Mark {
    /// The record to read next.
    pub(crate) next_offset: i64,
    /// Everything up to here that is of this partition is in the tables.
    pub(crate) position: Position,
}

/// How far it has come in each.
pub(crate) type Marks = BTreeMap<i32, Mark>;

/// How far a projection has come, and the fence under which that was read.
#[derive(Debug, Clone)]
pub(crate) struct Ledger {
    pub(crate) fence: i64,
    /// Of the program that the tables were made by.
    pub(crate) version: i32,
    pub(crate) marks: Marks,
}

/// What the tables know, or `None` when they are not fed by partitions yet.
pub(crate) async fn read(
    connection: &mut PgConnection,
    projection: &dyn Projection,
) -> Result<Option<Ledger>, ProjectorError> {
    // One statement, so that the fence is the one under which the marks stood.
    let rows: Vec<(i64, i32, i32, i64, i64)> = sqlx::query_as(
        "SELECT coalesce(owner, 0), version, partition, next_offset, p.position
         FROM checkpoints JOIN partitions AS p ON p.projection = name WHERE name = $1",
    )
    .bind(projection.name())
    .fetch_all(connection)
    .await?;
    let Some((fence, version, ..)) = rows.first().copied() else { return Ok(None) };
    let mark = |(_, _, partition, next_offset, position)| {
        (partition, Mark { next_offset, position: from_row(position) })
    };
    Ok(Some(Ledger { fence, version, marks: rows.into_iter().map(mark).collect() }))
}

/// Has the tables fed by `count` partitions from here on: each of them has come as far as the
/// checkpoint, and is read from its beginning. Does nothing where they are already.
pub(crate) async fn begin(
    connection: &mut PgConnection,
    projection: &dyn Projection,
    count: i32,
) -> Result<(), ProjectorError> {
    let mut transaction = connection.begin().await?;
    // Whoever works on the tables otherwise is out.
    let checkpoint = checkpoint::claim(&mut transaction, projection).await?;
    sqlx::query(
        "INSERT INTO partitions (projection, partition, next_offset, position)
         SELECT $1, partition, 0, $3 FROM generate_series(0, $2 - 1) AS partition
         WHERE NOT EXISTS (SELECT FROM partitions WHERE projection = $1)",
    )
    .bind(projection.name())
    .bind(count)
    .bind(row_position(checkpoint.position))
    .execute(&mut *transaction)
    .await?;
    Ok(transaction.commit().await?)
}

/// Has the tables fed by the log from here on, unless the partitions stand unevenly: then the tables
/// hold more than any position says, and have to be made anew first. Whether they are now.
pub(crate) async fn end(
    connection: &mut PgConnection,
    projection: &dyn Projection,
) -> Result<bool, ProjectorError> {
    let mut transaction = connection.begin().await?;
    checkpoint::claim(&mut transaction, projection).await?;
    let (least, greatest): (Option<i64>, Option<i64>) =
        sqlx::query_as("SELECT min(position), max(position) FROM partitions WHERE projection = $1")
            .bind(projection.name())
            .fetch_one(&mut *transaction)
            .await?;
    if least.is_none() || least != greatest {
        // At once, not when the connection is next used: a rebuild would wait for the claim.
        transaction.rollback().await?;
        return Ok(least.is_none());
    }
    sqlx::query("UPDATE checkpoints SET position = $2, updated_at = now() WHERE name = $1")
        .bind(projection.name())
        .bind(least)
        .execute(&mut *transaction)
        .await?;
    sqlx::query("DELETE FROM partitions WHERE projection = $1")
        .bind(projection.name())
        .execute(&mut *transaction)
        .await?;
    transaction.commit().await?;
    Ok(true)
}

/// The furthest that any partition has come, if there are any.
pub(crate) async fn greatest(
    connection: &mut PgConnection,
    projection: &dyn Projection,
) -> Result<Option<Position>, sqlx::Error> {
    let greatest: Option<i64> =
        sqlx::query_scalar("SELECT max(position) FROM partitions WHERE projection = $1")
            .bind(projection.name())
            .fetch_one(connection)
            .await?;
    Ok(greatest.map(from_row))
}

/// The tables hold everything up to `position` now, of whatever partition. That there were records
/// that no log knows is forgotten, since none of its events is missing.
pub(crate) async fn reset(
    connection: &mut PgConnection,
    projection: &dyn Projection,
    position: Position,
) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE partitions SET position = $2, updated_at = now() WHERE projection = $1")
        .bind(projection.name())
        .bind(row_position(position))
        .execute(&mut *connection)
        .await?;
    sqlx::query("DELETE FROM foreign_records WHERE projection = $1")
        .bind(projection.name())
        .execute(connection)
        .await?;
    Ok(())
}

/// Raises the projection's checkpoint to the least of its partitions, a position of the log `log_id`
/// where that is known, and tells those who wait for it, unless it stands there already.
///
/// Not part of the transaction that moves the partitions: members would wait there for one another.
pub(crate) async fn raise_checkpoint(
    connection: &mut PgConnection,
    projection: &dyn Projection,
    fence: i64,
    log_id: Option<&LogId>,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE checkpoints SET position = low.position, log_id = coalesce(log_id, $3),
             updated_at = now()
         FROM (SELECT min(position) AS position FROM partitions WHERE projection = $1) AS low
         WHERE name = $1 AND owner = $2 AND checkpoints.position < low.position
         RETURNING pg_notify('docket_checkpoint', name || ':' || checkpoints.position)",
    )
    .bind(projection.name())
    .bind(fence)
    .bind(log_id.map(LogId::as_str))
    .fetch_all(connection)
    .await?;
    Ok(())
}

/// How many records were put aside that are no events.
pub(crate) async fn foreign_records(
    connection: &mut PgConnection,
    projection: &dyn Projection,
) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar("SELECT count(*) FROM foreign_records WHERE projection = $1")
        .bind(projection.name())
        .fetch_one(connection)
        .await
}

/// A record of the topic that is no event of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Foreign {
    pub(crate) partition: i32,
    pub(crate) offset: i64,
    pub(crate) reason: String,
}

/// Some partitions, each moved on from where its owner knows it to be, and foreign records that were
/// met on the way.
pub(crate) struct Moves<'a> {
    pub(crate) projection: &'a dyn Projection,
    pub(crate) fence: i64,
    /// From and to, by partition.
    pub(crate) steps: BTreeMap<i32, (Mark, Mark)>,
    pub(crate) foreign: Vec<Foreign>,
}

#[async_trait]
impl Advance for Moves<'_> {
    async fn advance(&self, connection: &mut PgConnection) -> Result<(), ProjectorError> {
        // Whoever changes the ground of the projection waits until this transaction has ended, and
        // the other way round; other members do not.
        let own: Option<bool> = sqlx::query_scalar(
            "SELECT coalesce(owner, 0) = $2 FROM checkpoints WHERE name = $1 FOR KEY SHARE",
        )
        .bind(self.projection.name())
        .bind(self.fence)
        .fetch_optional(&mut *connection)
        .await?;
        if own != Some(true) || self.move_rows(connection).await? != self.steps.len() {
            return Err(ProjectorError::Fenced(self.projection.name()));
        }
        self.note_foreign(connection).await?;
        Ok(())
    }
}

impl Moves<'_> {
    /// Rows are locked in the order of their numbers, so that two who both believe that they own them
    /// cannot wait for each other.
    async fn move_rows(&self, connection: &mut PgConnection) -> Result<usize, sqlx::Error> {
        let column = |field: fn(&(Mark, Mark)) -> i64| -> Vec<i64> {
            self.steps.values().map(field).collect()
        };
        let moved = sqlx::query(
            "WITH held AS (
                 SELECT partition AS number FROM partitions
                 WHERE projection = $1 AND partition = ANY($2)
                 ORDER BY partition FOR NO KEY UPDATE)
             UPDATE partitions AS old SET next_offset = new.next_offset, position = new.position,
                 updated_at = now()
             FROM held JOIN unnest($2::int[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[])
                 AS new (number, old_offset, old_position, next_offset, position) USING (number)
             WHERE projection = $1 AND partition = number
               AND old.next_offset = old_offset AND old.position = old_position",
        )
        .bind(self.projection.name())
        .bind(self.steps.keys().copied().collect::<Vec<i32>>())
        .bind(column(|(from, _)| from.next_offset))
        .bind(column(|(from, _)| row_position(from.position)))
        .bind(column(|(_, to)| to.next_offset))
        .bind(column(|(_, to)| row_position(to.position)))
        .execute(connection)
        .await?;
        Ok(usize::try_from(moved.rows_affected()).unwrap_or(usize::MAX))
    }

    async fn note_foreign(&self, connection: &mut PgConnection) -> Result<(), sqlx::Error> {
        let Some(first) = self.foreign.first() else { return Ok(()) };
        let (projection, records) = (self.projection.name(), self.foreign.len());
        tracing::error!(projection, records, ?first, "records that are no events were put aside");
        sqlx::query(
            "INSERT INTO foreign_records (projection, partition, record_offset, reason)
             SELECT $1, * FROM unnest($2::int[], $3::bigint[], $4::text[])
             ON CONFLICT DO NOTHING",
        )
        .bind(projection)
        .bind(self.foreign.iter().map(|record| record.partition).collect::<Vec<_>>())
        .bind(self.foreign.iter().map(|record| record.offset).collect::<Vec<_>>())
        .bind(self.foreign.iter().map(|record| record.reason.as_str()).collect::<Vec<_>>())
        .execute(connection)
        .await?;
        Ok(())
    }
}
