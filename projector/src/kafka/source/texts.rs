//! Texts that the records do not tell, from the log.

use std::collections::HashMap;

use event_log::{LogReader, Position, RecordedEvent};
use events::Event;

use super::landing::Received;
use crate::error::ProjectorError;
use crate::kafka::withheld;
use crate::partitions::Foreign;
use crate::patience::{BEHIND_A_PAGE, within};
use crate::projection::Projection;

/// Reads those of `events` in the log of which a text was withheld that `projection` shows: all at once, and
/// nothing where there are none. Those that the log does not hold are moved to `foreign`.
pub(super) async fn complete(
    reader: &dyn LogReader,
    projection: &dyn Projection,
    events: Vec<Received>,
    foreign: &mut Vec<Foreign>,
) -> Result<Vec<Received>, ProjectorError> {
    let mut lacking: Vec<Position> = events
        .iter()
        .filter(|received| lacks(projection, &received.event))
        .map(|received| received.event.position)
        .collect();
    if lacking.is_empty() {
        return Ok(events);
    }
    lacking.sort_unstable();
    let read = within(BEHIND_A_PAGE, reader.read_at(&lacking)).await?;
    let read: HashMap<Position, RecordedEvent> =
        read.into_iter().map(|event| (event.position, event)).collect();
    let mut whole = Vec::with_capacity(events.len());
    for received in events {
        let Received { partition, offset, event } = received;
        if lacking.binary_search(&event.position).is_err() {
            whole.push(Received { partition, offset, event });
        } else if let Some(logged) = read.get(&event.position).filter(|one| one.id == event.id) {
            whole.push(Received { partition, offset, event: logged.clone() });
        } else {
            let reason = "the log holds another event at its position".to_owned();
            foreign.push(Foreign { partition, offset, reason });
        }
    }
    Ok(whole)
}

/// Whether `projection` shows a text of the event that its record does not tell. An event that cannot be
/// decoded is parked in any case.
fn lacks(projection: &dyn Projection, event: &RecordedEvent) -> bool {
    let withheld = withheld::names(event);
    if withheld.is_empty() {
        return false;
    }
    let decoded = Event::decode(&event.event_type, event.schema_version, &event.data);
    let shown = decoded.map(|event| projection.shows(&event)).unwrap_or_default();
    shown.iter().any(|field| withheld.iter().any(|name| name == field.as_str()))
}
