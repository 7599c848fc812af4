//! Reading, for those who may not append.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use super::connections::{self, Connections};
use super::failure::log_error;
use super::read;
use super::tail::Tail;
use crate::batcher::{BatchError, Batcher};
use crate::{LogError, LogReader, Page, Position, RecordedEvent, SharedError, StreamName};

/// Reads of streams that may wait; one more is answered [`LogError::Overloaded`].
const QUEUE: usize = 8192;

/// Reads of streams in one statement.
const BATCH: usize = 512;

/// Reads the log in PostgreSQL.
#[derive(Debug)]
pub struct PostgresReader {
    connections: Arc<Connections>,
    streams: Batcher<Vec<StreamName>, Vec<Vec<RecordedEvent>>, LogError>,
    tail: Tail,
}

impl PostgresReader {
    /// Connects, and makes sure that the log is there. From then on, lost connections are made anew.
    pub async fn connect(url: &str) -> Result<Self, LogError> {
        Self::connect_with(url, super::PostgresLogConfig::new(url).readers).await
    }

    /// Whether `url` can be understood.
    pub(crate) fn check_address(url: &str) -> Result<(), LogError> {
        connections::options(url).map(drop).map_err(log_error)
    }

    pub(super) async fn connect_with(url: &str, readers: usize) -> Result<Self, LogError> {
        let options = connections::options(url).map_err(log_error)?;
        let connections = Arc::new(Connections::new(options.clone(), readers));
        let head = read::head(&connections).await?;
        let reading = Arc::clone(&connections);
        let streams = Batcher::spawn("streams", QUEUE, BATCH, move |requests| {
            let connections = Arc::clone(&reading);
            async move { read::streams(&connections, requests).await }
        });
        let tail = Tail::spawn(Arc::clone(&connections), options, head);
        Ok(Self { connections, streams, tail })
    }
}

#[async_trait]
impl LogReader for PostgresReader {
    async fn read_streams(
        &self,
        streams: &[StreamName],
    ) -> Result<Vec<Vec<RecordedEvent>>, LogError> {
        self.streams.call(streams.to_vec()).await.map_err(Into::into)
    }

    async fn read_all(&self, after: Position, limit: u32) -> Result<Page, LogError> {
        read::page(&self.connections, after, limit).await
    }

    async fn read_at(&self, positions: &[Position]) -> Result<Vec<RecordedEvent>, LogError> {
        read::at(&self.connections, positions).await
    }

    async fn read_raw(
        &self,
        after: Position,
        until: Position,
    ) -> Result<Vec<RecordedEvent>, LogError> {
        read::between(&self.connections, after, until).await
    }

    async fn head(&self) -> Result<Position, LogError> {
        read::head(&self.connections).await
    }

    async fn wait_past(&self, position: Position, timeout: Duration) -> Result<bool, LogError> {
        Ok(self.tail.wait_past(position, timeout).await)
    }

    async fn close(&self) {
        self.streams.close().await;
        self.tail.close().await;
        self.connections.close().await;
    }
}

impl From<BatchError<LogError>> for LogError {
    fn from(error: BatchError<LogError>) -> Self {
        match error {
            BatchError::Full => Self::Overloaded,
            BatchError::Failed(error) => error,
            BatchError::Stopped => {
                let stopped: BatchError<Self> = BatchError::Stopped;
                Self::Unavailable(Arc::new(stopped) as SharedError)
            }
        }
    }
}
