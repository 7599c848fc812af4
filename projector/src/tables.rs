//! A projection's tables on one connection: a run of events lands in them in one transaction, whoever
//! hands it over.

use std::borrow::Borrow;
use std::collections::HashSet;
use std::time::Duration;

use async_trait::async_trait;
use event_log::{RecordedEvent, StreamName};
use sealing::MasterKeys;
use sqlx::{Connection, PgConnection};

use crate::error::{ApplyError, ProjectorError};
use crate::patience::within;
use crate::projection::Projection;
use crate::{opening, page, parked};

/// No run of events takes longer than this to land while the database answers.
const LANDING_TIMEOUT: Duration = Duration::from_mins(2);

/// How far the tables have come, being moved on.
#[async_trait]
pub(crate) trait Advance: Sync {
    /// Moves it on, or fails when it is no longer the caller's to move.
    ///
    /// First of all in a transaction: who has lost the projection then touches none of its rows, and
    /// nobody who holds rows waits for this.
    async fn advance(&self, connection: &mut PgConnection) -> Result<(), ProjectorError>;
}

/// A projection's tables, and what is parked of its events.
pub(crate) struct Tables<'a> {
    projection: &'a dyn Projection,
    connection: PgConnection,
    master: MasterKeys,
    parked: HashSet<StreamName>,
}

impl<'a> Tables<'a> {
    /// On a connection to where the tables stand. To be opened by whoever holds the present fence:
    /// what is parked changes only together with it.
    pub(crate) async fn open(
        projection: &'a dyn Projection,
        mut connection: PgConnection,
        master: &MasterKeys,
    ) -> Result<Self, ProjectorError> {
        let parked = parked::streams(&mut connection, projection).await?;
        Ok(Self { projection, connection, master: master.clone(), parked })
    }

    /// The projection.
    pub(crate) fn projection(&self) -> &'a dyn Projection {
        self.projection
    }

    /// The connection, for what is no run of events.
    pub(crate) fn connection(&mut self) -> &mut PgConnection {
        &mut self.connection
    }

    /// The connection, when the work is done.
    pub(crate) fn into_connection(self) -> PgConnection {
        self.connection
    }

    /// Reads anew what is parked, since others may have worked on the same tables.
    pub(crate) async fn reload(&mut self) -> Result<(), ProjectorError> {
        self.parked = parked::streams(&mut self.connection, self.projection).await?;
        Ok(())
    }

    /// Lands `events` together with the step that `progress` makes; given a `poison`, the one event
    /// there is is put aside for that reason.
    pub(crate) async fn land<E: Borrow<RecordedEvent> + Sync>(
        &mut self,
        events: &[E],
        poison: Option<&ProjectorError>,
        progress: &dyn Advance,
    ) -> Result<(), ProjectorError> {
        within(LANDING_TIMEOUT, self.land_in_time(events, poison, progress)).await
    }

    async fn land_in_time<E: Borrow<RecordedEvent> + Sync>(
        &mut self,
        events: &[E],
        poison: Option<&ProjectorError>,
        progress: &dyn Advance,
    ) -> Result<(), ProjectorError> {
        let mut run = page::read(events);
        let mut transaction = self.connection.begin().await?;
        progress.advance(&mut transaction).await?;
        opening::open(&mut transaction, &self.master, self.projection, &mut run).await?;
        let sorted = page::sort(run, &self.parked, poison);
        if !sorted.apply.is_empty() {
            self.projection.apply(&mut transaction, &sorted.apply).await?;
        }
        parked::park(&mut transaction, self.projection, &sorted.park).await?;
        // Deferred constraints speak here.
        transaction.commit().await.map_err(ApplyError::from)?;
        self.parked.extend(sorted.park.iter().map(|(event, _)| event.stream.clone()));
        Ok(())
    }
}
