//! What happened over time.

use chrono::{DateTime, Utc};
use events::report::ReportType;
use sqlx::{FromRow, PgPool};

/// The width of a bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interval {
    /// An hour.
    Hour,
    /// A day of 24 hours, UTC.
    Day,
}

impl Interval {
    /// Every one.
    pub const ALL: [Self; 2] = [Self::Hour, Self::Day];

    /// The name on the wire and in SQL.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Hour => "hour",
            Self::Day => "day",
        }
    }

    /// Its length, in seconds.
    pub fn seconds(self) -> u32 {
        match self {
            Self::Hour => 3_600,
            Self::Day => 86_400,
        }
    }
}

/// Whole buckets from one instant up to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    /// Where the first bucket begins.
    pub from: DateTime<Utc>,
    /// Where the last bucket ends.
    pub to: DateTime<Utc>,
    /// How wide they are.
    pub interval: Interval,
}

/// How often something happened in a bucket.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Tally {
    /// Where the bucket begins.
    pub start: DateTime<Utc>,
    /// What happened, as the table calls it.
    pub metric: String,
    /// To what sort of thing.
    pub key: String,
    /// How often.
    pub count: i64,
}

/// How long decisions took.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Decisions {
    /// Where the bucket begins; `None` for the whole range.
    pub start: Option<DateTime<Utc>>,
    /// How many there were.
    pub count: i64,
    /// Half of them took this many seconds or fewer.
    pub median: Option<i64>,
    /// 95 in 100 of them took this many seconds or fewer.
    pub p95: Option<i64>,
}

/// How many reports of one type were open when a bucket ended.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Backlog {
    /// Where the bucket begins.
    pub start: DateTime<Utc>,
    /// Their type.
    #[sqlx(rename = "type")]
    pub report_type: String,
    /// How many.
    pub open: i64,
}

/// All of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statistics {
    /// What happened; a bucket, metric and key in which nothing did is absent.
    pub tallies: Vec<Tally>,
    /// How long decisions took; a bucket without any is absent.
    pub decisions: Vec<Decisions>,
    /// How many reports were open; types without any are absent.
    pub backlog: Vec<Backlog>,
}

/// What happened within `range`, all as of one moment.
pub async fn over(pool: &PgPool, range: Range) -> Result<Statistics, sqlx::Error> {
    let mut snapshot = pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?;
    let tallies = sqlx::query_as(
        "SELECT date_trunc($1, hour, 'UTC') AS start, metric, key, sum(count)::bigint AS count
         FROM projections.statistics_hourly WHERE hour >= $2 AND hour < $3
         GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
    )
    .bind(range.interval.as_str())
    .bind(range.from)
    .bind(range.to)
    .fetch_all(&mut *snapshot)
    .await?;
    let decisions = sqlx::query_as(
        "SELECT start, count(*) AS count,
                percentile_disc(0.5) WITHIN GROUP (ORDER BY seconds) AS median,
                percentile_disc(0.95) WITHIN GROUP (ORDER BY seconds) AS p95
         FROM (SELECT date_trunc($1, decided_at, 'UTC') AS start, seconds
               FROM projections.decisions WHERE decided_at >= $2 AND decided_at < $3) decided
         GROUP BY GROUPING SETS ((start), ()) ORDER BY start",
    )
    .bind(range.interval.as_str())
    .bind(range.from)
    .bind(range.to)
    .fetch_all(&mut *snapshot)
    .await?;
    let types: Vec<_> = ReportType::ALL.into_iter().map(ReportType::as_str).collect();
    let backlog = sqlx::query_as(
        "WITH changes AS (
             -- What changed before the range counts as of its first bucket.
             SELECT greatest(date_trunc($5, hour, 'UTC'), $2) AS start, type, sum(change) AS change
             FROM projections.backlog_changes WHERE hour < $3 GROUP BY 1, 2)
         SELECT start, wanted AS type, open::bigint AS open
         FROM (
             SELECT bucket.start, wanted,
                    sum(change) OVER (PARTITION BY wanted ORDER BY bucket.start) AS open
             FROM generate_series($2, $3 - make_interval(secs => $1), make_interval(secs => $1))
                 AS bucket (start)
             CROSS JOIN unnest($4::text[]) wanted
             LEFT JOIN changes
                 ON changes.start = bucket.start AND changes.type = wanted COLLATE \"C\") ended
         WHERE open > 0 ORDER BY start, type",
    )
    .bind(f64::from(range.interval.seconds()))
    .bind(range.from)
    .bind(range.to)
    .bind(types)
    .bind(range.interval.as_str())
    .fetch_all(&mut *snapshot)
    .await?;
    snapshot.commit().await?;
    Ok(Statistics { tallies, decisions, backlog })
}
