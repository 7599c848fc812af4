//! What happened in each hour, by how much the work left to do changed, and how long decisions took.

mod decisions;
mod fold;
mod hourly;

use async_trait::async_trait;
use sqlx::PgConnection;

use crate::error::ApplyError;
use crate::projection::{LoggedEvent, Projection};

/// Keeps `statistics_hourly`, `backlog_changes` and `decisions`.
#[derive(Debug, Clone, Copy)]
pub struct Statistics;

#[async_trait]
impl Projection for Statistics {
    fn name(&self) -> &'static str {
        "statistics"
    }

    fn version(&self) -> i32 {
        2
    }

    fn tables(&self) -> &'static [&'static str] {
        &["statistics_hourly", "backlog_changes", "decisions"]
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
