//! The swap of what was rebuilt for what is live: one transaction, between two reads.

use std::time::Duration;

use event_log::LogReader;
use sqlx::{AssertSqlSafe, Connection, PgConnection, PgPool};

use crate::error::ProjectorError;
use crate::patience::{BEHIND_A_PAGE, PROMPT, within};
use crate::projection::{Projection, row_position};
use crate::schema::Schema;
use crate::session::Session;
use crate::{checkpoint, partitions};

/// How often the live tables are asked for before the projector at work, which waits meanwhile,
/// gets on with them: for about a second.
const TRIES: u32 = 8;

/// Between two tries, when reads that queued behind the last one go on.
const PAUSE: Duration = Duration::from_millis(25);

/// Swaps the tables; `false` when somebody reads the live ones for so long that it is better tried
/// again later.
pub(super) async fn flip(
    pool: &PgPool,
    reader: &dyn LogReader,
    projection: &dyn Projection,
    builder: &mut Session<'_>,
) -> Result<bool, ProjectorError> {
    let mut connection = Schema::Live.connect(pool, projection).await?;
    let mut flip = within(PROMPT, connection.begin()).await?;
    // From here to the end the projector at work cannot move; then it finds its claim gone.
    let live = within(BEHIND_A_PAGE, checkpoint::claim(&mut flip, projection)).await?;
    // Where partitions feed them, the live tables hold more than their checkpoint says.
    let furthest = within(PROMPT, partitions::greatest(&mut flip, projection)).await?;
    let live = furthest.map_or(live.position, |furthest| furthest.max(live.position));
    builder.catch_up(reader, Some(live.max(builder.position()))).await?;
    if !within(BEHIND_A_PAGE, lock_tables(&mut flip, projection)).await? {
        within(PROMPT, flip.rollback()).await?;
        return Ok(false);
    }
    within(BEHIND_A_PAGE, swap_tables(&mut flip, projection)).await?;
    within(BEHIND_A_PAGE, swap_ledgers(&mut flip, projection, builder)).await?;
    within(PROMPT, flip.commit()).await?;
    Ok(true)
}

/// Takes the new tables from whatever tends them, and the live ones from their readers. For a
/// reader it waits less long than PostgreSQL waits before it looks for deadlocks (1 s), so that no
/// read that holds one table and wants another is ever the victim.
async fn lock_tables(
    flip: &mut PgConnection,
    projection: &dyn Projection,
) -> Result<bool, ProjectorError> {
    let [live, next] = [Schema::Live, Schema::Next].map(|schema| lock_all(schema, projection));
    sqlx::query(AssertSqlSafe(next)).execute(&mut *flip).await?;
    sqlx::query("SET LOCAL lock_timeout = '100ms'").execute(&mut *flip).await?;
    for _ in 0..TRIES {
        let mut attempt = flip.begin().await?;
        match sqlx::query(AssertSqlSafe(live.as_str())).execute(&mut *attempt).await {
            Ok(_) => {
                attempt.commit().await?;
                return Ok(true);
            }
            Err(error) if is_lock_timeout(&error) => attempt.rollback().await?,
            Err(error) => return Err(error.into()),
        }
        tokio::time::sleep(PAUSE).await;
    }
    Ok(false)
}

fn lock_all(schema: Schema, projection: &dyn Projection) -> String {
    let qualified = |table: &&str| format!("{}.{table}", schema.as_str());
    let tables: Vec<_> = projection.tables().iter().map(qualified).collect();
    format!("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE", tables.join(", "))
}

/// `lock_not_available`.
fn is_lock_timeout(error: &sqlx::Error) -> bool {
    matches!(error, sqlx::Error::Database(error) if error.code().as_deref() == Some("55P03"))
}

async fn swap_tables(
    flip: &mut PgConnection,
    projection: &dyn Projection,
) -> Result<(), ProjectorError> {
    for table in projection.tables() {
        for statement in [
            format!("DROP TABLE projections.{table}"),
            format!("ALTER TABLE projections_next.{table} SET SCHEMA projections"),
        ] {
            sqlx::query(AssertSqlSafe(statement)).execute(&mut *flip).await?;
        }
    }
    Ok(())
}

/// Checkpoints and parked events go with the tables.
async fn swap_ledgers(
    flip: &mut PgConnection,
    projection: &dyn Projection,
    builder: &Session<'_>,
) -> Result<(), ProjectorError> {
    sqlx::query(
        "UPDATE projections.checkpoints SET version = $2, position = $3, updated_at = now(),
             log_id = (SELECT log_id FROM projections_next.checkpoints WHERE name = $1)
         WHERE name = $1
         RETURNING pg_notify('docket_checkpoint', name || ':' || position)",
    )
    .bind(projection.name())
    .bind(projection.version())
    .bind(row_position(builder.position()))
    .execute(&mut *flip)
    .await?;
    partitions::reset(flip, projection, builder.position()).await?;
    for statement in [
        "DELETE FROM projections.parked WHERE projection = $1",
        "INSERT INTO projections.parked SELECT * FROM projections_next.parked
         WHERE projection = $1",
        "DELETE FROM projections_next.parked WHERE projection = $1",
        "DELETE FROM projections_next.checkpoints WHERE name = $1",
    ] {
        sqlx::query(statement).bind(projection.name()).execute(&mut *flip).await?;
    }
    Ok(())
}
