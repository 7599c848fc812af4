//! Reports.

use std::net::IpAddr;

use events::report::{Report, ReportStatus, ReportType};
use events::{
    Description, LiveStreamId, LiveStreamSnapshot, Notes, Platform, ReportId, StreamStatus, UserId,
    UserSnapshot,
};
use sqlx::postgres::PgRow;
use sqlx::{FromRow, PgPool, Postgres, QueryBuilder, Row};

use super::row;
use super::window::{COUNTED, ReportKey, StreamKey, Window};

/// The columns of a report, without the directory's.
pub(super) const COLUMNS: &str = "r.id, r.reporter_id, r.live_stream_id, r.stream_creator_id, \
     r.stream_title, r.stream_status_at_report, r.type, r.description, r.status, r.reviewed_by, \
     r.admin_notes, r.resolved_at, r.is_archived, r.user_agent, r.ip_address, r.platform, \
     r.created_at, r.updated_at";

pub(super) const DIRECTORY_COLUMNS: &str = "to_jsonb(u) AS reporter, to_jsonb(c) AS creator, to_jsonb(v) AS reviewer, \
     to_jsonb(s) AS live_stream";

pub(super) const DIRECTORY_JOINS: &str = " LEFT JOIN directory.users u ON u.id = r.reporter_id \
     LEFT JOIN directory.users c ON c.id = r.stream_creator_id \
     LEFT JOIN directory.users v ON v.id = r.reviewed_by \
     LEFT JOIN directory.live_streams s ON s.id = r.live_stream_id";

/// A report, and those in it as the directory has them; `None` where it does not know them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportRow {
    /// The report.
    pub report: Report,
    /// Who filed it.
    pub reporter: Option<UserSnapshot>,
    /// Who ran the live stream.
    pub creator: Option<UserSnapshot>,
    /// Who reviewed it last.
    pub reviewer: Option<UserSnapshot>,
    /// What is reported.
    pub live_stream: Option<LiveStreamSnapshot>,
    /// How many reports of its live stream are open; only in the order of the most reported.
    open: Option<i64>,
}

impl ReportRow {
    /// Where it stands in a list.
    pub fn key(&self) -> ReportKey {
        let stream = |open| StreamKey { open, id: self.report.live_stream_id.clone() };
        let Report { created_at, id, .. } = self.report;
        ReportKey { at: created_at, id, stream: self.open.map(stream) }
    }
}

/// Which reports.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReportFilter {
    /// Filed by this user.
    pub reporter: Option<UserId>,
    /// Of this live stream.
    pub live_stream: Option<LiveStreamId>,
    /// In this state.
    pub status: Option<ReportStatus>,
    /// Of this type.
    pub report_type: Option<ReportType>,
    /// Archived, or not.
    pub is_archived: Option<bool>,
}

/// The order of reports.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ReportOrder {
    /// By when they were filed.
    #[default]
    Oldest,
    /// The other way round.
    Newest,
    /// Those of the live stream with the most open reports first; of one live stream, oldest first.
    MostReported,
}

impl ReportOrder {
    /// Every one.
    pub const ALL: [Self; 3] = [Self::Oldest, Self::Newest, Self::MostReported];

    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Oldest => "oldest",
            Self::Newest => "newest",
            Self::MostReported => "most_reported",
        }
    }

    fn sql(self) -> &'static str {
        match self {
            Self::Oldest => " ORDER BY r.created_at, r.id",
            Self::Newest => " ORDER BY r.created_at DESC, r.id DESC",
            Self::MostReported => " ORDER BY r.open DESC, r.live_stream_id, r.created_at, r.id",
        }
    }
}

/// The reports of the window and, when there is one, the first after it.
pub async fn list(
    pool: &PgPool,
    filter: &ReportFilter,
    order: ReportOrder,
    window: &Window<ReportKey>,
) -> Result<Vec<ReportRow>, sqlx::Error> {
    list_statement(filter, order, window).build_query_as().fetch_all(pool).await
}

/// What [`list`] runs; tests look at its plan.
pub fn list_statement(
    filter: &ReportFilter,
    order: ReportOrder,
    window: &Window<ReportKey>,
) -> QueryBuilder<Postgres> {
    let mut sql = QueryBuilder::new(format!("SELECT r.*, {DIRECTORY_COLUMNS} FROM ("));
    match order {
        ReportOrder::Oldest | ReportOrder::Newest => push_page(&mut sql, filter, order, window),
        ReportOrder::MostReported => push_most_reported(&mut sql, filter, window),
    }
    sql.push(") r").push(DIRECTORY_JOINS).push(order.sql());
    sql
}

