//! Live streams, and how much there is to do on them.

use events::{LiveStreamSnapshot, UserId};
use sqlx::postgres::PgRow;
use sqlx::{FromRow, PgPool, Postgres, QueryBuilder, Row};

use super::row;

/// A live stream, and how much there is to do on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveStreamRow {
    /// As the platform last described it.
    pub live_stream: LiveStreamSnapshot,
    /// How many of its reports are pending or under review, and not archived; `None` when it is not told.
    pub open_reports: Option<u64>,
    /// How many bans no event has ended yet, of which some may have run out a moment ago; `None` when it is
    /// not told.
    pub bans: Option<u64>,
}

/// Behind a statement of ids that is called `chosen`: the rows.
const ROWS: &str = " SELECT to_jsonb(s) AS live_stream, coalesce(r.open, 0) AS open,
         coalesce((SELECT sum(c.bans) FROM projections.ban_counts c
             WHERE c.live_stream_id = s.id AND c.state = 'unrevoked'), 0)::bigint AS bans
     FROM chosen JOIN directory.live_streams s USING (id)
     LEFT JOIN projections.stream_report_counts r ON r.live_stream_id = s.id
     ORDER BY ";

/// Those that `user` creates or moderates, the last changed ones first, at most so many.
pub async fn run_by(
    pool: &PgPool,
    user: &UserId,
    most: u32,
) -> Result<Vec<LiveStreamRow>, sqlx::Error> {
    let mut sql = QueryBuilder::new("WITH chosen AS (SELECT id FROM directory.live_streams WHERE ");
    push_runs(&mut sql, user);
    sql.push(" ORDER BY updated_at DESC, id LIMIT ").push_bind(i64::from(most)).push(")");
    sql.push(ROWS).push("s.updated_at DESC, s.id");
    sql.build_query_as().fetch_all(pool).await
}

/// Those with the most open reports, then those where somebody was banned last; at most so many.
pub async fn busy(pool: &PgPool, most: u32) -> Result<Vec<LiveStreamRow>, sqlx::Error> {
    busy_statement(most).build_query_as().fetch_all(pool).await
}

/// What [`busy`] runs; tests look at its plan.
pub fn busy_statement(most: u32) -> QueryBuilder<Postgres> {
    let most = i64::from(most);
    let mut sql = QueryBuilder::new(
        "WITH reported AS (SELECT live_stream_id AS id, open FROM projections.stream_report_counts
             WHERE open > 0 ORDER BY open DESC, live_stream_id LIMIT ",
    );
    sql.push_bind(most);
    sql.push("), banned AS (SELECT live_stream_id AS id, created_at FROM projections.bans");
    sql.push(" WHERE revoked_at IS NULL ORDER BY created_at DESC, id DESC LIMIT ").push_bind(most);
    sql.push("), chosen AS (SELECT id, max(open) AS reports, max(created_at) AS last FROM (");
    sql.push(" SELECT id, open, NULL AS created_at FROM reported UNION ALL");
    sql.push(" SELECT id, 0, created_at FROM banned) either GROUP BY id");
    sql.push(" ORDER BY reports DESC, last DESC NULLS LAST, id LIMIT ").push_bind(most).push(")");
    sql.push(ROWS).push("chosen.reports DESC, chosen.last DESC NULLS LAST, s.id");
    sql
}

/// Those of this id or chat, or whose titles begin like this in any case; of those that `run_by` runs, where
/// somebody is named. At most so many.
pub async fn called(
    pool: &PgPool,
    name: &str,
    run_by: Option<&UserId>,
    most: u32,
) -> Result<Vec<LiveStreamSnapshot>, sqlx::Error> {
    let rows = called_statement(name, run_by, most).build().fetch_all(pool).await?;
    let found = rows.iter().map(|found| row::live_stream(found, "live_stream"));
    let found: Vec<Option<LiveStreamSnapshot>> = found.collect::<Result<_, _>>()?;
    Ok(found.into_iter().flatten().collect())
}

/// What [`called`] runs; tests look at its plan. Each way to be called so has an index of its own.
pub fn called_statement(name: &str, run_by: Option<&UserId>, most: u32) -> QueryBuilder<Postgres> {
    let mut sql = QueryBuilder::new("SELECT to_jsonb(s) AS live_stream FROM (");
    for (nth, way) in ["id", "live_chat_id", "title"].into_iter().enumerate() {
        sql.push(if nth == 0 { "(" } else { ") UNION (" });
        sql.push("SELECT s.id FROM directory.live_streams s WHERE ");
        match way {
            "title" => push_begins(&mut sql, name),
            way => _ = sql.push(format!("s.{way} = ")).push_bind(name.to_owned()),
        }
        if let Some(user) = run_by {
            sql.push(" AND ");
            push_runs(&mut sql, user);
        }
        sql.push(" LIMIT ").push_bind(i64::from(most));
    }
    sql.push(")) called JOIN directory.live_streams s USING (id) ORDER BY lower(s.title), s.id");
    sql.push(" LIMIT ").push_bind(i64::from(most));
    sql
}

/// From the name itself up to the name with the last of all characters behind it.
fn push_begins(sql: &mut QueryBuilder<Postgres>, name: &str) {
    let title = "left(lower(s.title), 128) COLLATE \"C\"";
    sql.push(format!("{title} >= lower(")).push_bind(name.to_owned());
    sql.push(format!(") AND {title} < lower(")).push_bind(name.to_owned());
    sql.push(") || chr(1114111)");
}

fn push_runs(sql: &mut QueryBuilder<Postgres>, user: &UserId) {
    sql.push("(creator_id = ").push_bind(user.to_string());
    sql.push(" OR moderator_ids @> ARRAY[").push_bind(user.to_string()).push("])");
}

impl FromRow<'_, PgRow> for LiveStreamRow {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        let live_stream = row::live_stream(row, "live_stream")?;
        let missing = || sqlx::Error::ColumnNotFound("live_stream".to_owned());
        Ok(Self {
            live_stream: live_stream.ok_or_else(missing)?,
            open_reports: Some(row.try_get::<i64, _>("open")?.unsigned_abs()),
            bans: Some(row.try_get::<i64, _>("bans")?.unsigned_abs()),
        })
    }
}
