//! Bans.

pub mod expiring;
pub mod of_report;

use chrono::{DateTime, Utc};
use events::ban::{ActionType, Ban, Lifted, RevokeCause};
use events::{BanId, LiveStreamId, LiveStreamSnapshot, Reason, Timestamp, UserId, UserSnapshot};
use sqlx::postgres::PgRow;
use sqlx::{FromRow, PgPool, Postgres, QueryBuilder, Row};

use super::row;
use super::window::{BanKey, COUNTED, ExpiryKey, Window};

/// The columns of a ban, without the directory's.
const COLUMNS: &str = "b.id, b.live_stream_id, b.target_user_id, b.action_type, b.reason, \
     b.created_by, b.created_at, b.expires_at, b.report_id, b.revoked_at, b.revoked_by, \
     b.revoke_cause";

/// A ban, and its user as the directory has them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BanRow {
    /// As it was created.
    pub ban: Ban,
    /// How it ended; `None` while no event says that it did.
    pub lifted: Option<Lifted>,
    /// Whom it is on; `None` when the directory does not know them.
    pub target: Option<UserSnapshot>,
}

impl BanRow {
    /// Where it stands in a list.
    pub fn key(&self) -> BanKey {
        BanKey { at: self.ban.created_at, id: self.ban.id }
    }

    /// Where it stands among those that end soon; one that never ends by itself stands where it began.
    pub fn expiry_key(&self) -> ExpiryKey {
        let Ban { id, created_at, expires_at, .. } = self.ban;
        let live_stream = self.ban.live_stream_id.clone();
        ExpiryKey { at: expires_at.unwrap_or(created_at), live_stream, id }
    }
}

/// Which bans.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BanFilter {
    /// Of the live streams that this user creates or moderates.
    pub run_by: Option<UserId>,
    /// Of this live stream.
    pub live_stream: Option<LiveStreamId>,
    /// On one of these users.
    pub targets: Option<Vec<UserId>>,
    /// Of this type.
    pub action_type: Option<ActionType>,
    /// Created at this instant or later.
    pub from: Option<Timestamp>,
    /// Created before this instant.
    pub before: Option<Timestamp>,
    /// In this state.
    pub status: BanStatus,
}

/// The state of a ban, by the events and the clock.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum BanStatus {
    /// In force.
    #[default]
    Active,
    /// Ended by somebody, or by the ban that took its place.
    Revoked,
    /// Ended because its time ran out.
    Expired,
    /// Any.
    All,
    /// In force at the moment of the question, whatever became of it since.
    Then,
}

impl BanStatus {
    /// Every one that a list of bans can be asked for.
    pub const ALL: [Self; 4] = [Self::Active, Self::Revoked, Self::Expired, Self::All];

    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Revoked => "revoked",
            Self::Expired => "expired",
            Self::All => "all",
            Self::Then => "then",
        }
    }
}

/// The bans of the window and, when there is one, the first after it; newest first.
pub async fn list(
    pool: &PgPool,
    filter: &BanFilter,
    window: &Window<BanKey>,
    now: Timestamp,
) -> Result<Vec<BanRow>, sqlx::Error> {
    list_statement(filter, window, now).build_query_as().fetch_all(pool).await
}

/// What [`list`] runs; tests look at its plan.
pub fn list_statement(
    filter: &BanFilter,
    window: &Window<BanKey>,
    now: Timestamp,
) -> QueryBuilder<Postgres> {
    let mut sql = QueryBuilder::new(format!("SELECT {COLUMNS}, to_jsonb(u) AS target FROM ("));
    match &filter.run_by {
        None => push_page(&mut sql, filter, window, now),
        Some(user) => {
            // The newest of each of the user's live streams, then the newest of those: an index scan each,
            // where one condition over all of them would have to sort everything.
            sql.push("SELECT b.* FROM directory.live_streams s CROSS JOIN LATERAL (");
            let reach =
                Window { limit: window.reach() - 1, offset: 0, after: window.after.clone() };
            push_page(&mut sql, filter, &reach, now);
            sql.push(") b WHERE ");
            push_runs(&mut sql, user);
            sql.push(" ORDER BY b.created_at DESC, b.id DESC");
            window.push_limit(&mut sql);
        }
    }
    sql.push(
        ") b LEFT JOIN directory.users u ON u.id = b.target_user_id \
         ORDER BY b.created_at DESC, b.id DESC",
    );
    sql
}

fn push_page(
    sql: &mut QueryBuilder<Postgres>,
    filter: &BanFilter,
    window: &Window<BanKey>,
    now: Timestamp,
) {
    sql.push(format!("SELECT {COLUMNS} FROM projections.bans b WHERE "));
    push_conditions(sql, filter, now);
    if filter.run_by.is_some() {
        sql.push(" AND b.live_stream_id = s.id");
    }
    if let Some(key) = &window.after {
        sql.push(" AND (b.created_at, b.id) < (").push_bind(key.at.to_utc());
        sql.push(", ").push_bind(key.id.to_string()).push(")");
    }
    sql.push(" ORDER BY b.created_at DESC, b.id DESC");
    window.push_limit(sql);
}

