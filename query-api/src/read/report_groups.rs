//! Open reports by their live streams.
//!
//! A page costs by the live streams that have open reports, never by all reports there are: one step into
//! the index of open reports for each, or only for those on the page where the most reported come first.

use std::collections::BTreeMap;

use events::report::{ReportStatus, ReportType};
use events::{LiveStreamId, LiveStreamSnapshot, Timestamp};
use serde::{Deserialize, Serialize};
use sqlx::postgres::PgRow;
use sqlx::types::Json;
use sqlx::{FromRow, PgConnection, PgPool, Postgres, QueryBuilder, Row};

use super::reports::{COLUMNS, DIRECTORY_COLUMNS, DIRECTORY_JOINS, ReportOrder, ReportRow};
use super::row;
use super::window::{COUNTED, ReportKey, Window};

/// The index's own words: bound values would not be known to be the same.
const OPEN: &str = "r.status IN ('pending', 'under_review')";

/// A live stream with open reports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// What is reported.
    pub live_stream_id: LiveStreamId,
    /// The same as the directory has it; `None` when it does not know it.
    pub live_stream: Option<LiveStreamSnapshot>,
    /// How many open reports it has, whatever was filtered.
    pub open: u64,
    /// How many of each type the filter lets through, the most first; of more than [`COUNTED`], the first so
    /// many.
    pub types: Vec<(ReportType, u64)>,
    /// When the oldest of them was filed.
    pub oldest: Timestamp,
    /// When the newest of them was filed.
    pub newest: Timestamp,
    /// Those in the window of reports, in the order of the list.
    pub reports: Vec<ReportRow>,
    /// Whether others follow.
    pub more: bool,
}

/// Where a live stream stands in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupKey {
    /// How many open reports it had.
    pub open: i64,
    /// When its first report in the order of the list was filed.
    pub at: Timestamp,
    /// Tells those apart that are alike.
    pub id: LiveStreamId,
}

/// Which open reports.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GroupFilter {
    /// Of this live stream.
    pub live_stream: Option<LiveStreamId>,
    /// Of this type.
    pub report_type: Option<ReportType>,
    /// In this state, which is an open one.
    pub status: Option<ReportStatus>,
    /// Archived, or not.
    pub is_archived: bool,
}

impl Group {
    /// How many reports the filter lets through.
    pub fn count(&self) -> u64 {
        self.types.iter().map(|(_, count)| count).sum()
    }

    /// Where it stands in a list of this order.
    pub fn key(&self, order: ReportOrder) -> GroupKey {
        let at = if order == ReportOrder::Newest { self.newest } else { self.oldest };
        let open = i64::try_from(self.open).unwrap_or(i64::MAX);
        GroupKey { open, at, id: self.live_stream_id.clone() }
    }
}

/// The live streams of the window and, when there is one, the first after it; of each, the reports in the
/// window `shown`. What is counted and what is shown is of one moment.
pub async fn list(
    pool: &PgPool,
    filter: &GroupFilter,
    order: ReportOrder,
    window: &Window<GroupKey>,
    shown: &Window<ReportKey>,
) -> Result<Vec<Group>, sqlx::Error> {
    const ONE_MOMENT: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
    let mut transaction = pool.begin_with(ONE_MOMENT).await?;
    let mut statement = list_statement(filter, order, window);
    let mut groups: Vec<Group> = statement.build_query_as().fetch_all(&mut *transaction).await?;
    let reports = reports(&mut transaction, filter, order, &groups, shown).await?;
    transaction.rollback().await?;
    for report in reports {
        let id = &report.report.live_stream_id;
        if let Some(group) = groups.iter_mut().find(|group| group.live_stream_id == *id) {
            group.more = group.reports.len() >= shown.limit as usize;
            if !group.more {
                group.reports.push(report);
            }
        }
    }
    Ok(groups)
}

/// How many live streams there are; [`COUNTED`] stands for that many or more.
pub async fn count(pool: &PgPool, filter: &GroupFilter) -> Result<u64, sqlx::Error> {
    let mut sql = QueryBuilder::new("SELECT count(*) FROM (SELECT FROM ");
    push_streams(&mut sql, filter);
    sql.push(" AND EXISTS (SELECT FROM projections.reports r WHERE ");
    push_conditions(&mut sql, filter);
    sql.push(") LIMIT ").push_bind(i64::from(COUNTED)).push(") n");
    let count: i64 = sql.build_query_scalar().fetch_one(pool).await?;
    Ok(count.unsigned_abs())
}

