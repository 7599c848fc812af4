//! Bans, and how many there are. What `create_ban` decided becomes a row here.

mod fold;
mod rows;

use async_trait::async_trait;
use events::ban::BanEvent;
use events::{Event, PersonalField};
use sqlx::PgConnection;

use crate::error::ApplyError;
use crate::projection::{LoggedEvent, Projection};

/// Keeps `bans` and `ban_counts`.
#[derive(Debug, Clone, Copy)]
pub struct Bans;

#[async_trait]
impl Projection for Bans {
    fn name(&self) -> &'static str {
        "bans"
    }

    fn version(&self) -> i32 {
        1
    }

    fn tables(&self) -> &'static [&'static str] {
        &["bans", "ban_counts"]
    }

    fn shows(&self, event: &Event) -> &'static [PersonalField] {
        match event {
            Event::Ban(BanEvent::Created(_)) => &[PersonalField::Reason],
            Event::Ban(BanEvent::Revoked(_)) | Event::Report(_) => &[],
        }
    }

    async fn apply(
        &self,
        connection: &mut PgConnection,
        events: &[LoggedEvent],
    ) -> Result<(), ApplyError> {
        let events: Vec<_> = events
            .iter()
            .filter_map(|logged| match &logged.event {
                Event::Ban(event) => Some((logged, event)),
                Event::Report(_) => None,
            })
            .collect();
        if events.is_empty() {
            return Ok(());
        }
        let known = rows::load(connection, &fold::revoked_ids(&events)).await?;
        let folded = fold::fold(known, &events)?;
        rows::insert(connection, &folded.created()).await?;
        rows::update(connection, &folded.changed()).await?;
        rows::count(connection, &folded.counts).await?;
        Ok(())
    }
}