/// How many there are. Exact where the projector counts along, which it does in all and per live
/// stream; otherwise [`COUNTED`] stands for that many or more.
pub async fn count(pool: &PgPool, filter: &BanFilter, now: Timestamp) -> Result<u64, sqlx::Error> {
    let BanFilter { run_by, live_stream, targets, action_type, from, before, status } = filter;
    let counted = *status != BanStatus::Then;
    if counted && run_by.is_none() && targets.is_none() && from.is_none() && before.is_none() {
        return counted_along(pool, live_stream.as_ref(), *action_type, *status, now).await;
    }
    let mut sql = QueryBuilder::new("SELECT count(*) FROM (SELECT FROM projections.bans b WHERE ");
    push_conditions(&mut sql, filter, now);
    if let Some(user) = &filter.run_by {
        sql.push(" AND b.live_stream_id IN (SELECT s.id FROM directory.live_streams s WHERE ");
        push_runs(&mut sql, user);
        sql.push(")");
    }
    sql.push(" LIMIT ").push_bind(i64::from(COUNTED)).push(") b");
    let count: i64 = sql.build_query_scalar().fetch_one(pool).await?;
    Ok(count.unsigned_abs())
}

async fn counted_along(
    pool: &PgPool,
    live_stream: Option<&LiveStreamId>,
    action_type: Option<ActionType>,
    status: BanStatus,
    now: Timestamp,
) -> Result<u64, sqlx::Error> {
    // Bans whose time has run out and whose event is still to come count as unrevoked. They are few,
    // unless nothing appends such events; for that case they are bounded.
    let (counted, overdue): (&[&str], i64) = match status {
        BanStatus::Active => (&["unrevoked"], -1),
        BanStatus::Revoked => (&["manual", "superseded"], 0),
        BanStatus::Expired => (&["expired"], 1),
        BanStatus::All | BanStatus::Then => (&["unrevoked", "manual", "superseded", "expired"], 0),
    };
    let count: i64 = sqlx::query_scalar(
        "SELECT coalesce((SELECT sum(bans) FROM projections.ban_counts
             WHERE live_stream_id = coalesce($1, '') AND state = ANY($2)
                 AND ($3 IS NULL OR action_type = $3)), 0)::bigint
             + $4 * (SELECT count(*) FROM (SELECT FROM projections.bans
                 WHERE $4 <> 0 AND revoked_at IS NULL AND expires_at <= $5
                     AND ($1 IS NULL OR live_stream_id = $1) AND ($3 IS NULL OR action_type = $3)
                 LIMIT $6) overdue)",
    )
    .bind(live_stream.map(LiveStreamId::as_str))
    .bind(counted)
    .bind(action_type.map(ActionType::as_str))
    .bind(overdue)
    .bind(now.to_utc())
    .bind(i64::from(COUNTED))
    .fetch_one(pool)
    .await?;
    Ok(count.max(0).unsigned_abs())
}

fn push_runs(sql: &mut QueryBuilder<Postgres>, user: &UserId) {
    sql.push("(s.creator_id = ").push_bind(user.to_string());
    sql.push(" OR s.moderator_ids @> ARRAY[").push_bind(user.to_string()).push("])");
}

fn push_conditions(sql: &mut QueryBuilder<Postgres>, filter: &BanFilter, now: Timestamp) {
    match filter.status {
        BanStatus::Active => {
            sql.push("b.revoked_at IS NULL AND (b.expires_at IS NULL OR b.expires_at > ");
            sql.push_bind(now.to_utc()).push(")");
        }
        BanStatus::Revoked => {
            sql.push("b.revoke_cause IN ('manual', 'superseded')");
        }
        // Its event may be still to come.
        BanStatus::Expired => {
            sql.push("(b.revoke_cause IS NULL OR b.revoke_cause = 'expired') AND b.expires_at <= ");
            sql.push_bind(now.to_utc());
        }
        BanStatus::All => {
            sql.push("true");
        }
        BanStatus::Then => {
            let at = now.to_utc();
            sql.push("b.created_at <= ").push_bind(at);
            sql.push(" AND (b.revoked_at IS NULL OR b.revoked_at > ").push_bind(at);
            sql.push(") AND (b.expires_at IS NULL OR b.expires_at > ").push_bind(at).push(")");
        }
    }
    if let Some(live_stream) = &filter.live_stream {
        sql.push(" AND b.live_stream_id = ").push_bind(live_stream.to_string());
    }
    match filter.targets.as_deref() {
        None => {}
        Some([one]) => {
            sql.push(" AND b.target_user_id = ").push_bind(one.to_string());
        }
        Some(several) => {
            let ids: Vec<_> = several.iter().map(UserId::to_string).collect();
            sql.push(" AND b.target_user_id = ANY(").push_bind(ids).push(")");
        }
    }
    if let Some(action_type) = filter.action_type {
        sql.push(" AND b.action_type = ").push_bind(action_type.as_str());
    }
    if let Some(from) = filter.from {
        sql.push(" AND b.created_at >= ").push_bind(from.to_utc());
    }
    if let Some(before) = filter.before {
        sql.push(" AND b.created_at < ").push_bind(before.to_utc());
    }
}