fn push_page(
    sql: &mut QueryBuilder<Postgres>,
    filter: &ReportFilter,
    order: ReportOrder,
    window: &Window<ReportKey>,
) {
    sql.push(format!("SELECT {COLUMNS}, NULL::bigint AS open FROM projections.reports r WHERE "));
    push_conditions(sql, filter);
    if let Some(key) = &window.after {
        let beyond = if order == ReportOrder::Newest { "<" } else { ">" };
        sql.push(format!(" AND (r.created_at, r.id) {beyond} ("));
        push_key(sql, key);
    }
    sql.push(order.sql());
    window.push_limit(sql);
}

fn push_key(sql: &mut QueryBuilder<Postgres>, key: &ReportKey) {
    sql.push_bind(key.at.to_utc()).push(", ").push_bind(key.id.to_string()).push(")");
}

/// Live streams are read in their order, and of each no more reports than the page can show. Behind a
/// key there are two runs of live streams, each read from where it begins: those with as many open
/// reports, and those with fewer. One condition for both could not start in the middle of the index.
fn push_most_reported(
    sql: &mut QueryBuilder<Postgres>,
    filter: &ReportFilter,
    window: &Window<ReportKey>,
) {
    let Some((key, stream)) =
        window.after.as_ref().and_then(|key| Some((key, key.stream.as_ref()?)))
    else {
        return push_run(sql, filter, window, |_| {}, |_| {});
    };
    sql.push("SELECT r.* FROM ((");
    let same = |sql: &mut QueryBuilder<Postgres>| {
        sql.push(" AND n.open = ").push_bind(stream.open);
        sql.push(" AND n.live_stream_id >= ").push_bind(stream.id.to_string());
    };
    let behind = |sql: &mut QueryBuilder<Postgres>| {
        sql.push(" AND (n.live_stream_id > ").push_bind(stream.id.to_string());
        sql.push(" OR (r.created_at, r.id) > (");
        push_key(sql, key);
        sql.push(")");
    };
    let fewer = |sql: &mut QueryBuilder<Postgres>| {
        sql.push(" AND n.open < ").push_bind(stream.open);
    };
    push_run(sql, filter, window, same, behind);
    sql.push(") UNION ALL (");
    push_run(sql, filter, window, fewer, |_| {});
    sql.push(")) r").push(ReportOrder::MostReported.sql());
    window.push_limit(sql);
}

fn push_run(
    sql: &mut QueryBuilder<Postgres>,
    filter: &ReportFilter,
    window: &Window<ReportKey>,
    streams: impl FnOnce(&mut QueryBuilder<Postgres>),
    reports: impl FnOnce(&mut QueryBuilder<Postgres>),
) {
    sql.push("SELECT r.* FROM projections.stream_report_counts n CROSS JOIN LATERAL (SELECT ");
    sql.push(format!("{COLUMNS}, n.open FROM projections.reports r WHERE "));
    push_conditions(sql, filter);
    sql.push(" AND r.live_stream_id = n.live_stream_id");
    reports(sql);
    sql.push(" ORDER BY r.created_at, r.id LIMIT ").push_bind(i64::from(window.reach()));
    sql.push(") r WHERE true");
    streams(sql);
    // Who asks for open reports need not be led through all live streams that have none.
    let open = matches!(filter.status, Some(ReportStatus::Pending | ReportStatus::UnderReview));
    if open && filter.is_archived == Some(false) {
        sql.push(" AND n.open > 0");
    }
    // The columns of the counts, so that their index gives the order.
    sql.push(" ORDER BY n.open DESC, n.live_stream_id, r.created_at, r.id");
    window.push_limit(sql);
}

/// How many there are. Exact where the projector counts along, which it does by status, type and
/// archive; otherwise [`COUNTED`] stands for that many or more.
pub async fn count(pool: &PgPool, filter: &ReportFilter) -> Result<u64, sqlx::Error> {
    let ReportFilter { reporter, live_stream, status, report_type, is_archived } = filter;
    if reporter.is_none() && live_stream.is_none() {
        let count: i64 = sqlx::query_scalar(
            "SELECT coalesce(sum(reports), 0)::bigint FROM projections.report_counts
             WHERE ($1 IS NULL OR status = $1) AND ($2 IS NULL OR type = $2)
                 AND ($3 IS NULL OR is_archived = $3)",
        )
        .bind(status.map(ReportStatus::as_str))
        .bind(report_type.map(ReportType::as_str))
        .bind(is_archived)
        .fetch_one(pool)
        .await?;
        return Ok(count.unsigned_abs());
    }
    let mut sql =
        QueryBuilder::new("SELECT count(*) FROM (SELECT FROM projections.reports r WHERE ");
    push_conditions(&mut sql, filter);
    sql.push(" LIMIT ").push_bind(i64::from(COUNTED)).push(") r");
    let count: i64 = sql.build_query_scalar().fetch_one(pool).await?;
    Ok(count.unsigned_abs())
}

