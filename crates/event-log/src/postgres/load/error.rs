//! Why an archive was not loaded.

use crate::archive::{ArchiveError, Summary};

/// Why an archive was not loaded. Nothing of it was.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// There is something in the log.
    #[error("the log holds events already: an archive is loaded into an empty log only")]
    NotEmpty,
    /// The archive is of a log whose positions have gaps.
    #[error(
        "the archive is of a log whose positions have gaps, as those of EventStoreDB do, and \
         PostgreSQL's have none: such a log comes here by `copy-log`"
    )]
    Gaps,
    /// The log is in an engine that gives positions and times of its own.
    #[error(
        "EventStoreDB gives events positions and times of its own, so the log would not be the \
         archive's: load it into PostgreSQL, then take it along with `copy-log`"
    )]
    Engine,
    /// The archive is not whole.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// The database does not take an event.
    #[error("line {line} of the archive: the database does not take it")]
    Refused {
        /// Which line, from 1.
        line: u64,
        /// Why.
        source: sqlx::Error,
    },
    /// A stream's events do not follow each other.
    #[error(
        "line {line} of the archive: it is version {found} of stream {stream}, where version \
         {expected} belongs"
    )]
    Version {
        /// Which line, from 1.
        line: u64,
        /// Which stream.
        stream: String,
        /// What it says.
        found: i32,
        /// What belongs there.
        expected: i64,
    },
    /// What the database made of it is something else.
    #[error(
        "the database holds something else than what was loaded: {} events with root hash {}, not {} \
         with {}", found.0, found.1, expected.events, expected.root_hash
    )]
    Changed {
        /// How many events it holds, and their root hash.
        found: (u64, String),
        /// What was loaded.
        expected: Summary,
    },
    /// The address of the log names no engine.
    #[error(transparent)]
    Address(crate::LogError),
    /// What the database holds cannot be read.
    #[error("the log cannot be read")]
    Read(#[from] crate::LogError),
    /// An event of the log has no canonical form.
    #[error("the log cannot be read")]
    Entry(#[from] serde_json::Error),
    /// The reading of the archive was broken off.
    #[error("the archive cannot be read")]
    Stopped(#[from] tokio::task::JoinError),
    /// The database failed, or could not be reached.
    #[error("the database failed")]
    Database(#[from] sqlx::Error),
}
