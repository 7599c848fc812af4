//! Appending, until there is an answer.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use eventstore::{CurrentRevision, EventData};
use futures_util::future::join_all;
use ulid::Ulid;
use uuid::Uuid;

use super::claims::{self, Claim, Claimed, Held};
use super::clients::{Clients, Patience};
use super::event;
use super::gate::Gate;
use super::names::Names;
use super::wire::{self, Place};
use crate::{AppendOutcome, LogError, NewEvent, Position};

/// An id whose time is this close to the present was made for this append.
const FRESH: Duration = Duration::from_hours(1);

pub(super) type Now = Box<dyn Fn() -> DateTime<Utc> + Send + Sync>;

pub(super) struct Writer {
    pub(super) gate: Gate,
    pub(super) now: Now,
    pub(super) patience: Duration,
}

/// One append.
pub(super) struct Append {
    place: Place,
    ids: Vec<Ulid>,
    /// Those of the ids that must be claimed, and for what.
    stale: Vec<(Ulid, Claim)>,
    events: Arc<[EventData]>,
}

/// What stands behind the version that an append expects.
enum Found {
    /// All of it, in place; the position of the last.
    All(Position),
    /// Some of its ids.
    Some,
    /// Nothing of it.
    Nothing,
}

/// What the server made of it.
enum Sent {
    /// It stands there. The position may be that of an earlier try.
    Done(Position),
    Repeated(Position),
    Conflict(u32),
    InUse,
}

impl Writer {
    /// `None` when two of the events have the same id.
    pub(super) fn prepare(
        &self,
        stream: &str,
        names: &Names,
        after: u64,
        events: &[NewEvent],
    ) -> Result<Option<Append>, LogError> {
        let reserved = || event::EventError::Reserved(stream.to_owned());
        let place = Place { stream: names.stored(stream).ok_or_else(reserved)?, after };
        let ids: Vec<Ulid> = events.iter().map(|event| event.id).collect();
        if ids.iter().collect::<HashSet<_>>().len() < ids.len() {
            return Ok(None);
        }
        let now = (self.now)();
        let claim = |version| Claim { stream: place.stream.clone(), after, version };
        let stale = ids
            .iter()
            .zip(after + 1..)
            .filter(|(id, _)| !is_fresh(**id, now))
            .map(|(id, version)| (*id, claim(version)))
            .collect();
        let events: Result<Vec<_>, _> =
            events.iter().map(|event| event::encode(event, now)).collect();
        Ok(Some(Append { place, ids, stale, events: events?.into() }))
    }

    /// Appends, unless that was done before. `heard` is the highest position heard of.
    pub(super) async fn append(
        &self,
        clients: &Clients,
        names: &Names,
        append: &Append,
        heard: Position,
    ) -> Result<AppendOutcome, LogError> {
        let mut patience = Patience::of(self.patience);
        let _pass = self.gate.enter(patience.until).await?;
        let Some((mine, held)) = claim_all(clients, names, &mut patience, append).await? else {
            return Ok(AppendOutcome::IdInUse);
        };
        let sent = send(clients, &mut patience, append, !mine).await;
        // What failed without an outcome may still happen, so the claims stay.
        let refused = match &sent {
            // At a place that others have taken, a claim is void by itself.
            Ok(Sent::Conflict(actual)) => u64::from(*actual) <= append.place.after,
            Err(LogError::Broken(_)) => true,
            _ => false,
        };
        if refused {
            release_all(clients, &mut patience, held).await;
        }
        match sent? {
            Sent::Done(position) if mine && position > heard => {
                Ok(AppendOutcome::Appended { position })
            }
            // There before this call began, or sent by another.
            Sent::Done(position) => match find(clients, &mut patience, append).await? {
                Found::All(position) => Ok(AppendOutcome::AlreadyAppended { position }),
                // Deleted in the meantime, by whoever may do that.
                Found::Some | Found::Nothing => Ok(AppendOutcome::AlreadyAppended { position }),
            },
            Sent::Repeated(position) => Ok(AppendOutcome::AlreadyAppended { position }),
            Sent::Conflict(actual) => Ok(AppendOutcome::Conflict { actual }),
            Sent::InUse => Ok(AppendOutcome::IdInUse),
        }
    }

    /// The version of the stream's last event, 0 when it has none.
    pub(super) async fn version(
        &self,
        clients: &Clients,
        append: &Append,
    ) -> Result<u32, LogError> {
        let mut patience = Patience::of(self.patience);
        let _pass = self.gate.enter(patience.until).await?;
        let credentials = clients.credentials();
        let last = clients
            .insist(&mut patience, |client| {
                wire::last_of(client, credentials.clone(), append.place.stream.clone())
            })
            .await?;
        Ok(last.map_or(0, |event| version(event.revision)))
    }
}

