//! What the statistics remember of each report.

use chrono::{DateTime, Utc};
use events::Timestamp;
use sqlx::PgConnection;

use crate::projections::columns::column;

/// A row of `decisions`.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub(super) struct DecisionRow {
    pub(super) report_id: String,
    #[sqlx(rename = "type")]
    pub(super) report_type: String,
    pub(super) filed_at: DateTime<Utc>,
    pub(super) is_archived: bool,
    pub(super) decided_at: Option<DateTime<Utc>>,
    pub(super) seconds: Option<i64>,
}

impl DecisionRow {
    /// A new report.
    pub(super) fn filed(report_id: String, report_type: &str, at: Timestamp) -> Self {
        Self {
            report_id,
            report_type: report_type.to_owned(),
            filed_at: at.to_utc(),
            is_archived: false,
            decided_at: None,
            seconds: None,
        }
    }

    /// Whether it belongs to the backlog.
    pub(super) fn is_open(&self) -> bool {
        self.decided_at.is_none() && !self.is_archived
    }

    /// Notes the decision, unless there is one already; whether it did.
    pub(super) fn decide(&mut self, at: Timestamp) -> bool {
        if self.decided_at.is_some() {
            return false;
        }
        let seconds = at.seconds_since(Timestamp::from(self.filed_at));
        self.decided_at = Some(at.to_utc());
        self.seconds = Some(i64::try_from(seconds).unwrap_or(i64::MAX));
        true
    }
}

/// The reports of these ids that the table holds.
pub(super) async fn load(
    connection: &mut PgConnection,
    ids: &[String],
) -> Result<Vec<DecisionRow>, sqlx::Error> {
    if ids.is_empty() {
        return Ok(vec![]);
    }
    sqlx::query_as("SELECT * FROM decisions WHERE report_id = ANY($1)")
        .bind(ids)
        .fetch_all(connection)
        .await
}

/// Writes reports, new ones and known ones alike.
pub(super) async fn write(
    connection: &mut PgConnection,
    reports: &[&DecisionRow],
) -> Result<(), sqlx::Error> {
    if reports.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "INSERT INTO decisions (report_id, type, filed_at, is_archived, decided_at, seconds)
         SELECT * FROM unnest($1::text[], $2::text[], $3::timestamptz[], $4::boolean[],
             $5::timestamptz[], $6::bigint[])
         ON CONFLICT (report_id) DO UPDATE SET is_archived = excluded.is_archived,
             decided_at = excluded.decided_at, seconds = excluded.seconds",
    )
    .bind(column(reports, |report| &report.report_id))
    .bind(column(reports, |report| &report.report_type))
    .bind(column(reports, |report| report.filed_at))
    .bind(column(reports, |report| report.is_archived))
    .bind(column(reports, |report| report.decided_at))
    .bind(column(reports, |report| report.seconds))
    .execute(connection)
    .await?;
    Ok(())
}
