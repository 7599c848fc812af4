//! Opening the personal texts that a projection shows.
//!
//! **Architecture Invariant:** keys live no longer than the transaction that the texts land in.

use std::collections::BTreeSet;

use events::personal::restore;
use sealing::{Keys, MasterKeys, Place, SealError, store};
use sqlx::PgConnection;
use ulid::Ulid;

use crate::error::ProjectorError;
use crate::page::Read;
use crate::privacy;
use crate::projection::{LoggedEvent, Projection, UndecodableEvent};

/// Puts the texts that `projection` shows back into the events of `run`, in the transaction in which they
/// are to land. One whose key was destroyed stays absent; an event with one that does not fit its key or
/// its place counts as undecodable.
pub(crate) async fn open(
    connection: &mut PgConnection,
    master: &MasterKeys,
    projection: &dyn Projection,
    run: &mut [Read<'_>],
) -> Result<(), ProjectorError> {
    let wanted: Vec<Ulid> = keys_of(projection, run).into_iter().collect();
    let mut keys = Keys::new();
    if !wanted.is_empty() {
        privacy::writing(connection).await?;
        keys = store::by_id(connection, master, &wanted).await?;
    }
    for read in run {
        if let Ok(logged) = &mut read.logged {
            let place = |field| Place {
                event_id: read.recorded.id,
                event_type: &read.recorded.event_type,
                schema_version: read.recorded.schema_version,
                field,
            };
            if let Err(error) = open_event(projection, logged, place, &keys) {
                read.logged = Err(error);
            }
        }
    }
    Ok(())
}

/// The keys of all texts that `projection` shows.
fn keys_of(projection: &dyn Projection, run: &[Read<'_>]) -> BTreeSet<Ulid> {
    let shown = |logged: &LoggedEvent| {
        let sealed = |field| logged.metadata.sealed.get(field)?.parts();
        projection.shows(&logged.event).iter().filter_map(sealed).map(|(key, _)| key).collect()
    };
    let decoded = run.iter().filter_map(|read| read.logged.as_ref().ok());
    let sealed = decoded.filter(|logged| !logged.metadata.sealed.is_empty());
    sealed.flat_map(|logged| -> Vec<Ulid> { shown(logged) }).collect()
}

fn open_event<'a>(
    projection: &dyn Projection,
    logged: &mut LoggedEvent,
    place: impl Fn(&'static str) -> Place<'a>,
    keys: &Keys,
) -> Result<(), UndecodableEvent> {
    for field in projection.shows(&logged.event).iter().copied() {
        let Some(sealed) = logged.metadata.sealed.get(&field) else { continue };
        let broken = |error| UndecodableEvent::Sealed(field, error);
        let (key, encrypted) = sealed.parts().ok_or_else(|| broken(SealError::Broken))?;
        if let Some(key) = keys.get(&key) {
            let text = key.open(place(field.as_str()), encrypted).map_err(broken)?;
            restore(&mut logged.event, &mut logged.metadata, field, text)?;
        }
    }
    Ok(())
}
