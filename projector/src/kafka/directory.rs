//! `platform.users.v1` and `platform.live-streams.v1`, taken into the directory (contract §7, §8).
//!
//! The members of one consumer group share the partitions. Up to 500 records become rows in one
//! transaction, in which the offsets move as well; which record of a partition is next is said by
//! `inbound.offsets` alone. So it does not matter where a member is cut off, nor whether the database was
//! restored from a backup: whoever has the partition next goes on where the rows end. What Kafka's own
//! tools show as the group's offsets is committed after the rows, for people only.
//!
//! A member that was declared dead and does not know it moves no offset from where it is not any more, and
//! with the offset its rows are rolled back.
//!
//! # What removes what
//!
//! A tombstone counts as a snapshot of the record's time: an older one changes nothing, and after it no
//! older snapshot brings back what it removed. A user is marked as deleted, as by `deleted: true`; a live
//! stream that is not over has ended. Both rows stay, since bans and reports refer to them. What was
//! never known stays unknown.
//!
//! A record that cannot be read, or whose rows the database refuses, goes to `inbound.parked` with its
//! place and the reason, and those behind it are taken in all the same.

mod batch;
mod consumer;
mod land;
mod offsets;
mod record;
mod session;
mod steps;
mod watch;

use std::convert::Infallible;

use tokio_util::task::TaskTracker;

use super::client::{Topic, ensure_topic};
use super::config::{KafkaConfig, LIVE_STREAMS, USERS};
use crate::error::{ProjectorError, chain};
use crate::run::{Backoff, Projector};
use consumer::Consumer;
use session::Session;
pub(super) use watch::watch;

/// What the two topics are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Kind {
    Users,
    LiveStreams,
}

/// Where records are: of which topic, and in which of its partitions.
type Partition = (Kind, i32);

impl Kind {
    const ALL: [Self; 2] = [Self::Users, Self::LiveStreams];

    /// The topic's name without the prefix.
    fn topic(self) -> &'static str {
        match self {
            Self::Users => USERS,
            Self::LiveStreams => LIVE_STREAMS,
        }
    }

    fn of_topic(kafka: &KafkaConfig, topic: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kafka.topic(kind.topic()) == topic)
    }
}

/// Takes records in for ever, through every outage. `leaving` is told of consumers that still take leave
/// of the group.
pub(super) async fn keep(
    projector: Projector,
    kafka: KafkaConfig,
    leaving: TaskTracker,
) -> Infallible {
    let mut backoff = Backoff::default();
    loop {
        let Err(error) = take_in(&projector, &kafka, &leaving, &mut backoff).await;
        let pause = backoff.next();
        if let ProjectorError::OffsetsMoved = error {
            tracing::info!("the directory's offsets were moved, and are read anew");
        } else {
            tracing::warn!(error = chain(&error), ?pause, "the directory's topics are not read");
        }
        tokio::time::sleep(pause).await;
    }
}

async fn take_in(
    projector: &Projector,
    kafka: &KafkaConfig,
    leaving: &TaskTracker,
    backoff: &mut Backoff,
) -> Result<Infallible, ProjectorError> {
    for kind in Kind::ALL {
        // Each is a table, whose last row of a key is all that anybody needs.
        let settings = &[("cleanup.policy", "compact")];
        ensure_topic(kafka, Topic { name: kind.topic(), settings }).await?;
    }
    let consumer = Consumer::join(kafka, leaving.clone())?;
    Session::new(&projector.pool, kafka, consumer).run(backoff).await
}
