//! Taking parked events in after all.

use std::collections::HashSet;

use async_trait::async_trait;
use event_log::{LogReader, RecordedEvent, StreamName};
use sealing::MasterKeys;
use sqlx::{Connection, PgConnection, PgPool};

use crate::error::{ApplyError, ProjectorError};
use crate::land::{self, Land};
use crate::patience::{BEHIND_A_PAGE, PROMPT, within};
use crate::projection::Projection;
use crate::schema::Schema;
use crate::{checkpoint, opening, page, parked};

/// What became of a projection's parked events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retried {
    /// The projection.
    pub projection: &'static str,
    /// How many are in the tables now.
    pub applied: usize,
    /// How many are parked still.
    pub left: usize,
}

/// Tries the parked events of `projection` again, in order: after a repair, or with a program that
/// knows more. May run beside a projector at work.
pub async fn retry_parked(
    pool: &PgPool,
    reader: &dyn LogReader,
    master: &MasterKeys,
    projection: &dyn Projection,
) -> Result<Retried, ProjectorError> {
    let connection = Schema::Live.connect(pool, projection).await?;
    let mut retry = Retry { projection, connection, master, stuck: HashSet::new(), applied: 0 };
    let mut applied = 0;
    loop {
        let events = retry.parked_events(reader).await?;
        land::in_parts(&mut retry, &events).await?;
        let left = events.len() - retry.applied;
        applied += retry.applied;
        // The projector may have parked more while we were at it, behind what is healed now.
        if retry.applied == 0 {
            return Ok(Retried { projection: projection.name(), applied, left });
        }
    }
}

struct Retry<'a> {
    projection: &'a dyn Projection,
    connection: PgConnection,
    master: &'a MasterKeys,
    /// The streams that have failed again.
    stuck: HashSet<StreamName>,
    /// How many events went in since they were last read.
    applied: usize,
}

impl Retry<'_> {
    /// The parked events as the log holds them, in log order.
    async fn parked_events(
        &mut self,
        reader: &dyn LogReader,
    ) -> Result<Vec<RecordedEvent>, ProjectorError> {
        self.stuck.clear();
        self.applied = 0;
        let positions =
            within(PROMPT, parked::positions(&mut self.connection, self.projection)).await?;
        let streams =
            within(PROMPT, parked::streams(&mut self.connection, self.projection)).await?;
        let streams: Vec<StreamName> = streams.into_iter().collect();
        let histories = within(BEHIND_A_PAGE, reader.read_streams(&streams)).await?;
        let mut events: Vec<RecordedEvent> = histories
            .into_iter()
            .flatten()
            .filter(|event| positions.binary_search(&event.position).is_ok())
            .collect();
        events.sort_by_key(|event| event.position);
        Ok(events)
    }
}

impl Retry<'_> {
    async fn land_in_time(
        &mut self,
        events: &[RecordedEvent],
        poison: Option<&ProjectorError>,
    ) -> Result<(), ProjectorError> {
        let mut run = page::read(events);
        let mut transaction = self.connection.begin().await?;
        // The projector at work loses its claim, and learns what is parked when it takes it again.
        checkpoint::claim(&mut transaction, self.projection).await?;
        opening::open(&mut transaction, self.master, self.projection, &mut run).await?;
        let sorted = page::sort(run, &self.stuck, poison);
        self.projection.apply(&mut transaction, &sorted.apply).await?;
        let applied: Vec<_> = sorted.apply.iter().map(|event| event.position).collect();
        parked::unpark(&mut transaction, self.projection, &applied).await?;
        parked::park(&mut transaction, self.projection, &sorted.park).await?;
        transaction.commit().await.map_err(ApplyError::from)?;
        self.applied += applied.len();
        self.stuck.extend(sorted.park.iter().map(|(event, _)| event.stream.clone()));
        Ok(())
    }
}

#[async_trait]
impl Land for Retry<'_> {
    type Event = RecordedEvent;

    async fn land(
        &mut self,
        events: &[RecordedEvent],
        poison: Option<&ProjectorError>,
    ) -> Result<(), ProjectorError> {
        within(BEHIND_A_PAGE, self.land_in_time(events, poison)).await
    }
}
