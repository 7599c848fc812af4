//! The live streams that were reported most.

use chrono::{DateTime, Utc};
use events::{LiveStreamId, LiveStreamSnapshot};
use sqlx::{FromRow, PgPool, Row, postgres::PgRow};

use super::row;

/// At most this many.
const TOP: i64 = 10;
/// At most this many reports are counted, the newest: a page is not worth reading millions of them.
pub const LOOKED_AT: i64 = 50_000;

/// A live stream, and how often it was reported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopStream {
    /// Which one.
    pub id: LiveStreamId,
    /// As the directory knows it.
    pub live_stream: Option<LiveStreamSnapshot>,
    /// Reports filed in the range.
    pub filed: i64,
    /// Of them, those that are neither decided nor archived now.
    pub open: i64,
}

impl FromRow<'_, PgRow> for TopStream {
    fn from_row(found: &PgRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            id: row::id(found, "live_stream_id")?,
            live_stream: row::live_stream(found, "live_stream")?,
            filed: found.try_get("filed")?,
            open: found.try_get("open")?,
        })
    }
}

/// The most reported live streams of those reports that were filed from `from` on and before `to`. Of more than
/// [`LOOKED_AT`] reports, the newest tell.
pub async fn between(
    pool: &PgPool,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Result<Vec<TopStream>, sqlx::Error> {
    sqlx::query_as(
        "WITH newest AS (
             (SELECT live_stream_id, status, is_archived, created_at FROM projections.reports
              WHERE NOT is_archived AND created_at >= $1 AND created_at < $2
              ORDER BY is_archived, created_at DESC, id DESC LIMIT $3)
             UNION ALL
             (SELECT live_stream_id, status, is_archived, created_at FROM projections.reports
              WHERE is_archived AND created_at >= $1 AND created_at < $2
              ORDER BY is_archived, created_at DESC, id DESC LIMIT $3)
             ORDER BY created_at DESC LIMIT $3),
         top AS (
             SELECT live_stream_id, count(*) AS filed,
                    count(*) FILTER (WHERE NOT is_archived
                        AND status IN ('pending', 'under_review')) AS open
             FROM newest GROUP BY live_stream_id
             ORDER BY filed DESC, open DESC, live_stream_id LIMIT $4)
         SELECT top.*, to_jsonb(s) AS live_stream
         FROM top LEFT JOIN directory.live_streams s ON s.id = top.live_stream_id
         ORDER BY filed DESC, open DESC, live_stream_id",
    )
    .bind(from)
    .bind(to)
    .bind(LOOKED_AT)
    .bind(TOP)
    .fetch_all(pool)
    .await
}