impl Append {
    pub(super) fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }
}

/// Its 80 random bits are new; an id that was derived from something has any time at all.
fn is_fresh(id: Ulid, now: DateTime<Utc>) -> bool {
    let now = u64::try_from(now.timestamp_millis()).unwrap_or_default();
    u128::from(id.timestamp_ms().abs_diff(now)) <= FRESH.as_millis()
}

fn version(revision: u64) -> u32 {
    u32::try_from(revision).ok().and_then(|revision| revision.checked_add(1)).unwrap_or(u32::MAX)
}

/// Claims what must be claimed; `None` when an id is in use elsewhere. Of many equal appends, the one
/// that gets the first claim is the one that appends; the others repeat it.
async fn claim_all(
    clients: &Clients,
    names: &Names,
    patience: &mut Patience,
    append: &Append,
) -> Result<Option<(bool, Vec<Held>)>, LogError> {
    let until = patience.until;
    let claims = join_all(append.stale.iter().map(async |(id, claim)| {
        let mut patience = Patience::until(until);
        claims::claim(clients, &mut patience, names.claims(*id), *id, claim).await
    }));
    let (mut mine, mut held, mut in_use) = (true, vec![], false);
    for (place, claimed) in claims.await.into_iter().enumerate() {
        match claimed? {
            Claimed::Ours(claim) => held.push(claim),
            Claimed::Same => mine &= place > 0,
            Claimed::InUse => in_use = true,
        }
    }
    if in_use {
        release_all(clients, patience, held).await;
        return Ok(None);
    }
    Ok(Some((mine, held)))
}

/// Gives back what was claimed for nothing. Where that fails, the ids stay in use: too much is safe.
async fn release_all(clients: &Clients, patience: &mut Patience, held: Vec<Held>) {
    for claim in held {
        if let Err(error) = claims::release(clients, patience, claim).await {
            tracing::warn!(%error, "an event id stays claimed");
        }
    }
}

/// Sends it until it is answered. Whatever an earlier try has done (`tried`: or another's), the same
/// ids at the same place have it done once.
async fn send(
    clients: &Clients,
    patience: &mut Patience,
    append: &Append,
    mut tried: bool,
) -> Result<Sent, LogError> {
    loop {
        if tried {
            match find(clients, patience, append).await? {
                Found::All(position) => return Ok(Sent::Repeated(position)),
                Found::Some => return Ok(Sent::InUse),
                Found::Nothing => {}
            }
        }
        let credentials = clients.credentials();
        let sent = clients
            .call(patience, |client| {
                wire::append(client, credentials, append.place.clone(), append.events.clone())
            })
            .await;
        let failed = match sent {
            Ok((commit, _)) => return Ok(Sent::Done(event::known(commit).unwrap_or_default())),
            Err(failed) => failed,
        };
        if let Some(current) = failed.error.conflict() {
            return refused(clients, patience, append, current).await;
        }
        clients.recover(patience, failed).await?;
        tried = true;
    }
}

/// The server does not find the append where it is expected, or not all of it.
async fn refused(
    clients: &Clients,
    patience: &mut Patience,
    append: &Append,
    current: CurrentRevision,
) -> Result<Sent, LogError> {
    let actual = match current {
        CurrentRevision::Current(revision) => version(revision),
        CurrentRevision::NoStream => 0,
    };
    // A stream that has not got there holds nothing of it.
    if u64::from(actual) <= append.place.after {
        return Ok(Sent::Conflict(actual));
    }
    Ok(match find(clients, patience, append).await? {
        Found::All(position) => Sent::Repeated(position),
        Found::Some => Sent::InUse,
        Found::Nothing => Sent::Conflict(actual),
    })
}

async fn find(
    clients: &Clients,
    patience: &mut Patience,
    append: &Append,
) -> Result<Found, LogError> {
    let Place { stream, after } = append.place.clone();
    let (credentials, count) = (clients.credentials(), append.ids.len());
    let there = clients
        .insist(patience, |client| {
            wire::read_stream(client, credentials.clone(), stream.clone(), after, count)
        })
        .await?;
    let there = there.events;
    let ids: Vec<Uuid> = append.ids.iter().map(|id| Uuid::from(*id)).collect();
    if there.len() == ids.len() && there.iter().map(|event| event.id).eq(ids.iter().copied()) {
        return match there.last() {
            Some(last) => Ok(Found::All(event::position(last)?)),
            None => Ok(Found::Nothing),
        };
    }
    let some = there.iter().any(|event| ids.contains(&event.id));
    Ok(if some { Found::Some } else { Found::Nothing })
}
