//! The bans that a report led to.

use events::ReportId;
use sqlx::{PgPool, QueryBuilder};

use super::{BanRow, COLUMNS};

/// At most so many: whoever bans more because of one report is found in the list of bans.
const MOST: i64 = 50;

/// The bans behind which the report stands; oldest first.
pub async fn list(pool: &PgPool, report: ReportId) -> Result<Vec<BanRow>, sqlx::Error> {
    let mut sql = QueryBuilder::new(format!(
        "SELECT {COLUMNS}, to_jsonb(u) AS target FROM projections.bans b
         LEFT JOIN directory.users u ON u.id = b.target_user_id WHERE b.report_id = "
    ));
    sql.push_bind(report.to_string());
    sql.push(" ORDER BY b.created_at, b.id LIMIT ").push_bind(MOST);
    sql.build_query_as().fetch_all(pool).await
}
