//! The table `expiry.pending_expiries` and its checkpoint.

use chrono::{DateTime, Utc};
use event_log::{LogId, Position};
use events::{BanId, CorrelationId, Timestamp};
use sqlx::PgPool;
use tokio::time::timeout;
use ulid::Ulid;

use crate::database::{PATIENCE, settle};

/// A ban that will run out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pending {
    pub(super) ban_id: BanId,
    pub(super) expires_at: Timestamp,
    /// The event that created it.
    pub(super) event_id: Ulid,
    /// What that event belongs to.
    pub(super) correlation_id: CorrelationId,
}

/// How a stretch of the log changes the table.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Changes {
    /// The log, where it is read from its beginning.
    pub(super) log_id: Option<LogId>,
    pub(super) begun: Vec<Pending>,
    pub(super) ended: Vec<BanId>,
}

/// How far the log has been read.
pub(super) async fn checkpoint(pool: &PgPool) -> Result<Position, sqlx::Error> {
    let mut connection = pool.acquire().await?;
    let query = sqlx::query_scalar("SELECT position FROM expiry.checkpoint");
    let position = timeout(PATIENCE, query.fetch_one(&mut *connection)).await;
    let position: i64 = settle(connection, position)?;
    u64::try_from(position).map(Position).map_err(|error| sqlx::Error::Decode(error.into()))
}

/// One statement, so that rows and checkpoint move together or not at all.
const ADVANCE: &str = "
    WITH moved AS (
        UPDATE expiry.checkpoint SET position = $2, log_id = coalesce($8, log_id)
        WHERE position = $1 RETURNING position
    ), ended AS (
        DELETE FROM expiry.pending_expiries
        WHERE ban_id = ANY($3) AND EXISTS (SELECT FROM moved)
    ), begun AS (
        INSERT INTO expiry.pending_expiries (ban_id, expires_at, event_id, correlation_id)
        SELECT * FROM unnest($4::text[], $5::timestamptz[], $6::text[], $7::text[])
        WHERE EXISTS (SELECT FROM moved)
        ON CONFLICT (ban_id) DO NOTHING
    )
    SELECT EXISTS (SELECT FROM moved)";

/// Moves the checkpoint from `old` to `new` together with `changes`; `false`, and nothing moves, when
/// another instance has moved it.
pub(super) async fn advance(
    pool: &PgPool,
    old: Position,
    new: Position,
    changes: &Changes,
) -> Result<bool, sqlx::Error> {
    let Changes { log_id, begun, ended } = changes;
    let query = sqlx::query_scalar(ADVANCE)
        .bind(number(old)?)
        .bind(number(new)?)
        .bind(ended.iter().map(BanId::to_string).collect::<Vec<_>>())
        .bind(begun.iter().map(|ban| ban.ban_id.to_string()).collect::<Vec<_>>())
        .bind(begun.iter().map(|ban| ban.expires_at.to_utc()).collect::<Vec<_>>())
        .bind(begun.iter().map(|ban| ban.event_id.to_string()).collect::<Vec<_>>())
        .bind(begun.iter().map(|ban| ban.correlation_id.as_str()).collect::<Vec<_>>())
        .bind(log_id.as_ref().map(LogId::as_str));
    let mut connection = pool.acquire().await?;
    let moved = timeout(PATIENCE, query.fetch_one(&mut *connection)).await;
    settle(connection, moved)
}

/// One statement, so that the table is never that of one log and the checkpoint that of another.
const RESTART: &str = "
    WITH restarted AS (
        UPDATE expiry.checkpoint SET position = 0, log_id = NULL
        WHERE position > 0 AND ($1::text IS NULL OR coalesce(log_id, $1) <> $1)
        RETURNING position
    ), forgotten AS (
        DELETE FROM expiry.pending_expiries WHERE EXISTS (SELECT FROM restarted)
    )
    SELECT EXISTS (SELECT FROM restarted)";

/// Forgets everything, unless it comes from the log `log_id` or nobody knows from which; whether it did.
pub(super) async fn restart_unless_of(
    pool: &PgPool,
    log_id: Option<&LogId>,
) -> Result<bool, sqlx::Error> {
    let query = sqlx::query_scalar(RESTART).bind(log_id.map(LogId::as_str));
    let mut connection = pool.acquire().await?;
    let restarted = timeout(PATIENCE, query.fetch_one(&mut *connection)).await;
    settle(connection, restarted)
}

fn number(position: Position) -> Result<i64, sqlx::Error> {
    i64::try_from(position.0).map_err(|error| sqlx::Error::Encode(error.into()))
}

/// The bans that run out first after the one that is given.
pub(super) async fn soonest(
    pool: &PgPool,
    after: Option<&Pending>,
    limit: i64,
) -> Result<Vec<Pending>, sqlx::Error> {
    let query = sqlx::query_as(
        "SELECT ban_id, expires_at, event_id, correlation_id FROM expiry.pending_expiries
         WHERE (expires_at, ban_id) > ($1, $2) ORDER BY expires_at, ban_id LIMIT $3",
    )
    .bind(after.map_or(DateTime::UNIX_EPOCH, |ban| ban.expires_at.to_utc()))
    .bind(after.map_or_else(String::new, |ban| ban.ban_id.to_string()))
    .bind(limit);
    let mut connection = pool.acquire().await?;
    let rows = timeout(PATIENCE, query.fetch_all(&mut *connection)).await;
    let rows: Vec<(String, DateTime<Utc>, String, String)> = settle(connection, rows)?;
    let pending = |(ban_id, expires_at, event_id, correlation_id): (String, _, String, String)| {
        Ok(Pending {
            ban_id: ban_id.parse()?,
            expires_at: Timestamp::from(expires_at),
            event_id: event_id.parse()?,
            correlation_id: correlation_id.parse()?,
        })
    };
    rows.into_iter().map(pending).collect::<Result<_, _>>().map_err(sqlx::Error::Decode)
}
