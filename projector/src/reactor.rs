//! What acts on the world after events: at least once, in order, and never again for a rebuild.
//!
//! A [`Reactor`] is another type than a projection, so that nothing that replays the log can be handed
//! one by mistake. Its checkpoint moves after it has acted: whoever is cut off between the two acts on
//! the same events again.
//!
//! To add a reactor: implement [`Reactor`], and start it where the relay is started, in `kafka/run.rs`.

pub(crate) mod checkpoint;

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use event_log::{LogId, LogReader, Page, Position, RecordedEvent};
use sqlx::PgConnection;

use crate::error::{ProjectorError, chain};
use crate::patience::{BEHIND_A_PAGE, PROMPT, within};
use crate::run::{Backoff, IDLE, Projector, STAND_BY};
use checkpoint::Claim;
pub(crate) use checkpoint::{position, standing};

/// The most events that it is handed at once, and so the most that it acts on twice after a kill.
pub(crate) const BATCH: u32 = 1_000;

/// Longer than any reactor takes for a batch while the world answers.
const REACTION: Duration = Duration::from_mins(1);

/// Acts on the world after events.
#[async_trait]
pub trait Reactor: Send + Sync + 'static {
    /// Its name in `reactors.checkpoints`.
    fn name(&self) -> &'static str;

    /// Gets ready, whenever it takes over and after every failure.
    async fn begin(&self) -> Result<(), ReactError>;

    /// Acts on the events, in order. What is not certain to have been done is an error, and the same
    /// events come again.
    async fn react(&self, events: &[RecordedEvent]) -> Result<(), ReactError>;
}

/// Why the world could not be acted on.
pub type ReactError = Box<dyn std::error::Error + Send + Sync>;

/// Keeps the reactor at work for ever, through every outage. Of many processes that do this one is at
/// work and the others stand by.
pub(crate) async fn keep(projector: Projector, reactor: Arc<dyn Reactor>) -> Infallible {
    let name = reactor.name();
    let active = metrics::gauge!("docket_reactor_active", "reactor" => name);
    let mut backoff = Backoff::default();
    loop {
        active.set(0.0);
        let held = hold(&projector, reactor.as_ref(), &active, &mut backoff).await;
        let Err(error) = held;
        active.set(0.0);
        let pause = backoff.next();
        tracing::warn!(reactor = name, error = chain(&error), ?pause, "reactor stopped");
        tokio::time::sleep(pause).await;
    }
}

async fn hold(
    projector: &Projector,
    reactor: &dyn Reactor,
    active: &metrics::Gauge,
    backoff: &mut Backoff,
) -> Result<Infallible, ProjectorError> {
    let (name, reader) = (reactor.name(), projector.reader.as_ref());
    let mut connection = stand_by(projector, name).await?;
    let log_id = within(BEHIND_A_PAGE, LogId::read(reader)).await?;
    let mut claim =
        within(PROMPT, checkpoint::claim(&mut connection, name, log_id.as_ref())).await?;
    let began = async { reactor.begin().await.map_err(|e| ProjectorError::React(name, e)) };
    within(REACTION, began).await?;
    active.set(1.0);
    tracing::info!(reactor = name, position = %claim.position, "reactor at work");
    loop {
        let before = claim.position;
        let caught_up = catch_up(reader, reactor, &mut connection, &mut claim).await;
        // Batches that were done before it failed count: each failure is then the first of its kind.
        if caught_up.is_ok() || claim.position > before {
            backoff.reset();
        }
        caught_up?;
        if !within(IDLE + PROMPT, reader.wait_past(claim.position, IDLE)).await? {
            within(PROMPT, sqlx::Connection::ping(&mut connection)).await?;
        }
    }
}

/// A connection that holds the reactor's lock, as soon as no other one does.
pub(crate) async fn stand_by(
    projector: &Projector,
    name: &str,
) -> Result<PgConnection, ProjectorError> {
    let mut connection = checkpoint::connect(&projector.pool, name).await?;
    while !within(PROMPT, checkpoint::try_lock(&mut connection, name)).await? {
        tokio::time::sleep(STAND_BY).await;
    }
    Ok(connection)
}

/// Has the reactor act on everything to the end of the log. The next batch is read meanwhile.
async fn catch_up(
    reader: &dyn LogReader,
    reactor: &dyn Reactor,
    connection: &mut PgConnection,
    claim: &mut Claim,
) -> Result<(), ProjectorError> {
    let read = |after: Position| within(BEHIND_A_PAGE, reader.read_all(after, BATCH));
    let mut page: Page = read(claim.position).await?;
    loop {
        let Some(last) = page.events.last().map(|event| event.position) else { return Ok(()) };
        let react = within(REACTION, async {
            reactor
                .react(&page.events)
                .await
                .map_err(|error| ProjectorError::React(reactor.name(), error))
        });
        if page.caught_up {
            react.await?;
            return within(PROMPT, claim.advance(connection, reactor.name(), &page.events, last))
                .await;
        }
        let (reacted, next) = tokio::join!(react, read(last));
        reacted?;
        within(PROMPT, claim.advance(connection, reactor.name(), &page.events, last)).await?;
        page = next?;
    }
}
