//! Where the live tables stand, and what must not change while they are compared.

use std::time::Duration;

use event_log::Position;
use sqlx::{AssertSqlSafe, PgConnection, PgPool, Postgres, Transaction};
use tokio::time::Instant;

use crate::digest;
use crate::error::ProjectorError;
use crate::projection::{Projection, from_row};
use crate::schema::Schema;

/// How long a moment is waited for at which the tables stand at one position.
const EVEN: Duration = Duration::from_secs(15);

/// How often it is looked whether they do.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// What the live tables were made by and from. While it stays the same, the rows are what the events up
/// to their position make of them, so a replay can be compared.
///
/// Whatever else changes rows that events have made, and the events with them, belongs here: its mark is
/// read before the replay, and once more in the moment that is compared.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub(super) struct Ground {
    version: i32,
    log_id: Option<String>,
}

/// The ground of the tables of `projection`, as this connection sees it; `None` while they are untouched.
pub(super) async fn of(
    connection: &mut PgConnection,
    projection: &dyn Projection,
) -> Result<Ground, sqlx::Error> {
    sqlx::query_as(
        "SELECT coalesce(max(version), 0) AS version, max(log_id) AS log_id
         FROM projections.checkpoints WHERE name = $1",
    )
    .bind(projection.name())
    .fetch_one(connection)
    .await
}

/// How many persons have been erased, as this connection sees it.
pub(super) async fn erasures(connection: &mut PgConnection) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar("SELECT count(*) FROM privacy.erasures").fetch_one(connection).await
}

/// A transaction that sees the live tables at one moment, and where they stand in it.
///
/// Where partitions feed them, that can be said only while all of these stand at the same position;
/// such a moment is waited for.
pub(super) async fn moment(
    pool: &PgPool,
    projection: &dyn Projection,
) -> Result<(Transaction<'static, Postgres>, Position), ProjectorError> {
    let give_up = Instant::now() + EVEN;
    loop {
        let mut moment = digest::moment(pool).await?;
        hold(&mut moment, projection).await?;
        let (least, greatest) = positions(&mut moment, projection).await?;
        if least == greatest {
            return Ok((moment, least));
        }
        moment.rollback().await?;
        if Instant::now() > give_up {
            return Err(ProjectorError::Uneven(projection.name()));
        }
        tokio::time::sleep(LOOK_AGAIN).await;
    }
}

/// Has the tables stay those that they are. Before anything is seen: the rows of tables that a rebuild puts
/// into their place are not there for whoever looked before.
async fn hold(
    connection: &mut PgConnection,
    projection: &dyn Projection,
) -> Result<(), sqlx::Error> {
    let qualified = |table: &&str| format!("{}.{table}", Schema::Live.as_str());
    let tables: Vec<_> = projection.tables().iter().map(qualified).collect();
    let lock = format!("LOCK TABLE {} IN ACCESS SHARE MODE", tables.join(", "));
    sqlx::query(AssertSqlSafe(lock)).execute(connection).await?;
    Ok(())
}

/// A position up to which the live tables hold every event.
pub(super) async fn position(
    connection: &mut PgConnection,
    projection: &dyn Projection,
) -> Result<Position, sqlx::Error> {
    Ok(positions(connection, projection).await?.0)
}

/// The position up to which the tables hold every event, and that after which they hold none.
async fn positions(
    connection: &mut PgConnection,
    projection: &dyn Projection,
) -> Result<(Position, Position), sqlx::Error> {
    let (least, greatest): (Option<i64>, Option<i64>) = sqlx::query_as(
        "SELECT coalesce(min(p.position), min(c.position)), coalesce(max(p.position), min(c.position))
         FROM projections.checkpoints AS c
             LEFT JOIN projections.partitions AS p ON p.projection = c.name
         WHERE c.name = $1",
    )
    .bind(projection.name())
    .fetch_one(connection)
    .await?;
    // A projection that never landed anything has no checkpoint yet.
    Ok((from_row(least.unwrap_or_default()), from_row(greatest.unwrap_or_default())))
}
