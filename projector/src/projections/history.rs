//! Every event, to be found by whom and what it concerns.

mod fold;
mod hours;
mod rows;

use async_trait::async_trait;
use sqlx::PgConnection;

use crate::error::ApplyError;
use crate::projection::{LoggedEvent, Projection};

/// Keeps `history` and `history_hours`.
#[derive(Debug, Clone, Copy)]
pub struct History;

#[async_trait]
impl Projection for History {
    fn name(&self) -> &'static str {
        "history"
    }

    fn version(&self) -> i32 {
        1
    }

    fn tables(&self) -> &'static [&'static str] {
        &["history", "history_hours"]
    }

    async fn apply(
        &self,
        connection: &mut PgConnection,
        events: &[LoggedEvent],
    ) -> Result<(), ApplyError> {
        if events.is_empty() {
            return Ok(());
        }
        let known = rows::load(connection, &fold::continued_ids(events)).await?;
        rows::insert(connection, &fold::fold(known, events)).await?;
        hours::write(connection, events).await?;
        Ok(())
    }
}
