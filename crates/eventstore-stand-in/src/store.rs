//! The events.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

/// An event as it was proposed.
#[derive(Debug, Clone)]
pub(crate) struct Proposed {
    pub(crate) id: u128,
    pub(crate) metadata: HashMap<String, String>,
    pub(crate) custom_metadata: Vec<u8>,
    pub(crate) data: Vec<u8>,
}

#[derive(Debug, Clone)]
pub(crate) struct Recorded {
    pub(crate) position: u64,
    pub(crate) stream: String,
    pub(crate) revision: u64,
    pub(crate) event: Proposed,
}

/// What the stream must be like.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Expected {
    Any,
    StreamExists,
    NoStream,
    Revision(u64),
}

/// The events stand at the place; `revision` is `None` when there are none.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Success {
    pub(crate) revision: Option<u64>,
    pub(crate) position: u64,
}

/// The stream is elsewhere.
#[derive(Debug, Clone, Copy)]
pub(crate) struct WrongExpectedVersion {
    pub(crate) current: Option<u64>,
}

/// The log that the nodes of a cluster share.
#[derive(Debug)]
pub(crate) struct Store {
    events: Mutex<Events>,
    /// How many events there are.
    pub(crate) length: watch::Sender<usize>,
}

#[derive(Debug)]
pub(crate) struct Events {
    pub(crate) all: Vec<Recorded>,
    streams: HashMap<String, Vec<usize>>,
    end: u64,
    with_system: bool,
    appends: u64,
}

/// What a record takes beside its content. Any number will do that keeps positions apart.
const OVERHEAD: u64 = 97;

impl Store {
    pub(crate) fn new() -> Self {
        let events =
            Events { all: vec![], streams: HashMap::new(), end: 0, with_system: true, appends: 0 };
        Self { events: Mutex::new(events), length: watch::Sender::new(0) }
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, Events> {
        self.events.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn append(
        &self,
        stream: &str,
        expected: Expected,
        proposed: Vec<Proposed>,
    ) -> Result<Success, WrongExpectedVersion> {
        let mut events = self.lock();
        let outcome = events.append(stream, expected, proposed);
        self.length.send_replace(events.all.len());
        outcome
    }

    pub(crate) fn without_system_events(&self) {
        self.lock().with_system = false;
    }
}

impl Events {
    /// The places of the stream's events in `all`; `None` for a stream that does not exist.
    pub(crate) fn stream(&self, name: &str) -> Option<&[usize]> {
        self.streams.get(name).map(Vec::as_slice)
    }

    /// Where the next record will be.
    pub(crate) fn end(&self) -> u64 {
        self.end
    }

    /// The place of the first event at or after this position.
    pub(crate) fn place(&self, position: u64) -> usize {
        self.all.partition_point(|event| event.position < position)
    }

    fn append(
        &mut self,
        stream: &str,
        expected: Expected,
        proposed: Vec<Proposed>,
    ) -> Result<Success, WrongExpectedVersion> {
        let length = self.stream(stream).map_or(0, <[usize]>::len) as u64;
        let wrong = WrongExpectedVersion { current: length.checked_sub(1) };
        let start = match expected {
            Expected::Any => self.repeated_from(stream, &proposed).unwrap_or(length),
            Expected::StreamExists if length == 0 => return Err(wrong),
            Expected::StreamExists => length,
            Expected::NoStream => 0,
            Expected::Revision(revision) => revision.checked_add(1).ok_or(wrong)?,
        };
        if start < length {
            return self.repetition(stream, start, &proposed).ok_or(wrong);
        }
        if start > length {
            return Err(wrong);
        }
        if proposed.is_empty() {
            return Ok(Success { revision: wrong.current, position: self.end });
        }
        Ok(self.commit(stream, proposed))
    }

    /// EventStoreDB calls it a repetition when every event stands, by its id, where it is expected to
    /// go. One that does not makes a conflict of all, also when it is not the first.
    fn repetition(&self, stream: &str, start: u64, proposed: &[Proposed]) -> Option<Success> {
        let places = self.stream(stream)?.get(usize::try_from(start).ok()?..)?;
        let stands = |(place, event): (&usize, &Proposed)| self.all[*place].event.id == event.id;
        let all = proposed.len() <= places.len() && places.iter().zip(proposed).all(stands);
        let last = &self.all[*places.get(proposed.len().checked_sub(1)?)?];
        all.then_some(Success { revision: Some(last.revision), position: last.position })
    }

    /// Where in the stream the first of them stands already.
    fn repeated_from(&self, stream: &str, proposed: &[Proposed]) -> Option<u64> {
        let first = proposed.first()?;
        let mut places = self.stream(stream)?.iter();
        places.position(|place| self.all[*place].event.id == first.id).map(|found| found as u64)
    }

    fn commit(&mut self, stream: &str, proposed: Vec<Proposed>) -> Success {
        if self.with_system && self.all.is_empty() {
            self.system_event("$users", "$UserCreated");
        }
        for event in proposed {
            self.push(stream, event);
        }
        let last = self.all.last();
        let position = last.map_or(0, |event| event.position);
        let revision = last.map(|event| event.revision);
        self.appends += 1;
        if self.with_system && self.appends.is_multiple_of(3) {
            self.system_event("$stats-127.0.0.1:2113", "$statsCollected");
        }
        Success { revision, position }
    }

    fn system_event(&mut self, stream: &str, event_type: &str) {
        let metadata = HashMap::from([
            ("type".to_owned(), event_type.to_owned()),
            ("content-type".to_owned(), "application/json".to_owned()),
        ]);
        // Ids that nobody else makes.
        let id = u128::MAX - self.all.len() as u128;
        let event = Proposed { id, metadata, custom_metadata: vec![], data: b"{}".to_vec() };
        self.push(stream, event);
    }

    fn push(&mut self, stream: &str, event: Proposed) {
        let places = self.streams.entry(stream.to_owned()).or_default();
        let revision = places.len() as u64;
        places.push(self.all.len());
        let position = self.end;
        self.end += OVERHEAD + (event.data.len() + event.custom_metadata.len()) as u64;
        self.all.push(Recorded { position, stream: stream.to_owned(), revision, event });
    }
}
