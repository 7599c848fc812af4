//! The log in EventStoreDB or KurrentDB.
//!
//! A stream is a stream, and a version its revision + 1. A position is the server's commit position + 1;
//! positions are not dense. Of what is in the server's log, readers get to see the streams with the
//! prefix of this log (none, by default), without the server's own (`$…`) and the adapter's
//! (`docket-id-…`).
//!
//! # The client
//!
//! The crate `eventstore` 4.0.0 has its ways, and each is met somewhere:
//!
//! - its first failed connection kills it, a node of a cluster is never left, and it never ends:
//!   `clients` makes a new one after each failure, `client` gives each a runtime that ends with it;
//! - it installs a crypto provider and dies if it is not the first to do so: `provider`;
//! - without TLS, too, it reads the platform's certificates, and dies where they are not to be found;
//!   it sleeps before it connects; it does not decode user and password; its errors show the address:
//!   `address`;
//! - it sends small messages late, which costs 40 ms for each call: `nodelay`;
//! - its reads have no deadline: every call here has one;
//! - it unwraps what the server sends: a panic is an error here;
//! - what it has no id for gets a random one; the server's time is cut to seconds: `event`;
//! - `batch_append` dies of the first conflict, so plain appends it is;
//! - its subscriptions spin without ever yielding when a server ends them with OK, so that not even the
//!   task in which they run can be stopped. There are none here: while somebody waits, the head is read
//!   every now and then, more often while the log grows ([`crate::LogReader::wait_past`]).
//!
//! # Appending exactly once
//!
//! The server compares ids within a stream and at the place expected only: the same ids there are success
//! again, whether new or repeated it does not say, and elsewhere it takes them as new. The port asks for
//! more: an id is used once in the whole log, and of equal appends one is told `Appended`.
//!
//! **Fresh ids**, whose ULID time is within an hour of the present, were made for this append: 80 bits of
//! them are random. One round trip appends them. The answer's position tells a repetition: one that was
//! heard of before the call is of an earlier one. After a lost answer the place is read first, and
//! `AlreadyAppended` said if they stand there.
//!
//! **All other ids** are those that somebody made from something else, and may make again. They are
//! claimed before they are appended (see `claims`). Whoever gets the first claim of an append is told
//! `Appended`, everybody else who comes with the same append finds the claim, and waits for nobody: he
//! appends the same again, which the server does once, and is told `AlreadyAppended`.
//!
//! What if the program dies, or its connection, at any point?
//!
//! | after | then |
//! |---|---|
//! | the claim was sent | the same append, repeated, finds it made or not, and goes on |
//! | the claim, before the events | the same; another append with the id finds a place not reached: in use; or taken by others: free |
//! | the events, before the answer | the same append finds them: `AlreadyAppended`; any other finds the id in use |
//! | a conflict, before the release | where others stand at the place, the claim is void without it; where the stream has not got to the place, the id stays in use: too much, never too little |
//! | the release | the id is free |
//!
//! Nothing that was acknowledged can be undone by any of it, since markers are never what readers see,
//! and events are appended by the server's own check of the version alone. There is one way for an id to
//! come into the log twice: three writers at once, of which two append it at the same version that the
//! stream has not reached; one is refused, gives the claim up, the third takes it elsewhere; and then
//! the stream reaches the version before the second has sent his append. Ids within the hour are not
//! compared between streams at all. Neither happens to ids made as they should be.

mod address;
mod claims;
mod client;
mod clients;
mod event;
mod failure;
mod gate;
mod horizon;
mod names;
mod nodelay;
mod pages;
mod provider;
mod reader;
mod wire;
mod writer;

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use crate::tail::raise;
use crate::{
    AppendOutcome, EventLog, Expected, LogError, LogReader, NewEvent, Page, Position,
    RecordedEvent, StreamName,
};

pub use reader::EventStoreReader;

use address::Address;
use gate::Gate;
use writer::Writer;

