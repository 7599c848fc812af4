//! One projection's work on one connection: reading the log on, landing pages.

#[cfg(test)]
mod tests;

use async_trait::async_trait;
use event_log::{LogId, LogReader, Page, Position, RecordedEvent};
use sealing::MasterKeys;
use service::Progress;
use sqlx::PgConnection;

use crate::checkpoint::{self, Checkpoint};
use crate::error::ProjectorError;
use crate::land::{self, Land, PAGE};
use crate::patience::{BEHIND_A_PAGE, PROMPT, within};
use crate::projection::Projection;
use crate::schema::Schema;
use crate::tables::{Advance, Tables};

/// A projection's tables, and what their owner knows.
pub(crate) struct Session<'a> {
    schema: Schema,
    tables: Tables<'a>,
    checkpoint: Checkpoint,
    told: Option<Told<'a>>,
}

/// Who is told how far a session has come.
struct Told<'a> {
    progress: &'a Progress,
    /// How many events have landed.
    events: u64,
    /// Where it will end, as far as that is known.
    end: Position,
}

impl<'a> Session<'a> {
    /// Takes the projection over, on a connection of `schema`.
    pub(crate) async fn claim(
        schema: Schema,
        projection: &'a dyn Projection,
        mut connection: PgConnection,
        master: &MasterKeys,
    ) -> Result<Self, ProjectorError> {
        let checkpoint = checkpoint::claim(&mut connection, projection).await?;
        let tables = Tables::open(projection, connection, master).await?;
        Ok(Self { schema, tables, checkpoint, told: None })
    }

    /// Tells how far it comes from now on.
    pub(crate) fn told(self, progress: &'a Progress) -> Self {
        Self { told: Some(Told { progress, events: 0, end: Position::START }), ..self }
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
        if let Some(told) = &mut self.told {
            told.end = match until {
                Some(until) => until,
                None => within(PROMPT, reader.head()).await?,
            };
        }
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
        self.tables.connection()
    }

    /// The connection, when the work is done.
    pub(crate) fn into_connection(self) -> PgConnection {
        self.tables.into_connection()
    }
}

impl Told<'_> {
    fn landed(&mut self, events: usize, Position(position): Position) {
        self.events += events as u64;
        let end = self.end.0.max(position);
        self.progress.tell(service::Step {
            events: self.events,
            position,
            end: Some(end),
            part: None,
        });
    }
}

/// A step of the checkpoint, not taken yet.
struct Step<'a> {
    schema: Schema,
    projection: &'a dyn Projection,
    from: Checkpoint,
    to: Position,
    /// The log, where it is read from its beginning.
    log_id: Option<LogId>,
}

#[async_trait]
impl Advance for Step<'_> {
    async fn advance(&self, connection: &mut PgConnection) -> Result<(), ProjectorError> {
        let to = (self.to, self.log_id.as_ref());
        checkpoint::advance(connection, self.schema, self.projection, self.from, to).await
    }
}

#[async_trait]
impl Land for Session<'_> {
    type Event = RecordedEvent;

    async fn land(
        &mut self,
        events: &[RecordedEvent],
        poison: Option<&ProjectorError>,
    ) -> Result<(), ProjectorError> {
        let (Some(first), Some(last)) = (events.first(), events.last()) else { return Ok(()) };
        let (schema, projection, from) = (self.schema, self.tables.projection(), self.checkpoint);
        let log_id = (from.position == Position::START).then(|| LogId::of(first));
        let step = Step { schema, projection, from, to: last.position, log_id };
        self.tables.land(events, poison, &step).await?;
        self.checkpoint.position = last.position;
        if let Some(told) = &mut self.told {
            told.landed(events.len(), last.position);
        }
        Ok(())
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
