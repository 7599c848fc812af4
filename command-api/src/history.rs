//! One event stream as it was read: what an aggregate is folded from.

use std::sync::Arc;

use event_log::{Expected, LogError, Position, RecordedEvent, StreamName};
use events::{DecodeError, Envelope, Event, Metadata, fold};
use sealing::{Each, SealError};
use ulid::Ulid;

use crate::aggregate::Aggregate;
use crate::sealing::{SealingError, Unopened, open};

/// Why a stream could not be read or written.
#[derive(Debug, Clone, thiserror::Error)]
pub(crate) enum StreamError {
    /// The log could not do it.
    #[error(transparent)]
    Log(#[from] LogError),
    /// The stream holds what is no event of this aggregate.
    #[error("event stream {stream} cannot be read")]
    Unreadable {
        /// Its name.
        stream: StreamName,
        /// What is wrong with it.
        source: Arc<UnreadableEvent>,
    },
    /// An event has no JSON form.
    #[error("an event cannot be written")]
    Unwritable(#[source] Arc<serde_json::Error>),
    /// The keys of those whom it is about are not to be had.
    #[error(transparent)]
    Sealing(#[from] SealingError),
}

impl From<SealError> for StreamError {
    fn from(error: SealError) -> Self {
        Self::Sealing(error.into())
    }
}

impl StreamError {
    pub(crate) fn unwritable(error: serde_json::Error) -> Self {
        Self::Unwritable(Arc::new(error))
    }
}

/// Why a recorded event is none of the aggregate's.
#[derive(Debug, thiserror::Error)]
pub(crate) enum UnreadableEvent {
    /// Its type, version or data are unknown.
    #[error(transparent)]
    Event(#[from] DecodeError),
    /// Its metadata has another form.
    #[error("malformed metadata")]
    Metadata(#[source] serde_json::Error),
    /// What is sealed in it cannot be opened.
    #[error(transparent)]
    Sealed(#[from] Unopened),
    /// It is another aggregate's.
    #[error("an event of another aggregate")]
    Foreign,
}

/// The events of one stream, oldest first.
#[derive(Debug)]
pub(crate) struct History<D: Aggregate> {
    stream: StreamName,
    entries: Vec<Entry<D::Event>>,
}

#[derive(Debug)]
struct Entry<E> {
    position: Position,
    version: u32,
    event: Envelope<E>,
}

/// How things stood right after an earlier decision.
#[derive(Debug)]
pub(crate) struct Earlier<S> {
    /// The aggregate's state.
    pub(crate) state: S,
    /// Where the decision's last event stands in the log.
    pub(crate) position: Position,
    /// What is stored beside it.
    pub(crate) metadata: Metadata,
}

impl<D: Aggregate> History<D> {
    /// What was recorded of `stream`, opened with these keys as far as they were not destroyed.
    pub(crate) fn of(
        stream: StreamName,
        recorded: &[RecordedEvent],
        keys: &Each<Ulid>,
    ) -> Result<Self, StreamError> {
        match recorded.iter().map(|event| decode::<D>(event, keys)).collect() {
            Ok(entries) => Ok(Self { stream, entries }),
            Err(source) => Err(StreamError::Unreadable { stream, source: Arc::new(source) }),
        }
    }

    /// Its name.
    pub(crate) fn stream(&self) -> &str {
        &self.stream
    }

    /// Its name, when what was read of it no longer counts.
    pub(crate) fn into_stream(self) -> StreamName {
        self.stream
    }

    /// What an append that follows must expect.
    pub(crate) fn expected(&self) -> Expected {
        self.entries.last().map_or(Expected::NoStream, |last| Expected::Exact(last.version))
    }

    /// Where its last event stands in the log.
    pub(crate) fn position(&self) -> Position {
        self.entries.last().map_or(Position::START, |last| last.position)
    }

    /// Its events, oldest first.
    pub(crate) fn events(&self) -> impl DoubleEndedIterator<Item = &Envelope<D::Event>> {
        self.entries.iter().map(|entry| &entry.event)
    }

    /// The aggregate's state after all of it.
    pub(crate) fn state(&self) -> D::State {
        fold::<D>(self.events())
    }

    /// How things stood right after the decision that an event belongs to for which `is_meant` holds.
    pub(crate) fn earlier(
        &self,
        is_meant: impl Fn(&Envelope<D::Event>) -> bool,
    ) -> Option<Earlier<D::State>> {
        let meant = self.entries.iter().find(|entry| is_meant(&entry.event))?;
        let command_id = meant.event.metadata.command_id;
        let same = |entry: &Entry<D::Event>| entry.event.metadata.command_id == command_id;
        let last = self.entries.iter().rposition(same)?;
        let until = &self.entries[..=last];
        Some(Earlier {
            state: fold::<D>(until.iter().map(|entry| &entry.event)),
            position: self.entries[last].position,
            metadata: self.entries[last].event.metadata.clone(),
        })
    }
}

fn decode<D: Aggregate>(
    recorded: &RecordedEvent,
    keys: &Each<Ulid>,
) -> Result<Entry<D::Event>, UnreadableEvent> {
    let RecordedEvent { position, version, id, event_type, schema_version, .. } = recorded;
    let mut event = Event::decode(event_type, *schema_version, &recorded.data)?;
    let mut metadata =
        serde_json::from_str(recorded.metadata.get()).map_err(UnreadableEvent::Metadata)?;
    open(&mut event, &mut metadata, recorded, keys)?;
    let event = D::own(event).ok_or(UnreadableEvent::Foreign)?;
    Ok(Entry {
        position: *position,
        version: *version,
        event: Envelope { id: *id, event, metadata },
    })
}