/// What [`list`] finds the live streams with; tests look at its plan.
pub fn list_statement(
    filter: &GroupFilter,
    order: ReportOrder,
    window: &Window<GroupKey>,
) -> QueryBuilder<Postgres> {
    let mut sql = QueryBuilder::new(
        "SELECT g.live_stream_id, g.open, t.types, t.oldest, t.newest, to_jsonb(s) AS live_stream FROM (",
    );
    match (order, &window.after) {
        (ReportOrder::MostReported, Some(key)) => push_behind(&mut sql, filter, window, key),
        _ => push_run(&mut sql, filter, order, window, |sql| push_key(sql, order, window)),
    }
    sql.push(
        ") g CROSS JOIN LATERAL (
             SELECT jsonb_object_agg(type, n) AS types, min(oldest) AS oldest, max(newest) AS newest FROM (
                 SELECT type, count(*) AS n, min(created_at) AS oldest, max(created_at) AS newest FROM (
                     SELECT r.type, r.created_at FROM projections.reports r
                     CROSS JOIN (SELECT g.live_stream_id) n WHERE ",
    );
    push_conditions(&mut sql, filter);
    sql.push(by_time(order)).push(" LIMIT ").push_bind(i64::from(COUNTED));
    sql.push(
        ") counted GROUP BY type) of_type) t
         LEFT JOIN directory.live_streams s ON s.id = g.live_stream_id",
    );
    sql.push(groups_by(order, "g.open", "g.live_stream_id", "g.at"));
    sql
}

/// Live streams with as many open reports as the key's, and then those with fewer, each read from where it
/// begins: one condition for both could not start in the middle of the index.
fn push_behind(
    sql: &mut QueryBuilder<Postgres>,
    filter: &GroupFilter,
    window: &Window<GroupKey>,
    key: &GroupKey,
) {
    let order = ReportOrder::MostReported;
    sql.push("SELECT * FROM ((");
    push_run(sql, filter, order, window, |sql| {
        sql.push(" AND n.open = ").push_bind(key.open);
        sql.push(" AND n.live_stream_id > ").push_bind(key.id.to_string());
    });
    sql.push(") UNION ALL (");
    push_run(sql, filter, order, window, |sql| {
        sql.push(" AND n.open < ").push_bind(key.open);
    });
    sql.push(")) n").push(groups_by(order, "n.open", "n.live_stream_id", "n.at"));
    window.push_limit(sql);
}

fn push_run(
    sql: &mut QueryBuilder<Postgres>,
    filter: &GroupFilter,
    order: ReportOrder,
    window: &Window<GroupKey>,
    behind: impl FnOnce(&mut QueryBuilder<Postgres>),
) {
    sql.push("SELECT n.live_stream_id, n.open, e.at FROM ");
    push_streams_with(sql, filter, |sql| {
        sql.push(
            " CROSS JOIN LATERAL (SELECT r.created_at AS at FROM projections.reports r WHERE ",
        );
        push_conditions(sql, filter);
        sql.push(by_time(order)).push(" LIMIT 1) e");
    });
    behind(sql);
    sql.push(groups_by(order, "n.open", "n.live_stream_id", "e.at"));
    window.push_limit(sql);
}

fn push_key(sql: &mut QueryBuilder<Postgres>, order: ReportOrder, window: &Window<GroupKey>) {
    let Some(key) = &window.after else { return };
    let beyond = if order == ReportOrder::Newest { "<" } else { ">" };
    sql.push(format!(" AND (e.at, n.live_stream_id) {beyond} ("));
    sql.push_bind(key.at.to_utc()).push(", ").push_bind(key.id.to_string()).push(")");
}

fn push_streams(sql: &mut QueryBuilder<Postgres>, filter: &GroupFilter) {
    push_streams_with(sql, filter, |_| {});
}

/// Live streams `n` with open reports, joined with what `join` pushes, and the beginning of a condition.
/// Archived reports that are open are few: who archives has mostly decided before.
fn push_streams_with(
    sql: &mut QueryBuilder<Postgres>,
    filter: &GroupFilter,
    join: impl FnOnce(&mut QueryBuilder<Postgres>),
) {
    if filter.is_archived {
        sql.push("(SELECT r.live_stream_id, count(*) AS open FROM projections.reports r WHERE ");
        sql.push(format!("{OPEN} AND r.is_archived GROUP BY 1) n"));
    } else {
        sql.push("projections.stream_report_counts n");
    }
    join(sql);
    sql.push(" WHERE n.open > 0");
    if let Some(id) = &filter.live_stream {
        sql.push(" AND n.live_stream_id = ").push_bind(id.to_string());
    }
}

/// Which reports `r` of the live stream `n`.
fn push_conditions(sql: &mut QueryBuilder<Postgres>, filter: &GroupFilter) {
    sql.push("r.live_stream_id = n.live_stream_id AND r.is_archived = ");
    sql.push_bind(filter.is_archived).push(format!(" AND {OPEN}"));
    if let Some(status) = filter.status {
        sql.push(" AND r.status = ").push_bind(status.as_str());
    }
    if let Some(report_type) = filter.report_type {
        sql.push(" AND r.type = ").push_bind(report_type.as_str());
    }
}

fn by_time(order: ReportOrder) -> &'static str {
    match order {
        ReportOrder::Oldest | ReportOrder::MostReported => " ORDER BY r.created_at, r.id",
        ReportOrder::Newest => " ORDER BY r.created_at DESC, r.id DESC",
    }
}

fn groups_by(order: ReportOrder, open: &str, id: &str, at: &str) -> String {
    match order {
        ReportOrder::Oldest => format!(" ORDER BY {at}, {id}"),
        ReportOrder::Newest => format!(" ORDER BY {at} DESC, {id} DESC"),
        ReportOrder::MostReported => format!(" ORDER BY {open} DESC, {id}"),
    }
}

async fn reports(
    connection: &mut PgConnection,
    filter: &GroupFilter,
    order: ReportOrder,
    groups: &[Group],
    window: &Window<ReportKey>,
) -> Result<Vec<ReportRow>, sqlx::Error> {
    let ids: Vec<String> = groups.iter().map(|group| group.live_stream_id.to_string()).collect();
    let mut sql = QueryBuilder::new(format!("SELECT r.*, {DIRECTORY_COLUMNS} FROM unnest("));
    sql.push_bind(ids).push(") n (live_stream_id) CROSS JOIN LATERAL (SELECT ");
    sql.push(format!("{COLUMNS}, NULL::bigint AS open FROM projections.reports r WHERE "));
    push_conditions(&mut sql, filter);
    if let Some(key) = &window.after {
        let beyond = if order == ReportOrder::Newest { "<" } else { ">" };
        sql.push(format!(" AND (r.created_at, r.id) {beyond} ("));
        sql.push_bind(key.at.to_utc()).push(", ").push_bind(key.id.to_string()).push(")");
    }
    sql.push(by_time(order));
    window.push_limit(&mut sql);
    sql.push(") r").push(DIRECTORY_JOINS).push(by_time(order));
    sql.build_query_as().fetch_all(connection).await
}

impl FromRow<'_, PgRow> for Group {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            live_stream_id: row::id(row, "live_stream_id")?,
            live_stream: row::live_stream(row, "live_stream")?,
            open: row.try_get::<i64, _>("open")?.unsigned_abs(),
            types: types(row)?,
            oldest: row::timestamp(row.try_get("oldest")?),
            newest: row::timestamp(row.try_get("newest")?),
            reports: vec![],
            more: false,
        })
    }
}

fn types(row: &PgRow) -> Result<Vec<(ReportType, u64)>, sqlx::Error> {
    let Json(counts): Json<BTreeMap<String, u64>> = row.try_get("types")?;
    let known = ReportType::ALL.into_iter();
    let mut types: Vec<_> = known
        .filter_map(|report_type| Some((report_type, *counts.get(report_type.as_str())?)))
        .collect();
    types.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    Ok(types)
}
