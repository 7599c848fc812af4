//! How far partitions have come in which nothing happens.
//!
//! A partition without records tells nothing of how far it has come. But what the relay has
//! acknowledged is in the topic; so when it has come to a position, and *then* a partition is found to
//! end at an offset, everything up to that position that is of this partition stands before that
//! offset. Who has read it that far has reached the position.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use event_log::{LogId, LogReader, Position};
use sqlx::PgPool;
use tokio::sync::{OnceCell, watch};

use super::topic::Topic;
use crate::error::{ProjectorError, chain};
use crate::kafka::relay::Relay;
use crate::patience::{BEHIND_A_PAGE, PROMPT, within};
use crate::reactor;
use crate::run::{Backoff, IDLE};

/// After news of the log: about as long as the relay takes to pass it on. Also the least time between
/// two looks under load, so that looking costs the database and the brokers next to nothing.
const SOON: Duration = Duration::from_millis(20);

/// The longest time between two looks while the relay is behind the log.
const BEHIND: Duration = Duration::from_millis(250);

/// What was known of the whole topic at a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Horizon {
    /// Everything up to here stands in the topic, ...
    pub(super) position: Position,
    /// ... before these offsets, by partition.
    pub(super) ends: Vec<i64>,
}

/// Looks for ever, and shows what it sees.
pub(super) async fn watch(
    relayed: Relayed,
    topic: Topic,
    shown: watch::Sender<Option<Horizon>>,
) -> Infallible {
    let mut backoff = Backoff::default();
    loop {
        let Err(error) = look(&relayed, &topic, &shown, &mut backoff).await;
        let pause = backoff.next();
        tracing::warn!(error = chain(&error), ?pause, "the relay or the topic cannot be looked at");
        tokio::time::sleep(pause).await;
    }
}

async fn look(
    relayed: &Relayed,
    topic: &Topic,
    shown: &watch::Sender<Option<Horizon>>,
    backoff: &mut Backoff,
) -> Result<Infallible, ProjectorError> {
    let count = topic.partitions().await?;
    let mut known = None;
    let mut pause = SOON;
    loop {
        let position = relayed.position().await?;
        if known == Some(position) {
            pause = (pause * 2).min(BEHIND);
        } else {
            // In this order: records that the relay has had acknowledged are counted in.
            let ends = topic.ends(count).await?;
            shown.send_replace(Some(Horizon { position, ends }));
            known = Some(position);
            pause = SOON;
        }
        backoff.reset();
        let news = relayed.reader.wait_past(position, IDLE);
        if !within(IDLE + PROMPT, news).await? {
            pause = SOON;
        }
        tokio::time::sleep(pause).await;
    }
}

/// Asks how far the relay has come. Clones share what they know of the log.
#[derive(Clone)]
pub(super) struct Relayed {
    pool: PgPool,
    reader: Arc<dyn LogReader>,
    log: Arc<OnceCell<LogId>>,
}

impl Relayed {
    pub(super) fn new(pool: PgPool, reader: Arc<dyn LogReader>) -> Self {
        Self { pool, reader, log: Arc::default() }
    }

    /// The log, once it is known.
    pub(super) fn log_id(&self) -> Option<&LogId> {
        self.log.get()
    }

    /// Everything up to there is in the topic, acknowledged. A relay that was at work on another log has
    /// come to no position of this one.
    pub(super) async fn position(&self) -> Result<Position, ProjectorError> {
        let other = || ProjectorError::OtherLog(Relay::NAME);
        let standing = within(PROMPT, reactor::standing(&self.pool, Relay::NAME)).await?;
        let Some((position, relayed)) = standing.filter(|(at, _)| *at > Position::START) else {
            return Ok(Position::START);
        };
        let read = || async {
            let log = within(BEHIND_A_PAGE, LogId::read(self.reader.as_ref())).await?;
            log.ok_or_else(other)
        };
        let log = self.log.get_or_try_init(read).await?;
        if relayed.as_deref() == Some(log.as_str()) { Ok(position) } else { Err(other()) }
    }
}
