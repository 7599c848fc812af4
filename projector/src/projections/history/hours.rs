//! Where in the log the events of an hour lie.

use std::collections::BTreeMap;

use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use sqlx::PgConnection;

use crate::projection::LoggedEvent;
use crate::projections::columns::column;

/// Widens `history_hours` by `events`.
pub(super) async fn write(
    connection: &mut PgConnection,
    events: &[LoggedEvent],
) -> Result<(), sqlx::Error> {
    let hours = hours(events);
    let hours: Vec<_> = hours.iter().collect();
    sqlx::query(
        "INSERT INTO history_hours AS old (hour, first, last)
         SELECT * FROM unnest($1::timestamptz[], $2::bigint[], $3::bigint[])
         ON CONFLICT (hour) DO UPDATE
         SET first = least(old.first, excluded.first), last = greatest(old.last, excluded.last)",
    )
    .bind(column(&hours, |(hour, _)| *hour))
    .bind(column(&hours, |(_, (first, _))| *first))
    .bind(column(&hours, |(_, (_, last))| *last))
    .execute(connection)
    .await?;
    Ok(())
}

/// The least and the greatest position of each hour (UTC).
fn hours(events: &[LoggedEvent]) -> BTreeMap<DateTime<Utc>, (i64, i64)> {
    let mut hours = BTreeMap::new();
    for logged in events {
        let at = logged.occurred_at().to_utc();
        let hour = at.duration_trunc(TimeDelta::hours(1)).unwrap_or(at);
        let position = logged.row_position();
        let (first, last) = hours.entry(hour).or_insert((position, position));
        *first = position.min(*first);
        *last = position.max(*last);
    }
    hours
}