/// The ban `id`, and its live stream when the directory knows it.
pub async fn by_id(
    pool: &PgPool,
    id: BanId,
) -> Result<Option<(BanRow, Option<LiveStreamSnapshot>)>, sqlx::Error> {
    let statement = format!(
        "SELECT {COLUMNS}, to_jsonb(u) AS target, to_jsonb(s) AS live_stream
         FROM projections.bans b
         LEFT JOIN directory.users u ON u.id = b.target_user_id
         LEFT JOIN directory.live_streams s ON s.id = b.live_stream_id
         WHERE b.id = "
    );
    let mut sql = QueryBuilder::new(statement);
    let found = sql.push_bind(id.to_string()).build().fetch_optional(pool).await?;
    let with_stream =
        |row: PgRow| Ok((BanRow::from_row(&row)?, row::live_stream(&row, "live_stream")?));
    found.map(with_stream).transpose()
}

/// A user on a live stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OnStream {
    /// The live stream, when the directory knows it.
    pub live_stream: Option<LiveStreamSnapshot>,
    /// The user, when the directory knows them.
    pub user: Option<UserSnapshot>,
    /// The ban that keeps the user from it.
    pub ban: Option<BanRow>,
}

/// How `user` stands on `live_stream` at `now`.
pub async fn on_stream(
    pool: &PgPool,
    live_stream: &LiveStreamId,
    user: &UserId,
    now: Timestamp,
) -> Result<OnStream, sqlx::Error> {
    let filter = BanFilter {
        live_stream: Some(live_stream.clone()),
        targets: Some(vec![user.clone()]),
        ..BanFilter::default()
    };
    let mut sql = QueryBuilder::new(format!(
        "SELECT {COLUMNS}, to_jsonb(u) AS target, to_jsonb(s) AS live_stream FROM (SELECT) one
         LEFT JOIN directory.live_streams s ON s.id = "
    ));
    sql.push_bind(live_stream.to_string());
    sql.push(" LEFT JOIN directory.users u ON u.id = ").push_bind(user.to_string());
    sql.push(" LEFT JOIN LATERAL (");
    push_page(&mut sql, &filter, &Window { limit: 0, offset: 0, after: None }, now);
    let row = sql.push(") b ON true").build().fetch_one(pool).await?;
    let banned = row.try_get::<Option<&str>, _>("id")?.is_some();
    Ok(OnStream {
        live_stream: row::live_stream(&row, "live_stream")?,
        user: row::user(&row, "target")?,
        ban: if banned { Some(BanRow::from_row(&row)?) } else { None },
    })
}

impl FromRow<'_, PgRow> for BanRow {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        let reason: Option<&str> = row.try_get("reason")?;
        let reason = reason.map(Reason::parse).transpose();
        let ban = Ban {
            id: row::id(row, "id")?,
            live_stream_id: row::id(row, "live_stream_id")?,
            target_user_id: row::id(row, "target_user_id")?,
            action_type: row::name(row, "action_type", &ActionType::ALL, ActionType::as_str)?,
            reason: reason.map_err(|error| row::misfit("reason", error))?.flatten(),
            created_by: row::optional_id(row, "created_by")?,
            created_at: row::timestamp(row.try_get("created_at")?),
            expires_at: row.try_get::<Option<_>, _>("expires_at")?.map(row::timestamp),
            report_id: row::optional_id(row, "report_id")?,
        };
        Ok(Self { ban, lifted: lifted(row)?, target: row::user(row, "target")? })
    }
}

fn lifted(row: &PgRow) -> Result<Option<Lifted>, sqlx::Error> {
    const CAUSES: [RevokeCause; 3] =
        [RevokeCause::Manual, RevokeCause::Expired, RevokeCause::Superseded];
    let at: Option<DateTime<Utc>> = row.try_get("revoked_at")?;
    let Some(at) = at else { return Ok(None) };
    Ok(Some(Lifted {
        cause: row::name(row, "revoke_cause", &CAUSES, RevokeCause::as_str)?,
        by: row::optional_id(row, "revoked_by")?,
        at: at.into(),
    }))
}
