//! A run of events, sorted into those to apply and those to park.

use std::borrow::Borrow;
use std::collections::HashSet;

use event_log::{RecordedEvent, StreamName};

use crate::error::{ProjectorError, chain};
use crate::projection::LoggedEvent;

/// What to do with each event of a run.
#[derive(Debug, Default)]
pub(crate) struct Sorted<'a> {
    /// To be applied.
    pub(crate) apply: Vec<LoggedEvent>,
    /// To be parked, and why.
    pub(crate) park: Vec<(&'a RecordedEvent, String)>,
}

/// Sorts `events`: those of a parked stream are parked, and so is one that cannot be decoded, with
/// all that follow it in its stream. `poison` says that the events cannot be applied.
pub(crate) fn sort<'a, E: Borrow<RecordedEvent>>(
    events: &'a [E],
    parked: &HashSet<StreamName>,
    poison: Option<&ProjectorError>,
) -> Sorted<'a> {
    let mut sorted = Sorted::default();
    let mut newly_parked = HashSet::new();
    for event in events.iter().map(Borrow::borrow) {
        if parked.contains(&event.stream) || newly_parked.contains(&event.stream) {
            sorted.park.push((event, "follows a parked event of its stream".to_owned()));
            continue;
        }
        let reason = match (LoggedEvent::decode(event), poison) {
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
