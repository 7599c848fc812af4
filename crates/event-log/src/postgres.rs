//! The log in PostgreSQL: one writer at a time, many commands in each transaction.
//!
//! The table and the function that appends to it are in `migrations/0001_log.sql`. Positions are
//! dense, which the reader verifies.
//!
//! One process appends over one connection. A second one was measured and only halved the batches:
//! whoever holds the lock holds it until his batch is on disk.
//!
//! **Architecture Invariant:** nothing here asks for an order of transactions or reads a sequence.
//! A position becomes visible after all smaller ones, because the one lock is held until then.

mod append;
mod connections;
mod failure;
mod load;
mod read;
mod reader;
mod row;
mod tail;
mod writer;

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;

use crate::{
    AppendOutcome, EventLog, Expected, LogError, LogReader, NewEvent, Page, Position,
    RecordedEvent, StreamName,
};

pub use load::{LoadError, Loading};
pub use reader::PostgresReader;

pub(crate) use load::load;

use append::Append;
use writer::Writer;

/// How a [`PostgresLog`] reaches its server and how much it takes.
#[derive(Clone)]
pub struct PostgresLogConfig {
    /// `postgres://…` of a user who is a member of `docket_service`.
    pub url: String,
    /// Appends that may wait; one more is answered [`LogError::Overloaded`]. 8192.
    pub queue: usize,
    /// Connections that read. 4.
    pub readers: usize,
    /// How long an append is tried again when its outcome is unknown, before it is answered
    /// [`LogError::Unavailable`]. 8 s: less than the 10 s after which a request is given up.
    pub patience: Duration,
}

impl fmt::Debug for PostgresLogConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The address holds a password.
        f.debug_struct("PostgresLogConfig")
            .field("queue", &self.queue)
            .field("readers", &self.readers)
            .field("patience", &self.patience)
            .finish_non_exhaustive()
    }
}

impl PostgresLogConfig {
    /// The defaults.
    pub fn new(url: impl Into<String>) -> Self {
        Self { url: url.into(), queue: 8192, readers: 4, patience: Duration::from_secs(8) }
    }
}

/// Appends to the log and reads it.
#[derive(Debug)]
pub struct PostgresLog {
    writer: Writer,
    reader: PostgresReader,
}

impl PostgresLog {
    /// Connects, and makes sure that the log is there. From then on, lost connections are made anew.
    pub async fn connect(config: PostgresLogConfig) -> Result<Self, LogError> {
        let reader = PostgresReader::connect_with(&config.url, config.readers).await?;
        Ok(Self { writer: Writer::spawn(&config)?, reader })
    }
}

#[async_trait]
impl EventLog for PostgresLog {
    async fn append(
        &self,
        stream: &str,
        expected: Expected,
        events: Vec<NewEvent>,
    ) -> Result<AppendOutcome, LogError> {
        match Append::new(stream, expected, events)? {
            Some(append) => self.writer.append(append).await,
            None => Ok(AppendOutcome::IdInUse),
        }
    }
}

#[async_trait]
impl LogReader for PostgresLog {
    async fn read_streams(
        &self,
        streams: &[StreamName],
    ) -> Result<Vec<Vec<RecordedEvent>>, LogError> {
        self.reader.read_streams(streams).await
    }

    async fn read_all(&self, after: Position, limit: u32) -> Result<Page, LogError> {
        self.reader.read_all(after, limit).await
    }

    async fn read_at(&self, positions: &[Position]) -> Result<Vec<RecordedEvent>, LogError> {
        self.reader.read_at(positions).await
    }

    async fn read_raw(
        &self,
        after: Position,
        until: Position,
    ) -> Result<Vec<RecordedEvent>, LogError> {
        self.reader.read_raw(after, until).await
    }

    async fn head(&self) -> Result<Position, LogError> {
        self.reader.head().await
    }

    async fn wait_past(&self, position: Position, timeout: Duration) -> Result<bool, LogError> {
        self.reader.wait_past(position, timeout).await
    }

    async fn close(&self) {
        self.writer.close().await;
        self.reader.close().await;
    }
}
