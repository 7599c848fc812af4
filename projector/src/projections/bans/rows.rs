//! The tables of bans.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::fold::Counts;
use crate::projections::columns::column;

/// A row of `bans`.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub(super) struct BanRow {
    pub(super) id: String,
    pub(super) live_stream_id: String,
    pub(super) target_user_id: String,
    pub(super) action_type: String,
    pub(super) reason: Option<String>,
    /// The table insists on it: a ban that nobody created is none.
    pub(super) created_by: Option<String>,
    pub(super) created_at: DateTime<Utc>,
    pub(super) expires_at: Option<DateTime<Utc>>,
    pub(super) report_id: Option<String>,
    pub(super) revoked_at: Option<DateTime<Utc>>,
    pub(super) revoked_by: Option<String>,
    pub(super) revoke_cause: Option<String>,
    pub(super) updated_at: DateTime<Utc>,
    pub(super) position: i64,
}

/// The bans of these ids that the table holds.
pub(super) async fn load(
    connection: &mut PgConnection,
    ids: &[String],
) -> Result<Vec<BanRow>, sqlx::Error> {
    if ids.is_empty() {
        return Ok(vec![]);
    }
    sqlx::query_as("SELECT * FROM bans WHERE id = ANY($1)").bind(ids).fetch_all(connection).await
}

/// Adds new bans.
pub(super) async fn insert(
    connection: &mut PgConnection,
    bans: &[&BanRow],
) -> Result<(), sqlx::Error> {
    if bans.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "INSERT INTO bans (id, live_stream_id, target_user_id, action_type, reason, created_by,
             created_at, expires_at, report_id, revoked_at, revoked_by, revoke_cause, updated_at,
             position)
         SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[],
             $6::text[], $7::timestamptz[], $8::timestamptz[], $9::text[], $10::timestamptz[],
             $11::text[], $12::text[], $13::timestamptz[], $14::bigint[])",
    )
    .bind(column(bans, |ban| &ban.id))
    .bind(column(bans, |ban| &ban.live_stream_id))
    .bind(column(bans, |ban| &ban.target_user_id))
    .bind(column(bans, |ban| &ban.action_type))
    .bind(column(bans, |ban| ban.reason.as_deref()))
    .bind(column(bans, |ban| ban.created_by.as_deref()))
    .bind(column(bans, |ban| ban.created_at))
    .bind(column(bans, |ban| ban.expires_at))
    .bind(column(bans, |ban| ban.report_id.as_deref()))
    .bind(column(bans, |ban| ban.revoked_at))
    .bind(column(bans, |ban| ban.revoked_by.as_deref()))
    .bind(column(bans, |ban| ban.revoke_cause.as_deref()))
    .bind(column(bans, |ban| ban.updated_at))
    .bind(column(bans, |ban| ban.position))
    .execute(connection)
    .await?;
    Ok(())
}

/// Writes how bans ended that the table holds.
pub(super) async fn update(
    connection: &mut PgConnection,
    bans: &[&BanRow],
) -> Result<(), sqlx::Error> {
    if bans.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "UPDATE bans SET revoked_at = new.revoked_at, revoked_by = new.revoked_by,
             revoke_cause = new.revoke_cause, updated_at = new.updated_at, position = new.position
         FROM unnest($1::text[], $2::timestamptz[], $3::text[], $4::text[], $5::timestamptz[],
             $6::bigint[]) AS new (id, revoked_at, revoked_by, revoke_cause, updated_at, position)
         WHERE bans.id = new.id",
    )
    .bind(column(bans, |ban| &ban.id))
    .bind(column(bans, |ban| ban.revoked_at))
    .bind(column(bans, |ban| ban.revoked_by.as_deref()))
    .bind(column(bans, |ban| ban.revoke_cause.as_deref()))
    .bind(column(bans, |ban| ban.updated_at))
    .bind(column(bans, |ban| ban.position))
    .execute(connection)
    .await?;
    Ok(())
}

/// Adds to the numbers of bans.
pub(super) async fn count(
    connection: &mut PgConnection,
    counts: &Counts,
) -> Result<(), sqlx::Error> {
    let counts: Vec<_> = counts.iter().collect();
    sqlx::query(
        "INSERT INTO ban_counts AS old (live_stream_id, action_type, state, bans)
         SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[])
         ON CONFLICT (live_stream_id, action_type, state)
         DO UPDATE SET bans = old.bans + excluded.bans",
    )
    .bind(column(&counts, |((live_stream, ..), _)| live_stream))
    .bind(column(&counts, |((_, action_type, _), _)| action_type))
    .bind(column(&counts, |((.., state), _)| *state))
    .bind(column(&counts, |(_, bans)| *bans))
    .execute(connection)
    .await?;
    Ok(())
}
