//! Ids that are used once in the whole log, on a server that compares them within a stream only.
//!
//! An id is claimed before its event is appended: by a marker in a stream of the id's own, where the
//! server's expected revisions let one claim win. The marker names the place for which it was made.
//! The last marker of the stream counts:
//!
//! | the last marker | the id is |
//! |---|---|
//! | none, or a release | free |
//! | a claim for the same place | that of the same append, at work or cut short: go on with it |
//! | for another place, and the event stands there | in use |
//! | for another place, where others stand | free: that append can never succeed any more |
//! | for another place, which the stream has not reached | taken to be in use: it may still come |
//!
//! A claim is made by one marker and given up by another, each with an id of its own that is the same
//! in every try, so that each can be sent until it is answered.

use std::sync::Arc;

use eventstore::{EventData, RecordedEvent};
use serde::{Deserialize, Serialize};
use ulid::Ulid;
use uuid::Uuid;

use super::clients::{Clients, Patience};
use super::failure::CallError;
use super::wire::{self, Place};
use crate::LogError;

/// The event types of markers.
const CLAIMED: &str = "docket-id-claimed";
const RELEASED: &str = "docket-id-released";

/// How often a claim is made anew because somebody else was faster.
const TRIES: usize = 16;

/// The place for which an id is claimed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Claim {
    /// As the server knows it.
    pub(super) stream: String,
    /// The version at which the append expects the stream.
    pub(super) after: u64,
    /// The version that the event is to have.
    pub(super) version: u64,
}

/// What became of a claim.
#[derive(Debug)]
pub(super) enum Claimed {
    /// It is ours: the marker that says so.
    Ours(Held),
    /// Another has made it, for the same append.
    Same,
    /// The id belongs elsewhere.
    InUse,
}

/// A claim that can be given up.
#[derive(Debug)]
pub(super) struct Held {
    stream: String,
    revision: u64,
}

/// What is wrong with the markers.
#[derive(Debug, thiserror::Error)]
enum MarkerError {
    #[error("{0} holds what is no marker of this log")]
    Foreign(String),
    #[error("an event id was claimed by others again and again")]
    Contended,
}

/// A marker's own id: no two are the same.
#[expect(clippy::disallowed_methods, reason = "nobody ever sees it, and nothing depends on it")]
fn marker_id() -> Uuid {
    Ulid::generate().into()
}

fn marker(event_type: &str, claim: Option<&Claim>, id: Uuid) -> Result<Arc<[EventData]>, LogError> {
    let marker = EventData::json(event_type, &claim);
    Ok(Arc::new([marker.map_err(|error| LogError::Broken(Arc::new(error)))?.id(id)]))
}

/// Claims the id whose markers are in `stream`.
pub(super) async fn claim(
    clients: &Clients,
    patience: &mut Patience,
    stream: String,
    id: Ulid,
    claim: &Claim,
) -> Result<Claimed, LogError> {
    let marker_id = marker_id();
    let marker = marker(CLAIMED, Some(claim), marker_id)?;
    let mut after = 0;
    for _ in 0..TRIES {
        let place = Place { stream: stream.clone(), after };
        if let Some(revision) = mark(clients, patience, place, &marker).await? {
            return Ok(Claimed::Ours(Held { stream, revision }));
        }
        let Some(last) = last(clients, patience, &stream).await? else { continue };
        if last.id == marker_id {
            return Ok(Claimed::Ours(Held { stream, revision: last.revision }));
        }
        if let Some(other) = read(&last)? {
            if other == *claim {
                return Ok(Claimed::Same);
            }
            if !is_void(clients, patience, id, other).await? {
                return Ok(Claimed::InUse);
            }
        }
        after = last.revision + 1;
    }
    Err(LogError::Unavailable(Arc::new(MarkerError::Contended)))
}

/// Gives a claim up.
pub(super) async fn release(
    clients: &Clients,
    patience: &mut Patience,
    held: Held,
) -> Result<(), LogError> {
    let marker = marker(RELEASED, None, marker_id())?;
    let place = Place { stream: held.stream, after: held.revision + 1 };
    // Where another marker follows, the claim is no longer ours to give up.
    mark(clients, patience, place, &marker).await?;
    Ok(())
}

/// The marker's revision; `None` when there is another in its place.
async fn mark(
    clients: &Clients,
    patience: &mut Patience,
    place: Place,
    marker: &Arc<[EventData]>,
) -> Result<Option<u64>, LogError> {
    let credentials = clients.credentials();
    let answer = clients.insist(patience, |client| {
        wire::append(client, credentials.clone(), place.clone(), Arc::clone(marker))
    });
    match answer.await {
        Ok((_, revision)) => Ok(Some(revision)),
        Err(error) if error.conflict().is_some() => Ok(None),
        Err(error) => Err(error.into()),
    }
}

async fn last(
    clients: &Clients,
    patience: &mut Patience,
    stream: &str,
) -> Result<Option<RecordedEvent>, CallError> {
    let credentials = clients.credentials();
    clients
        .insist(patience, |client| wire::last_of(client, credentials.clone(), stream.to_owned()))
        .await
}

/// The claim of a marker; `None` for one that releases.
fn read(marker: &RecordedEvent) -> Result<Option<Claim>, LogError> {
    let claim = match marker.event_type.as_str() {
        CLAIMED => serde_json::from_slice(&marker.data).map(Some).ok(),
        RELEASED => Some(None),
        _ => None,
    };
    let foreign = || MarkerError::Foreign(marker.stream_id.clone());
    claim.ok_or_else(|| LogError::Broken(Arc::new(foreign())))
}

/// Whether the append for which this was claimed can never succeed any more: appends are all or
/// nothing, so where anything stands behind the version that it expects, and not this id at its place,
/// it is not what it appended, and never will be.
async fn is_void(
    clients: &Clients,
    patience: &mut Patience,
    id: Ulid,
    claim: Claim,
) -> Result<bool, CallError> {
    let credentials = clients.credentials();
    let count = usize::try_from(claim.version.saturating_sub(claim.after)).unwrap_or(usize::MAX);
    let found = clients
        .insist(patience, |client| {
            let (credentials, stream) = (credentials.clone(), claim.stream.clone());
            wire::read_stream(client, credentials, stream, claim.after, count.max(1))
        })
        .await?;
    let stands = found.events.get(count.saturating_sub(1));
    Ok(!found.events.is_empty() && stands.is_none_or(|event| event.id != Uuid::from(id)))
}
