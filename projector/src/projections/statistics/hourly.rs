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

    /// Changes the number of open reports of a type in that hour.
    pub(super) fn backlog(&mut self, at: Timestamp, report_type: &str, by: i64) {
        *self.backlog.entry((report_type.to_owned(), hour(at))).or_default() += by;
    }

    /// Adds to `statistics_hourly` and `backlog_changes`.
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

    async fn write_backlog(&self, connection: &mut PgConnection) -> Result<(), sqlx::Error> {
        let changes: Vec<_> = self.backlog.iter().collect();
        sqlx::query(
            "INSERT INTO backlog_changes AS old (type, hour, change)
             SELECT * FROM unnest($1::text[], $2::timestamptz[], $3::bigint[])
             ON CONFLICT (type, hour) DO UPDATE SET change = old.change + excluded.change",
        )
        .bind(column(&changes, |((report_type, _), _)| report_type))
        .bind(column(&changes, |((_, hour), _)| *hour))
        .bind(column(&changes, |(_, change)| *change))
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
