//! What can go wrong, and whether an event is to blame.

use std::error::Error;

use event_log::tree::{BrokenTree, EntryError, ProofError};
use event_log::{LogError, Position};
use sealing::KeyError;

use crate::kafka::ClientError;
use crate::projections;
use crate::reactor::ReactError;
use crate::tree::ANOTHER_LOG;

/// Why events could not be turned into rows.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    /// The database refused, or did not answer.
    #[error("the database failed")]
    Database(#[from] sqlx::Error),
    /// The event cannot follow what the tables hold.
    #[error("{0}")]
    Contradiction(String),
}

/// Why the projector could not do its work.
#[derive(Debug, thiserror::Error)]
pub enum ProjectorError {
    /// Events could not be turned into rows.
    #[error("events could not be applied")]
    Apply(#[from] ApplyError),
    /// The database refused, or did not answer.
    #[error("the database failed")]
    Database(#[from] sqlx::Error),
    /// The database took longer than any statement of ours may.
    #[error("the database did not answer in time")]
    TimedOut,
    /// The log could not be read.
    #[error("the log could not be read")]
    Log(#[from] LogError),
    /// A person's key is there and cannot be used. That is no event's fault: nothing is parked, and no
    /// text is taken for erased.
    #[error("personal texts cannot be opened")]
    Keys(#[source] KeyError),
    /// Somebody else has taken the checkpoint over, or moved it.
    #[error("projection {0} is in other hands")]
    Fenced(&'static str),
    /// The tables were made by a newer program, which this one must not write to.
    #[error("projection {name} has version {stored}, this program knows version {known}")]
    Outdated {
        /// The projection.
        name: &'static str,
        /// The version of its tables.
        stored: i32,
        /// The version of the code.
        known: i32,
    },
    /// Somebody else rebuilds or verifies the same projection.
    #[error("another process is at work on {schema}.{name}")]
    Busy {
        /// Where.
        schema: &'static str,
        /// On what.
        name: &'static str,
    },
    /// There was no moment at which all partitions stood at the same position.
    #[error(
        "the partitions that feed {0} do not stand at one position: try again when less is going on"
    )]
    Uneven(&'static str),
    /// The tables that were to be verified were made anew again and again.
    #[error("the tables of {0} are made anew all the time: try again when that is done")]
    Unsettled(&'static str),
    /// A table has no primary key, so its rows have no order.
    #[error("table {0} has no primary key")]
    NoKey(String),
    /// The topic that is to be read is not there yet.
    #[error("there is no topic {0} yet")]
    NoTopic(String),
    /// The topic has other partitions than the tables were made from: which events a partition holds
    /// has changed, and their order with it.
    #[error(
        "{name} was made from {made} partitions and the topic has {found}: stop every projector, run \
         one with PROJECTOR_SOURCE=log until it has caught up, then go on"
    )]
    Repartitioned {
        /// The projection.
        name: &'static str,
        /// How many partitions fed it so far.
        made: usize,
        /// How many there are.
        found: usize,
    },
    /// A reactor could not act on the world.
    #[error("reactor {0} could not act")]
    React(&'static str, #[source] ReactError),
    /// The checkpoint is a position of another log than the one that is read.
    #[error(
        "the checkpoint of {0} is of another event log: to act on all of this one, delete its row in \
         reactors.checkpoints"
    )]
    OtherLog(&'static str),
    /// Kafka could not be used.
    #[error(transparent)]
    Kafka(#[from] ClientError),
    /// Offsets of the directory's topics are not where this process left them: another member of the
    /// group has moved them, or the database was restored.
    #[error("the offsets of the directory's topics are not where they were left")]
    OffsetsMoved,
    /// An event cannot be a leaf of the tree.
    #[error("the event at {0} cannot be in the tree over the log, which ends before it")]
    Entry(Position, #[source] EntryError),
    /// The tree is of another log than the one that is read, and checkpoints of it were signed.
    #[error("the tree is of another event log: {ANOTHER_LOG}")]
    OtherTree,
    /// The log ends before the tree that was made of it: it was cut, or restored from a backup.
    #[error(
        "the event log ends at {head}, and the tree over it, which tells what is missing, at {position}: \
         {ANOTHER_LOG}"
    )]
    TreeAhead {
        /// Where the log ends.
        head: Position,
        /// Where the tree ends.
        position: Position,
    },
    /// The tree's tables are not what they were left as.
    #[error(
        "the tree over the log is damaged: delete its row in reactors.checkpoints to make it anew"
    )]
    BrokenTree(#[from] BrokenTree),
    /// The same, seen when something was computed from it.
    #[error(
        "the tree over the log is damaged: delete its row in reactors.checkpoints to make it anew"
    )]
    Tree(#[from] ProofError),
    /// A checkpoint could not be signed.
    #[error("a checkpoint could not be signed")]
    Sign(#[source] signed_note::NoteError),
    /// There is no such projection.
    #[error("there is no projection {0:?}, only {known}", known = projections::names().join(", "))]
    Unknown(String),
}

impl ProjectorError {
    /// Whether the events are to blame, and not the database or the log: trying again will not
    /// help.
    pub(crate) fn is_poison(&self) -> bool {
        match self {
            Self::Apply(ApplyError::Contradiction(_)) => true,
            Self::Apply(ApplyError::Database(error)) => refuses_the_data(error),
            Self::Database(_)
            | Self::TimedOut
            | Self::Log(_)
            | Self::Keys(_)
            | Self::Fenced(_)
            | Self::Outdated { .. }
            | Self::Busy { .. }
            | Self::Uneven(_)
            | Self::Unsettled(_)
            | Self::NoKey(_)
            | Self::NoTopic(_)
            | Self::Repartitioned { .. }
            | Self::React(..)
            | Self::OtherLog(_)
            | Self::Kafka(_)
            | Self::OffsetsMoved
            | Self::Entry(..)
            | Self::OtherTree
            | Self::TreeAhead { .. }
            | Self::BrokenTree(_)
            | Self::Tree(_)
            | Self::Sign(_)
            | Self::Unknown(_) => false,
        }
    }

    /// Whether the tree over the log stands still until somebody has looked into it.
    pub(crate) fn stops_the_tree(&self) -> bool {
        matches!(
            self,
            Self::Entry(..)
                | Self::OtherTree
                | Self::TreeAhead { .. }
                | Self::BrokenTree(_)
                | Self::Tree(_)
                | Self::Log(LogError::Broken(_))
        )
    }
}

impl From<KeyError> for ProjectorError {
    fn from(error: KeyError) -> Self {
        match error {
            KeyError::Database(error) => Self::Database(error),
            error => Self::Keys(error),
        }
    }
}

impl From<rdkafka::error::KafkaError> for ProjectorError {
    fn from(error: rdkafka::error::KafkaError) -> Self {
        Self::Kafka(error.into())
    }
}

/// Whether the database refuses what the rows hold, by the class of its error: cardinality, data,
/// constraint, check option, program limit, raised by a function. A table or a right that is
/// missing (42), or a server that is full or stopping (53, 57), is nothing an event can help.
pub(crate) fn refuses_the_data(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Database(error) => error.code().is_some_and(|code| {
            ["21", "22", "23", "44", "54", "P0"].iter().any(|class| code.starts_with(class))
        }),
        // A value that our own side cannot write as the column's type.
        sqlx::Error::Encode(_) => true,
        _ => false,
    }
}

/// The error and all its causes on one line, for people and for the table of parked events. Without
/// NUL, which no PostgreSQL text holds.
pub(crate) fn chain(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text.replace('\0', "\u{fffd}")
}
