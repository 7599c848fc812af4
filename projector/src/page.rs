//! A run of events, sorted into those to apply and those to park.

use std::borrow::Borrow;
use std::collections::HashSet;

use event_log::{RecordedEvent, StreamName};

use crate::error::{ProjectorError, chain};
use crate::projection::{LoggedEvent, UndecodableEvent};

/// An event of a run, read as far as it can be.
#[derive(Debug)]
pub(crate) struct Read<'a> {
    /// As the log holds it.
    pub(crate) recorded: &'a RecordedEvent,
    /// What it means, or why that cannot be told.
    pub(crate) logged: Result<LoggedEvent, UndecodableEvent>,
}

/// What to do with each event of a run.
#[derive(Debug, Default)]
pub(crate) struct Sorted<'a> {
    /// To be applied.
    pub(crate) apply: Vec<LoggedEvent>,
    /// To be parked, and why.
    pub(crate) park: Vec<(&'a RecordedEvent, String)>,
}

/// Reads `events`; what is sealed in them is sealed still.
pub(crate) fn read<E: Borrow<RecordedEvent>>(events: &[E]) -> Vec<Read<'_>> {
    let read = |recorded| Read { recorded, logged: LoggedEvent::decode(recorded) };
    events.iter().map(Borrow::borrow).map(read).collect()
}

/// Sorts `run`: events of a parked stream are parked, and so is one that cannot be decoded, with
/// all that follow it in its stream. `poison` says that the events cannot be applied.
pub(crate) fn sort<'a>(
    run: Vec<Read<'a>>,
    parked: &HashSet<StreamName>,
    poison: Option<&ProjectorError>,
) -> Sorted<'a> {
    let mut sorted = Sorted::default();
    let mut newly_parked = HashSet::new();
    for Read { recorded: event, logged } in run {
        if parked.contains(&event.stream) || newly_parked.contains(&event.stream) {
            sorted.park.push((event, "follows a parked event of its stream".to_owned()));
            continue;
        }
        let reason = match (logged, poison) {
            (Ok(logged), None) => {
                sorted.apply.push(logged);
                continue;
            }
            (Ok(_), Some(error)) => chain(error),
            (Err(error), _) => chain(&error),
        };
        newly_parked.insert(event.stream.clone());
        sorted.park.push((event, reason));
    }
    sorted
}
