//! Reading, for those who may not append.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures_util::{StreamExt, TryStreamExt, stream};
use tokio::time::Instant;

use super::EventStoreConfig;
use super::address::Address;
use super::clients::Clients;
use super::gate::Gate;
use super::horizon::Horizon;
use super::pages::Pages;
use crate::port::ascending;
use crate::tail::{Pace, Tail, raise};
use crate::{LogError, LogReader, Page, Position, RecordedEvent, StreamName};

/// How often the head is read while somebody waits.
const PACE: Pace =
    Pace { shortest: Duration::from_millis(10), longest: Duration::from_millis(250) };

/// Streams that one caller reads at once.
const AT_ONCE: usize = 8;

/// Reads the log in EventStoreDB.
#[derive(Debug)]
pub struct EventStoreReader {
    pages: Arc<Pages>,
    tail: Tail,
    gate: Gate,
    patience: Duration,
}

impl EventStoreReader {
    /// Connects. From then on, lost connections are made anew.
    pub async fn connect(config: &EventStoreConfig) -> Result<Self, LogError> {
        let address = Address::parse(&config.url)?;
        let names = address.names.clone();
        let clients = Clients::start(address, config.answer_within).await?;
        let pages =
            Pages { clients, names, patience: config.read_patience, horizon: Horizon::default() };
        let head = pages.head().await?;
        let pages = Arc::new(pages);
        let polled = Arc::clone(&pages);
        let tail = Tail::spawn(head, PACE, move || {
            let pages = Arc::clone(&polled);
            async move { pages.head().await }
        });
        let gate = Gate::new(config.reads, config.queue);
        Ok(Self { pages, tail, gate, patience: config.patience })
    }

    pub(super) fn pages(&self) -> &Pages {
        &self.pages
    }

    pub(super) fn tail(&self) -> &Tail {
        &self.tail
    }

    async fn stream(&self, stream: &str) -> Result<Vec<RecordedEvent>, LogError> {
        // A name that no stream of ours can have is that of an empty one.
        let Some(stored) = self.pages.names.stored(stream) else { return Ok(vec![]) };
        let _pass = self.gate.enter(Instant::now() + self.patience).await?;
        self.pages.stream(stored).await
    }
}

/// Positions count bytes. Reading over so many costs less than another call.
const NEAR: u64 = 4096;

/// Those that are near each other, together.
fn runs(positions: &[Position]) -> Vec<Vec<Position>> {
    let near = |a: &Position, b: &Position| b.0 - a.0 <= NEAR;
    positions.chunk_by(near).map(<[Position]>::to_vec).collect()
}

#[async_trait]
impl LogReader for EventStoreReader {
    async fn read_streams(
        &self,
        streams: &[StreamName],
    ) -> Result<Vec<Vec<RecordedEvent>>, LogError> {
        let names: Vec<StreamName> = streams.to_vec();
        let reads = stream::iter(names).map(|name| async move { self.stream(&name).await });
        reads.buffered(AT_ONCE).try_collect().await
    }

    async fn read_all(&self, after: Position, limit: u32) -> Result<Page, LogError> {
        let _pass = self.gate.enter(Instant::now() + self.patience).await?;
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        self.pages.page(after, limit, self.tail.head()).await
    }

    async fn read_at(&self, positions: &[Position]) -> Result<Vec<RecordedEvent>, LogError> {
        let runs = stream::iter(runs(&ascending(positions))).map(|run| async move {
            let _pass = self.gate.enter(Instant::now() + self.patience).await?;
            self.pages.at(&run).await
        });
        let read: Vec<Vec<RecordedEvent>> = runs.buffered(AT_ONCE).try_collect().await?;
        Ok(read.into_iter().flatten().collect())
    }

    async fn head(&self) -> Result<Position, LogError> {
        let _pass = self.gate.enter(Instant::now() + self.patience).await?;
        let head = self.pages.head().await?;
        raise(self.tail.head(), head);
        Ok(head)
    }

    async fn wait_past(&self, position: Position, timeout: Duration) -> Result<bool, LogError> {
        Ok(self.tail.wait_past(position, timeout).await)
    }

    async fn close(&self) {
        self.gate.close().await;
        self.tail.close().await;
        self.pages.clients.close().await;
    }
}
