//! What is counted by the hour.

use std::collections::BTreeMap;

use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use events::Timestamp;
use sqlx::PgConnection;

use crate::projections::columns::column;

/// What is added to each hour.
#[derive(Debug, Default)]
pub(super) struct Hours {
    /// (hour, metric, key) to a number of events.
    counts: BTreeMap<(DateTime<Utc>, &'static str, String), i64>,
    /// (type, hour) to the change in the number of open reports. One that comes to nothing still
    /// gets its row, so that the table does not depend on how the log is cut into pages.
    backlog: BTreeMap<(String, DateTime<Utc>), i64>,
}

impl Hours {
    /// Counts one event of `metric` and `key`.
    pub(super) fn count(&mut self, at: Timestamp, metric: &'static str, key: &str) {
        *self.counts.entry((hour(at), metric, key.to_owned())).or_default() += 1;
    }

    /// Changes the number of open reports of a type, from that hour on.
    pub(super) fn backlog(&mut self, at: Timestamp, report_type: &str, by: i64) {
        *self.backlog.entry((report_type.to_owned(), hour(at))).or_default() += by;
    }

    /// Adds to `statistics_hourly` and `backlog_hourly`.
    pub(super) async fn write(&self, connection: &mut PgConnection) -> Result<(), sqlx::Error> {
        self.write_counts(connection).await?;
        if self.backlog.is_empty() {
            return Ok(());
        }
        self.write_backlog(connection).await
    }

    async fn write_counts(&self, connection: &mut PgConnection) -> Result<(), sqlx::Error> {
        let counts: Vec<_> = self.counts.iter().collect();
        sqlx::query(
            "INSERT INTO statistics_hourly AS old (hour, metric, key, count)
             SELECT * FROM unnest($1::timestamptz[], $2::text[], $3::text[], $4::bigint[])
             ON CONFLICT (hour, metric, key) DO UPDATE SET count = old.count + excluded.count",
        )
        .bind(column(&counts, |((hour, ..), _)| *hour))
        .bind(column(&counts, |((_, metric, _), _)| *metric))
        .bind(column(&counts, |((.., key), _)| key))
        .bind(column(&counts, |(_, count)| *count))
        .execute(connection)
        .await?;
        Ok(())
    }

    /// A new hour begins with what the one before it ended with; then every hour from the change on
    /// moves with it. Events come nearly in the order of their times, so that is the last hour or
    /// two.
    async fn write_backlog(&self, connection: &mut PgConnection) -> Result<(), sqlx::Error> {
        let changes: Vec<_> = self.backlog.iter().collect();
        let types = column(&changes, |((report_type, _), _)| report_type);
        let hours = column(&changes, |((_, hour), _)| *hour);
        sqlx::query(
            "INSERT INTO backlog_hourly (type, hour, open)
             SELECT new.type, new.hour, coalesce((
                 SELECT open FROM backlog_hourly AS earlier
                 WHERE earlier.type = new.type AND earlier.hour < new.hour
                 ORDER BY earlier.hour DESC LIMIT 1), 0)
             FROM unnest($1::text[], $2::timestamptz[]) AS new (type, hour)
             ON CONFLICT (type, hour) DO NOTHING",
        )
        .bind(&types)
        .bind(&hours)
        .execute(&mut *connection)
        .await?;
        sqlx::query(
            "WITH change AS (
                 SELECT * FROM unnest($1::text[], $2::timestamptz[], $3::bigint[])
                     AS change (type, hour, by)),
             moved AS (
                 SELECT later.type, later.hour, sum(change.by)::bigint AS by
                 FROM change JOIN backlog_hourly AS later
                     ON later.type = change.type AND later.hour >= change.hour
                 GROUP BY later.type, later.hour)
             UPDATE backlog_hourly AS old SET open = old.open + moved.by
             FROM moved WHERE old.type = moved.type AND old.hour = moved.hour AND moved.by <> 0",
        )
        .bind(&types)
        .bind(&hours)
        .bind(column(&changes, |(_, by)| *by))
        .execute(connection)
        .await?;
        Ok(())
    }
}

/// The hour (UTC) that an instant lies in.
fn hour(at: Timestamp) -> DateTime<Utc> {
    let at = at.to_utc();
    at.duration_trunc(TimeDelta::hours(1)).unwrap_or(at)
}
