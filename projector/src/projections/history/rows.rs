//! The table `history`.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use sqlx::types::Uuid;

use crate::projections::columns::column;

/// A row of `history`.
#[derive(Debug, Clone)]
pub(super) struct HistoryRow {
    pub(super) position: i64,
    pub(super) event_id: Uuid,
    pub(super) event_type: String,
    /// The ban or the report.
    pub(super) subject_id: String,
    pub(super) subject: Subject,
    pub(super) actor_id: Option<String>,
    pub(super) report_id: Option<String>,
    pub(super) correlation_id: String,
    pub(super) causation_id: Option<Uuid>,
    pub(super) occurred_at: DateTime<Utc>,
}

/// Whom a ban or a report concerns.
#[derive(Debug, Clone, Default)]
pub(super) struct Subject {
    pub(super) live_stream: Option<String>,
    pub(super) user: Option<String>,
    pub(super) creator: Option<String>,
}

/// Whom these bans and reports concern, as far as the table knows.
pub(super) async fn load(
    connection: &mut PgConnection,
    ids: &[String],
) -> Result<Vec<(String, Subject)>, sqlx::Error> {
    type Known = (String, Option<String>, Option<String>, Option<String>);
    if ids.is_empty() {
        return Ok(vec![]);
    }
    let rows: Vec<Known> = sqlx::query_as(
        "SELECT DISTINCT ON (subject_id) subject_id, live_stream_id, user_id, creator_id
         FROM history WHERE subject_id = ANY($1) AND live_stream_id IS NOT NULL
         ORDER BY subject_id, position",
    )
    .bind(ids)
    .fetch_all(connection)
    .await?;
    let known = |(id, live_stream, user, creator)| (id, Subject { live_stream, user, creator });
    Ok(rows.into_iter().map(known).collect())
}

/// Adds new rows.
pub(super) async fn insert(
    connection: &mut PgConnection,
    rows: &[HistoryRow],
) -> Result<(), sqlx::Error> {
    let rows: Vec<&HistoryRow> = rows.iter().collect();
    sqlx::query(
        "INSERT INTO history (position, event_id, event_type, subject_id, live_stream_id, user_id,
             creator_id, actor_id, report_id, correlation_id, causation_id, occurred_at)
         SELECT * FROM unnest($1::bigint[], $2::uuid[], $3::text[], $4::text[], $5::text[],
             $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::uuid[],
             $12::timestamptz[])",
    )
    .bind(column(&rows, |row| row.position))
    .bind(column(&rows, |row| row.event_id))
    .bind(column(&rows, |row| &row.event_type))
    .bind(column(&rows, |row| &row.subject_id))
    .bind(column(&rows, |row| row.subject.live_stream.as_deref()))
    .bind(column(&rows, |row| row.subject.user.as_deref()))
    .bind(column(&rows, |row| row.subject.creator.as_deref()))
    .bind(column(&rows, |row| row.actor_id.as_deref()))
    .bind(column(&rows, |row| row.report_id.as_deref()))
    .bind(column(&rows, |row| &row.correlation_id))
    .bind(column(&rows, |row| row.causation_id))
    .bind(column(&rows, |row| row.occurred_at))
    .execute(connection)
    .await?;
    Ok(())
}