fn push_conditions(sql: &mut QueryBuilder<Postgres>, filter: &ReportFilter) {
    sql.push("true");
    if let Some(archived) = filter.is_archived {
        sql.push(" AND r.is_archived = ").push_bind(archived);
    }
    if let Some(reporter) = &filter.reporter {
        sql.push(" AND r.reporter_id = ").push_bind(reporter.to_string());
    }
    if let Some(live_stream) = &filter.live_stream {
        sql.push(" AND r.live_stream_id = ").push_bind(live_stream.to_string());
    }
    if let Some(status) = filter.status {
        sql.push(" AND r.status = ").push_bind(status.as_str());
    }
    if let Some(report_type) = filter.report_type {
        sql.push(" AND r.type = ").push_bind(report_type.as_str());
    }
}

/// The report `id`.
pub async fn by_id(pool: &PgPool, id: ReportId) -> Result<Option<ReportRow>, sqlx::Error> {
    let mut sql = QueryBuilder::new(format!(
        "SELECT {COLUMNS}, NULL::bigint AS open, {DIRECTORY_COLUMNS} \
         FROM projections.reports r{DIRECTORY_JOINS} WHERE r.id = "
    ));
    sql.push_bind(id.to_string()).build_query_as().fetch_optional(pool).await
}

/// Those of the reports that there are, in no order.
pub async fn of_ids(pool: &PgPool, ids: &[ReportId]) -> Result<Vec<ReportRow>, sqlx::Error> {
    let mut sql = QueryBuilder::new(format!(
        "SELECT {COLUMNS}, NULL::bigint AS open, {DIRECTORY_COLUMNS} \
         FROM projections.reports r{DIRECTORY_JOINS} WHERE r.id = ANY("
    ));
    let ids: Vec<String> = ids.iter().map(ReportId::to_string).collect();
    sql.push_bind(ids).push(")").build_query_as().fetch_all(pool).await
}

impl FromRow<'_, PgRow> for ReportRow {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            report: report(row)?,
            reporter: row::user(row, "reporter")?,
            creator: row::user(row, "creator")?,
            reviewer: row::user(row, "reviewer")?,
            live_stream: row::live_stream(row, "live_stream")?,
            open: row.try_get("open")?,
        })
    }
}

fn report(row: &PgRow) -> Result<Report, sqlx::Error> {
    let description: Option<&str> = row.try_get("description")?;
    let description = description.map(Description::parse).transpose();
    let notes: Option<&str> = row.try_get("admin_notes")?;
    let notes = notes.map(Notes::parse).transpose();
    let ip: Option<&str> = row.try_get("ip_address")?;
    let ip: Result<Option<IpAddr>, _> = ip.map(str::parse).transpose();
    let platform: Option<&str> = row.try_get("platform")?;
    // The table holds what answers show.
    let shown = |text| Platform::ALL.into_iter().find(|platform| platform.shown() == text);
    let status_at =
        row::name(row, "stream_status_at_report", &StreamStatus::ALL, StreamStatus::as_str)?;
    Ok(Report {
        id: row::id(row, "id")?,
        reporter_id: row::optional_id(row, "reporter_id")?,
        live_stream_id: row::id(row, "live_stream_id")?,
        stream_creator_id: row::id(row, "stream_creator_id")?,
        stream_title: row.try_get("stream_title")?,
        stream_status_at_report: status_at,
        report_type: row::name(row, "type", &ReportType::ALL, ReportType::as_str)?,
        description: description.map_err(|error| row::misfit("description", error))?.flatten(),
        status: row::name(row, "status", &ReportStatus::ALL, ReportStatus::as_str)?,
        reviewed_by: row::optional_id(row, "reviewed_by")?,
        admin_notes: notes.map_err(|error| row::misfit("admin_notes", error))?.flatten(),
        resolved_at: row.try_get::<Option<_>, _>("resolved_at")?.map(row::timestamp),
        is_archived: row.try_get("is_archived")?,
        user_agent: row.try_get("user_agent")?,
        client_ip: ip.map_err(|error| row::misfit("ip_address", error))?,
        platform: platform.and_then(shown),
        created_at: row::timestamp(row.try_get("created_at")?),
        updated_at: row::timestamp(row.try_get("updated_at")?),
    })
}
