//! The table of reports.

use chrono::{DateTime, Utc};
use events::report::ReportStatus;
use sqlx::PgConnection;

use crate::projections::columns::column;

/// A row of `reports`.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub(super) struct ReportRow {
    pub(super) id: String,
    /// The table insists on it: a report that nobody filed is none.
    pub(super) reporter_id: Option<String>,
    pub(super) live_stream_id: String,
    pub(super) stream_creator_id: String,
    pub(super) stream_title: String,
    pub(super) stream_status_at_report: String,
    #[sqlx(rename = "type")]
    pub(super) report_type: String,
    pub(super) description: Option<String>,
    pub(super) status: String,
    pub(super) reviewed_by: Option<String>,
    pub(super) admin_notes: Option<String>,
    pub(super) resolved_at: Option<DateTime<Utc>>,
    pub(super) is_archived: bool,
    pub(super) user_agent: Option<String>,
    pub(super) ip_address: Option<String>,
    pub(super) platform: Option<String>,
    pub(super) created_at: DateTime<Utc>,
    pub(super) updated_at: DateTime<Utc>,
    pub(super) position: i64,
}

impl ReportRow {
    /// Whether it still waits for a decision in the queue's sight.
    pub(super) fn is_open(&self) -> bool {
        let open = [ReportStatus::Pending, ReportStatus::UnderReview];
        !self.is_archived && open.iter().any(|status| status.as_str() == self.status)
    }
}

/// The reports of these ids that the table holds, but for their texts: those are not read, and so cannot be
/// written again after they have been erased.
pub(super) async fn load(
    connection: &mut PgConnection,
    ids: &[String],
) -> Result<Vec<ReportRow>, sqlx::Error> {
    if ids.is_empty() {
        return Ok(vec![]);
    }
    sqlx::query_as(
        "SELECT id, reporter_id, live_stream_id, stream_creator_id, stream_title, stream_status_at_report,
             type, NULL AS description, status, reviewed_by, NULL AS admin_notes, resolved_at, is_archived,
             NULL AS user_agent, NULL AS ip_address, platform, created_at, updated_at, position
         FROM reports WHERE id = ANY($1)",
    )
    .bind(ids)
    .fetch_all(connection)
    .await
}

/// Adds new reports.
pub(super) async fn insert(
    connection: &mut PgConnection,
    reports: &[&ReportRow],
) -> Result<(), sqlx::Error> {
    if reports.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "INSERT INTO reports (id, reporter_id, live_stream_id, stream_creator_id, stream_title,
             stream_status_at_report, type, description, status, reviewed_by, admin_notes,
             resolved_at, is_archived, user_agent, ip_address, platform, created_at, updated_at,
             position)
         SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[],
             $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[],
             $12::timestamptz[], $13::boolean[], $14::text[], $15::text[], $16::text[],
             $17::timestamptz[], $18::timestamptz[], $19::bigint[])",
    )
    .bind(column(reports, |report| &report.id))
    .bind(column(reports, |report| report.reporter_id.as_deref()))
    .bind(column(reports, |report| &report.live_stream_id))
    .bind(column(reports, |report| &report.stream_creator_id))
    .bind(column(reports, |report| &report.stream_title))
    .bind(column(reports, |report| &report.stream_status_at_report))
    .bind(column(reports, |report| &report.report_type))
    .bind(column(reports, |report| report.description.as_deref()))
    .bind(column(reports, |report| &report.status))
    .bind(column(reports, |report| report.reviewed_by.as_deref()))
    .bind(column(reports, |report| report.admin_notes.as_deref()))
    .bind(column(reports, |report| report.resolved_at))
    .bind(column(reports, |report| report.is_archived))
    .bind(column(reports, |report| report.user_agent.as_deref()))
    .bind(column(reports, |report| report.ip_address.as_deref()))
    .bind(column(reports, |report| report.platform.as_deref()))
    .bind(column(reports, |report| report.created_at))
    .bind(column(reports, |report| report.updated_at))
    .bind(column(reports, |report| report.position))
    .execute(connection)
    .await?;
    Ok(())
}

/// Writes what reviews made of reports that the table holds. Absent notes leave the earlier ones.
pub(super) async fn update(
    connection: &mut PgConnection,
    reports: &[&ReportRow],
) -> Result<(), sqlx::Error> {
    if reports.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "UPDATE reports SET status = new.status, reviewed_by = new.reviewed_by,
             admin_notes = coalesce(new.admin_notes, reports.admin_notes), resolved_at = new.resolved_at,
             is_archived = new.is_archived, updated_at = new.updated_at, position = new.position
         FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::timestamptz[],
             $6::boolean[], $7::timestamptz[], $8::bigint[])
             AS new (id, status, reviewed_by, admin_notes, resolved_at, is_archived, updated_at,
                 position)
         WHERE reports.id = new.id",
    )
    .bind(column(reports, |report| &report.id))
    .bind(column(reports, |report| &report.status))
    .bind(column(reports, |report| report.reviewed_by.as_deref()))
    .bind(column(reports, |report| report.admin_notes.as_deref()))
    .bind(column(reports, |report| report.resolved_at))
    .bind(column(reports, |report| report.is_archived))
    .bind(column(reports, |report| report.updated_at))
    .bind(column(reports, |report| report.position))
    .execute(connection)
    .await?;
    Ok(())
}
