//! Bans that end soon by themselves.

use events::{Timestamp, UserId};
use sqlx::{PgPool, Postgres, QueryBuilder};

use super::{BanRow, COLUMNS, push_runs};
use crate::read::window::{ExpiryKey, Window};

const ORDER: &str = " ORDER BY b.expires_at, b.live_stream_id, b.id";

/// Which bans.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expiring {
    /// Of the live streams that this user creates or moderates.
    pub run_by: Option<UserId>,
    /// That end after this instant.
    pub now: Timestamp,
    /// And at this one at the latest.
    pub until: Timestamp,
}

/// The bans of the window and, when there is one, the first after it; those that end first first.
pub async fn list(
    pool: &PgPool,
    expiring: &Expiring,
    window: &Window<ExpiryKey>,
) -> Result<Vec<BanRow>, sqlx::Error> {
    statement(expiring, window).build_query_as().fetch_all(pool).await
}

/// What [`list`] runs; tests look at its plan.
pub fn statement(expiring: &Expiring, window: &Window<ExpiryKey>) -> QueryBuilder<Postgres> {
    let mut sql = QueryBuilder::new(format!("SELECT {COLUMNS}, to_jsonb(u) AS target FROM ("));
    match &expiring.run_by {
        None => push_page(&mut sql, expiring, window),
        Some(user) => {
            // The first of each of the user's live streams, then the first of those, as for the list by
            // time.
            sql.push("SELECT b.* FROM directory.live_streams s CROSS JOIN LATERAL (");
            let reach =
                Window { limit: window.reach() - 1, offset: 0, after: window.after.clone() };
            push_page(&mut sql, expiring, &reach);
            sql.push(") b WHERE ");
            push_runs(&mut sql, user);
            sql.push(ORDER);
            window.push_limit(&mut sql);
        }
    }
    sql.push(") b LEFT JOIN directory.users u ON u.id = b.target_user_id").push(ORDER);
    sql
}

fn push_page(sql: &mut QueryBuilder<Postgres>, expiring: &Expiring, window: &Window<ExpiryKey>) {
    sql.push(format!("SELECT {COLUMNS} FROM projections.bans b WHERE b.revoked_at IS NULL"));
    sql.push(" AND b.expires_at > ").push_bind(expiring.now.to_utc());
    sql.push(" AND b.expires_at <= ").push_bind(expiring.until.to_utc());
    if expiring.run_by.is_some() {
        sql.push(" AND b.live_stream_id = s.id");
    }
    if let Some(key) = &window.after {
        sql.push(" AND (b.expires_at, b.live_stream_id, b.id) > (").push_bind(key.at.to_utc());
        sql.push(", ").push_bind(key.live_stream.to_string());
        sql.push(", ").push_bind(key.id.to_string()).push(")");
    }
    sql.push(ORDER);
    window.push_limit(sql);
}
