//! One event stream as it was read: what an aggregate is folded from.

use std::sync::Arc;

use event_log::{Expected, LogError, NewEvent, Position, RecordedEvent, StreamName};
use events::ban::{BanEvent, BanRefusal, Bans};
use events::report::{ReportEvent, ReportRefusal, Reports};
use events::{Decider, DecodeError, Envelope, Event, Metadata, fold};

/// What the engine must know of a decider beside its two functions.
pub(crate) trait Aggregate: Decider<Event: Clone> {
    /// The event among all events.
    fn stored(event: Self::Event) -> Event;
    /// The event as this aggregate's own; `None` when it is another's.
    fn own(event: Event) -> Option<Self::Event>;
    /// Whether the refusal means that two aggregates share an event stream by accident.
    fn is_collision(refusal: &Self::Refusal) -> bool;
}

impl Aggregate for Bans {
    fn stored(event: BanEvent) -> Event {
        Event::Ban(event)
    }

    fn own(event: Event) -> Option<BanEvent> {
        match event {
            Event::Ban(event) => Some(event),
            Event::Report(_) => None,
        }
    }

    fn is_collision(refusal: &BanRefusal) -> bool {
        matches!(refusal, BanRefusal::Collision)
    }
}

impl Aggregate for Reports {
    fn stored(event: ReportEvent) -> Event {
        Event::Report(event)
    }

    fn own(event: Event) -> Option<ReportEvent> {
        match event {
            Event::Report(event) => Some(event),
            Event::Ban(_) => None,
        }
    }

    fn is_collision(refusal: &ReportRefusal) -> bool {
        matches!(refusal, ReportRefusal::Collision)
    }
}

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
    /// What was recorded of `stream`.
    pub(crate) fn of(
        stream: StreamName,
        recorded: Vec<RecordedEvent>,
    ) -> Result<Self, StreamError> {
        match recorded.into_iter().map(decode::<D>).collect() {
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

    /// The aggregate's state after all of it.
    pub(crate) fn state(&self) -> D::State {
        fold::<D>(self.entries.iter().map(|entry| &entry.event))
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

fn decode<D: Aggregate>(recorded: RecordedEvent) -> Result<Entry<D::Event>, UnreadableEvent> {
    let RecordedEvent { position, version, id, event_type, schema_version, .. } = recorded;
    let event = Event::decode(&event_type, schema_version, &recorded.data)?;
    let event = D::own(event).ok_or(UnreadableEvent::Foreign)?;
    let metadata =
        serde_json::from_str(recorded.metadata.get()).map_err(UnreadableEvent::Metadata)?;
    Ok(Entry { position, version, event: Envelope { id, event, metadata } })
}

/// The event as the log takes it.
pub(crate) fn encode<D: Aggregate>(event: &Envelope<D::Event>) -> Result<NewEvent, StreamError> {
    let encoded = D::stored(event.event.clone()).encode().map_err(StreamError::unwritable)?;
    Ok(NewEvent {
        id: event.id,
        event_type: encoded.event_type.to_owned(),
        schema_version: encoded.schema_version,
        data: encoded.data,
        metadata: serde_json::value::to_raw_value(&event.metadata)
            .map_err(StreamError::unwritable)?,
    })
}