/// How an [`EventStoreLog`] reaches its server and how much it takes.
#[derive(Clone)]
pub struct EventStoreConfig {
    /// `esdb://user:password@host:2113?tls=true`, several hosts of a cluster with commas between them,
    /// or `esdb+discover://…`; `kurrentdb` is the same. Of the parameters, `streamPrefix` is ours:
    /// what the names of this log's streams begin with on the server, for logs that share one. No
    /// prefix may begin with another.
    pub url: String,
    /// Appends that may wait; one more is answered [`LogError::Overloaded`]. The same for reads. 8192.
    pub queue: usize,
    /// Appends that may be under way at the server. 64; a connection carries 100 calls at once.
    pub appends: usize,
    /// Reads that may be under way. 32.
    pub reads: usize,
    /// How long an append is tried again when its outcome is unknown, before it is answered
    /// [`LogError::Unavailable`]. 8 s: less than the 10 s after which a request is given up.
    pub patience: Duration,
    /// The same for reads. 2 s.
    pub read_patience: Duration,
    /// How long the server may take for one answer. 3 s.
    pub answer_within: Duration,
}

impl fmt::Debug for EventStoreConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The address holds a password.
        f.debug_struct("EventStoreConfig")
            .field("queue", &self.queue)
            .field("appends", &self.appends)
            .field("reads", &self.reads)
            .field("patience", &self.patience)
            .field("read_patience", &self.read_patience)
            .field("answer_within", &self.answer_within)
            .finish_non_exhaustive()
    }
}

impl EventStoreConfig {
    /// The defaults.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            queue: 8192,
            appends: 64,
            reads: 32,
            patience: Duration::from_secs(8),
            read_patience: Duration::from_secs(2),
            answer_within: Duration::from_secs(3),
        }
    }

    /// Whether the address can be understood.
    pub fn check_address(&self) -> Result<(), LogError> {
        Address::parse(&self.url)?;
        Ok(())
    }
}

/// Appends to the log and reads it.
pub struct EventStoreLog {
    writer: Writer,
    reader: EventStoreReader,
}

impl EventStoreLog {
    /// Connects. From then on, lost connections are made anew. `now` says when an event was recorded,
    /// and which ids are new.
    pub async fn connect(
        config: EventStoreConfig,
        now: impl Fn() -> DateTime<Utc> + Send + Sync + 'static,
    ) -> Result<Self, LogError> {
        let reader = EventStoreReader::connect(&config).await?;
        let gate = Gate::new(config.appends, config.queue);
        let writer = Writer { gate, now: Box::new(now), patience: config.patience };
        Ok(Self { writer, reader })
    }
}

#[async_trait]
impl EventLog for EventStoreLog {
    async fn append(
        &self,
        stream: &str,
        expected: Expected,
        events: Vec<NewEvent>,
    ) -> Result<AppendOutcome, LogError> {
        let pages = self.reader.pages();
        let after = u64::from(expected.version());
        let append = self.writer.prepare(stream, &pages.names, after, &events)?;
        let Some(append) = append else { return Ok(AppendOutcome::IdInUse) };
        if append.is_empty() {
            let actual = self.writer.version(&pages.clients, &append).await?;
            return Ok(if actual == expected.version() {
                AppendOutcome::Appended { position: self.reader.head().await? }
            } else {
                AppendOutcome::Conflict { actual }
            });
        }
        let tail = self.reader.tail().head();
        let heard = *tail.borrow();
        let outcome = self.writer.append(&pages.clients, &pages.names, &append, heard).await?;
        if let AppendOutcome::Appended { position } | AppendOutcome::AlreadyAppended { position } =
            outcome
        {
            raise(tail, position);
        }
        Ok(outcome)
    }
}

#[async_trait]
impl LogReader for EventStoreLog {
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
        self.writer.gate.close().await;
        self.reader.close().await;
    }
}

impl fmt::Debug for EventStoreLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventStoreLog").field("reader", &self.reader).finish_non_exhaustive()
    }
}
