//! Where in the log events stand, by whom and what they concern.

use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use event_log::Position;
use events::{LiveStreamId, UserId};
use sqlx::{PgPool, Postgres, QueryBuilder};

/// Rows that one statement looks at, where what is asked for is not an index's own order: so none takes
/// long, however few it finds.
const LOOK: usize = 10_000;

/// Which events.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Of this type.
    pub event_type: Option<&'static str>,
    /// Of this live stream.
    pub live_stream: Option<LiveStreamId>,
    /// About this user: of a ban on them, or of a report by them.
    pub user: Option<UserId>,
    /// Caused by this user.
    pub actor: Option<UserId>,
    /// About this user, caused by them, or of a report of a live stream of theirs.
    pub involving: Option<UserId>,
    /// That occurred at this instant or later.
    pub from: Option<DateTime<Utc>>,
    /// That occurred before this instant.
    pub before: Option<DateTime<Utc>>,
}

/// What one look at the index has found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Looked {
    /// Where events stand that the filter lets through, in log order.
    pub found: Vec<Position>,
    /// How far it looked; `None` for to the end.
    pub until: Option<Position>,
}

/// After and until which positions the events lie that occurred in the filter's time, none of them
/// beyond `head`.
pub async fn between(
    pool: &PgPool,
    filter: &Filter,
    head: Position,
) -> Result<(Position, Position), sqlx::Error> {
    if filter.from.is_none() && filter.before.is_none() {
        return Ok((Position::START, head));
    }
    let hour = |at: DateTime<Utc>| at.duration_trunc(TimeDelta::hours(1)).unwrap_or(at);
    let (first, last): (Option<i64>, Option<i64>) = sqlx::query_as(
        "SELECT min(first), max(last) FROM projections.history_hours
         WHERE ($1 IS NULL OR hour >= $1) AND ($2 IS NULL OR hour < $2)",
    )
    .bind(filter.from.map(hour))
    .bind(filter.before)
    .fetch_one(pool)
    .await?;
    let position = |at: Option<i64>| at.map_or(Position::START, |at| Position(at.unsigned_abs()));
    Ok((Position(position(first).0.saturating_sub(1)), position(last)))
}

/// Whether an event is at `position`.
pub async fn holds(pool: &PgPool, position: Position) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar("SELECT EXISTS (SELECT FROM projections.history WHERE position = $1)")
        .bind(row(position))
        .fetch_one(pool)
        .await
}

/// Looks for up to `wanted` events, or more, behind `after`.
pub async fn look(
    pool: &PgPool,
    filter: &Filter,
    after: Position,
    until: Position,
    wanted: usize,
) -> Result<Looked, sqlx::Error> {
    let limit = if filter.is_an_order() { wanted } else { LOOK };
    let (found, last, count): (Vec<i64>, Option<i64>, i64) =
        look_statement(filter, after, until, limit).build_query_as().fetch_one(pool).await?;
    let position = |position: i64| Position(position.unsigned_abs());
    let full = count.unsigned_abs() >= limit as u64;
    Ok(Looked {
        found: found.into_iter().map(position).collect(),
        until: last.filter(|_| full).map(position),
    })
}

/// What [`look`] runs; tests look at its plan.
///
/// Inside, the index of one criterion leads through the rows in log order, so many of them as may be
/// looked at; outside, the other criteria choose. Which index that is, is written here and not left to
/// guesses about how criteria go together.
pub fn look_statement(
    filter: &Filter,
    after: Position,
    until: Position,
    limit: usize,
) -> QueryBuilder<Postgres> {
    let mut sql = QueryBuilder::new(
        "SELECT coalesce(array_agg(position ORDER BY position) FILTER (WHERE true",
    );
    push_rest(&mut sql, filter);
    sql.push("), '{}'), max(position), count(*) FROM (");
    for (nth, (column, value)) in filter.leads().into_iter().enumerate() {
        sql.push(if nth == 0 { "SELECT * FROM (" } else { " UNION SELECT * FROM (" });
        sql.push("SELECT position, event_type, live_stream_id, user_id, actor_id, occurred_at");
        sql.push(" FROM projections.history WHERE position > ").push_bind(row(after));
        sql.push(" AND position <= ").push_bind(row(until));
        if let Some(value) = value {
            sql.push(format!(" AND {column} = ")).push_bind(value.to_owned());
        }
        sql.push(" ORDER BY position LIMIT ").push_bind(count(limit)).push(") led");
    }
    sql.push(" ORDER BY position LIMIT ").push_bind(count(limit)).push(") looked");
    sql
}

fn push_rest(sql: &mut QueryBuilder<Postgres>, filter: &Filter) {
    for (column, value) in filter.criteria().into_iter().skip(1) {
        sql.push(format!(" AND {column} = ")).push_bind(value.to_owned());
    }
    if let Some(from) = filter.from {
        sql.push(" AND occurred_at >= ").push_bind(from);
    }
    if let Some(before) = filter.before {
        sql.push(" AND occurred_at < ").push_bind(before);
    }
}

impl Filter {
    /// Columns and the values that they must have, the ones that let least through first.
    fn criteria(&self) -> Vec<(&'static str, &str)> {
        let user = self.user.as_ref().map(|user| ("user_id", user.as_str()));
        let live_stream = self.live_stream.as_ref().map(|id| ("live_stream_id", id.as_str()));
        let actor = self.actor.as_ref().map(|actor| ("actor_id", actor.as_str()));
        let event_type = self.event_type.map(|name| ("event_type", name));
        [user, live_stream, actor, event_type].into_iter().flatten().collect()
    }

    /// The indexes that lead through the rows: one, unless a user may be in any of three columns.
    fn leads(&self) -> Vec<(&'static str, Option<&str>)> {
        match (&self.involving, self.criteria().first()) {
            (Some(user), _) => ["user_id", "actor_id", "creator_id"]
                .map(|column| (column, Some(user.as_str())))
                .to_vec(),
            (None, Some((column, value))) => vec![(*column, Some(*value))],
            (None, None) => vec![("position", None)],
        }
    }

    /// Whether all that an index leads through is let through.
    fn is_an_order(&self) -> bool {
        self.criteria().len() <= 1 && self.from.is_none() && self.before.is_none()
    }
}

fn row(position: Position) -> i64 {
    i64::try_from(position.0).unwrap_or(i64::MAX)
}

fn count(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}
