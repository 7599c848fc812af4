//! Landing a page whole, or around the events that poison it.

use std::time::Duration;

use async_trait::async_trait;

use crate::error::ProjectorError;

/// The most events that one transaction takes in: enough that statements cost nothing beside rows.
pub(crate) const PAGE: u16 = 5_000;

/// How often a page that seems poisoned is tried before the poison is looked for.
const TRIES: u32 = 3;

/// Between two tries. Long enough for what only looks like poison to pass, short enough not to hold
/// the other streams up.
const PAUSE: Duration = Duration::from_millis(50);

/// Takes a run of events in, in one transaction.
#[async_trait]
pub(crate) trait Land: Send {
    /// An event, with what else must be known of it.
    type Event: Sync;

    /// Takes `events` in; given a `poison`, the one event there is is put aside for that reason.
    async fn land(
        &mut self,
        events: &[Self::Event],
        poison: Option<&ProjectorError>,
    ) -> Result<(), ProjectorError>;
}

/// Lands `events` in order, in as few parts as the poison among them allows.
pub(crate) async fn in_parts<L: Land>(
    ground: &mut L,
    events: &[L::Event],
) -> Result<(), ProjectorError> {
    let mut rest = events;
    let mut size = usize::from(PAGE);
    let mut tries = 1;
    while !rest.is_empty() {
        let (part, later) = rest.split_at(size.min(rest.len()));
        match ground.land(part, None).await {
            Ok(()) => {
                rest = later;
                size = (size * 2).min(PAGE.into());
            }
            Err(error) if !error.is_poison() => return Err(error),
            Err(_) if tries < TRIES => {
                tries += 1;
                tokio::time::sleep(PAUSE).await;
            }
            Err(_) if part.len() > 1 => size = part.len() / 2,
            Err(error) => {
                ground.land(part, Some(&error)).await?;
                rest = later;
            }
        }
    }
    Ok(())
}
