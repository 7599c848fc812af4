//! One projection's work on one connection: reading the log on, landing pages.

#[cfg(test)]
mod tests;

use std::collections::HashSet;
use std::time::Duration;

use async_trait::async_trait;
use event_log::{LogReader, Page, Position, RecordedEvent, StreamName};
use sqlx::{Connection, PgConnection};

use crate::checkpoint::{self, Checkpoint};
use crate::error::{ApplyError, ProjectorError};
use crate::land::{self, Land, PAGE};
use crate::patience::{BEHIND_A_PAGE, within};
use crate::projection::Projection;
use crate::schema::Schema;
use crate::{page, parked};

/// No page takes longer than this while the database answers.
const LANDING_TIMEOUT: Duration = Duration::from_mins(2);

/// A projection, its connection, and what its owner knows.
pub(crate) struct Session<'a> {
    schema: Schema,
    projection: &'a dyn Projection,
    connection: PgConnection,
    checkpoint: Checkpoint,
    parked: HashSet<StreamName>,
}

impl<'a> Session<'a> {
    /// Takes the projection over, on a connection of `schema`.
    pub(crate) async fn claim(
        schema: Schema,
        projection: &'a dyn Projection,
        mut connection: PgConnection,
    ) -> Result<Self, ProjectorError> {
        let checkpoint = checkpoint::claim(&mut connection, projection).await?;
        // What is parked changes only together with the fence.
        let parked = parked::streams(&mut connection, projection).await?;
        Ok(Self { schema, projection, connection, checkpoint, parked })
    }

    /// The last event whose rows are in the tables.
    pub(crate) fn position(&self) -> Position {
        self.checkpoint.position
    }

    /// Lands what the log holds, up to and including `until` or else to its end. The next page is
    /// read while one lands.
    pub(crate) async fn catch_up(
        &mut self,
        reader: &dyn LogReader,
        until: Option<Position>,
    ) -> Result<(), ProjectorError> {
        let read = |after| within(BEHIND_A_PAGE, reader.read_all(after, PAGE.into()));
        let mut page = read(self.position()).await?;
        loop {
            let last = cut(&mut page, until);
            let Some(last) = last else {
                return land::in_parts(self, &page.events).await;
            };
            let (landed, next) = tokio::join!(land::in_parts(self, &page.events), read(last));
            landed?;
            page = next?;
        }
    }

    /// The connection, for what is no page.
    pub(crate) fn connection(&mut self) -> &mut PgConnection {
        &mut self.connection
    }

    async fn land_in_time(
        &mut self,
        events: &[RecordedEvent],
        poison: Option<&ProjectorError>,
    ) -> Result<(), ProjectorError> {
        let Some(last) = events.last() else { return Ok(()) };
        let sorted = page::sort(events, &self.parked, poison);
        let mut transaction = self.connection.begin().await?;
        let checkpoint = checkpoint::advance(
            &mut transaction,
            self.schema,
            self.projection,
            self.checkpoint,
            last.position,
        )
        .await?;
        if !sorted.apply.is_empty() {
            self.projection.apply(&mut transaction, &sorted.apply).await?;
        }
        parked::park(&mut transaction, self.projection, &sorted.park).await?;
        // Deferred constraints speak here.
        transaction.commit().await.map_err(ApplyError::from)?;
        self.checkpoint = checkpoint;
        self.parked.extend(sorted.park.iter().map(|(event, _)| event.stream.clone()));
        Ok(())
    }
}

#[async_trait]
impl Land for Session<'_> {
    async fn land(
        &mut self,
        events: &[RecordedEvent],
        poison: Option<&ProjectorError>,
    ) -> Result<(), ProjectorError> {
        within(LANDING_TIMEOUT, self.land_in_time(events, poison)).await
    }
}

/// Leaves out what lies beyond `until`. The position to read on from, unless there is nothing to
/// read.
fn cut(page: &mut Page, until: Option<Position>) -> Option<Position> {
    if let Some(until) = until {
        let wanted = page.events.partition_point(|event| event.position <= until);
        page.caught_up |= wanted < page.events.len();
        page.events.truncate(wanted);
    }
    let last = page.events.last().map(|event| event.position)?;
    let ended = page.caught_up || until.is_some_and(|until| last >= until);
    (!ended).then_some(last)
}
