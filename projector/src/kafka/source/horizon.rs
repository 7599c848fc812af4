//! How far partitions have come in which nothing happens.
//!
//! A partition without records tells nothing of how far it has come. But what the relay has
//! acknowledged is in the topic; so when it has come to a position, and *then* a partition is found to
//! end at an offset, everything up to that position that is of this partition stands before that
//! offset. Who has read it that far has reached the position.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use event_log::{LogReader, Position};
use sqlx::PgPool;
use tokio::sync::watch;

use super::topic::Topic;
use crate::error::{ProjectorError, chain};
use crate::patience::{PROMPT, within};
use crate::projection::from_row;
use crate::run::Backoff;

/// After news of the log: about as long as the relay takes to pass it on. Also the least time between
/// two looks under load, so that looking costs the database and the brokers next to nothing.
const SOON: Duration = Duration::from_millis(20);

/// The longest time between two looks while the relay is behind the log.
const BEHIND: Duration = Duration::from_millis(250);

/// How long to wait for news of the log before looking all the same.
const IDLE: Duration = Duration::from_secs(5);

/// What was known of the whole topic at a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Horizon {
    /// Everything up to here stands in the topic, ...
    pub(crate) position: Position,
    /// ... before these offsets, by partition.
    pub(crate) ends: Vec<i64>,
}

/// Looks for ever, and shows what it sees.
pub(crate) async fn watch(
    pool: PgPool,
    reader: Arc<dyn LogReader>,
    topic: Topic,
    shown: watch::Sender<Option<Horizon>>,
) -> Infallible {
    let mut backoff = Backoff::default();
    loop {
        let Err(error) = look(&pool, reader.as_ref(), &topic, &shown, &mut backoff).await;
        let pause = backoff.next();
        tracing::warn!(error = chain(&error), ?pause, "the relay or the topic cannot be looked at");
        tokio::time::sleep(pause).await;
    }
}

async fn look(
    pool: &PgPool,
    reader: &dyn LogReader,
    topic: &Topic,
    shown: &watch::Sender<Option<Horizon>>,
    backoff: &mut Backoff,
) -> Result<Infallible, ProjectorError> {
    let count = topic.partitions().await?;
    let mut known = None;
    let mut pause = SOON;
    loop {
        let position = relayed(pool).await?;
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
        while !within(IDLE + PROMPT, reader.wait_past(position, IDLE)).await? {
            pause = SOON;
            if relayed(pool).await? != position {
                // The relay was set back.
                break;
            }
        }
        tokio::time::sleep(pause).await;
    }
}

/// How far the relay has come: everything up to there is in the topic, acknowledged.
pub(crate) async fn relayed(pool: &PgPool) -> Result<Position, ProjectorError> {
    let position = sqlx::query_scalar("SELECT position FROM reactors.checkpoints WHERE name = $1")
        .bind(RELAY)
        .fetch_optional(pool);
    let position: Option<i64> = within(PROMPT, position).await?;
    Ok(from_row(position.unwrap_or_default()))
}

/// The relay's name among the reactors.
const RELAY: &str = "relay";
