//! How many reports there are.

use std::collections::BTreeMap;

use sqlx::PgConnection;

use super::rows::ReportRow;
use crate::projections::columns::column;

/// How the numbers of reports change. A number that stays as it is still gets its row, so that the
/// tables do not depend on how the log is cut into pages.
#[derive(Debug, Default)]
pub(super) struct Counts {
    /// By status, type and whether archived.
    kinds: BTreeMap<(String, String, bool), i64>,
    /// The open ones, by live stream.
    open: BTreeMap<String, i64>,
}

impl Counts {
    /// Counts `report` as it stands now, `by` times.
    pub(super) fn add(&mut self, report: &ReportRow, by: i64) {
        let kind = (report.status.clone(), report.report_type.clone(), report.is_archived);
        *self.kinds.entry(kind).or_default() += by;
        let open = self.open.entry(report.live_stream_id.clone()).or_default();
        if report.is_open() {
            *open += by;
        }
    }

    /// Adds to `report_counts` and `stream_report_counts`.
    pub(super) async fn write(&self, connection: &mut PgConnection) -> Result<(), sqlx::Error> {
        let kinds: Vec<_> = self.kinds.iter().collect();
        sqlx::query(
            "INSERT INTO report_counts AS old (status, type, is_archived, reports)
             SELECT * FROM unnest($1::text[], $2::text[], $3::boolean[], $4::bigint[])
             ON CONFLICT (status, type, is_archived)
             DO UPDATE SET reports = old.reports + excluded.reports",
        )
        .bind(column(&kinds, |((status, ..), _)| status))
        .bind(column(&kinds, |((_, report_type, _), _)| report_type))
        .bind(column(&kinds, |((.., is_archived), _)| *is_archived))
        .bind(column(&kinds, |(_, reports)| *reports))
        .execute(&mut *connection)
        .await?;

        let open: Vec<_> = self.open.iter().collect();
        sqlx::query(
            "INSERT INTO stream_report_counts AS old (live_stream_id, open)
             SELECT * FROM unnest($1::text[], $2::bigint[])
             ON CONFLICT (live_stream_id) DO UPDATE SET open = old.open + excluded.open",
        )
        .bind(column(&open, |(live_stream, _)| live_stream))
        .bind(column(&open, |(_, open)| *open))
        .execute(connection)
        .await?;
        Ok(())
    }
}
