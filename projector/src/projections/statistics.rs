//! What happened in each hour, what was left to do at its end, and how long decisions took.

mod decisions;
mod fold;
mod hourly;

use async_trait::async_trait;
use sqlx::PgConnection;

use crate::error::ApplyError;
use crate::projection::{LoggedEvent, Projection};

/// Keeps `statistics_hourly`, `backlog_hourly` and `decisions`.
#[derive(Debug, Clone, Copy)]
pub struct Statistics;

#[async_trait]
impl Projection for Statistics {
    fn name(&self) -> &'static str {
        "statistics"
    }

    fn version(&self) -> i32 {
        1
    }

    fn tables(&self) -> &'static [&'static str] {
        &["statistics_hourly", "backlog_hourly", "decisions"]
    }

    async fn apply(
        &self,
        connection: &mut PgConnection,
        events: &[LoggedEvent],
    ) -> Result<(), ApplyError> {
        if events.is_empty() {
            return Ok(());
        }
        let known = decisions::load(connection, &fold::report_ids(events)).await?;
        let folded = fold::fold(known, events)?;
        decisions::write(connection, &folded.reports()).await?;
        folded.hours.write(connection).await?;
        Ok(())
    }
}
