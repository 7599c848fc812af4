//! One event on its way into the log, and out of it.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::mem;

use event_log::{NewEvent, RecordedEvent};
use events::personal::{self, Misplaced};
use events::{Event, Metadata, Personal, PersonalField, Sealed, UserId};
use sealing::{Each, Place, SealError};
use serde::Deserialize;
use serde_json::value::to_raw_value;
use ulid::Ulid;

use crate::history::StreamError;

/// An event without its personal texts, and the texts.
#[derive(Debug)]
pub(crate) struct Bare {
    id: Ulid,
    event: Event,
    metadata: Metadata,
    personal: Vec<Personal>,
}

impl Bare {
    /// Of an event whose stream is about `about`. Where nobody knows whom it is about, its texts are taken
    /// for the actor's; where there is no actor either, Docket itself acted, and there are none.
    pub(crate) fn of(
        id: Ulid,
        mut event: Event,
        mut metadata: Metadata,
        about: Option<&UserId>,
    ) -> Self {
        let about = about.or(metadata.actor.as_ref()).cloned();
        let personal = about.map(|about| personal::withdraw(&mut event, &mut metadata, &about));
        Self { id, event, metadata, personal: personal.unwrap_or_default() }
    }

    /// Those whose keys it takes.
    pub(super) fn subjects(&self) -> impl Iterator<Item = String> {
        self.personal.iter().map(|personal| personal.subject.clone().into())
    }

    /// As the log takes it, its texts sealed with the keys of those whose they are.
    pub(super) fn seal(mut self, keys: &Each<String>) -> Result<NewEvent, StreamError> {
        let encoded = self.event.encode().map_err(StreamError::unwritable)?;
        for Personal { field, subject, text } in &self.personal {
            let key = keys.get(subject.as_str()).ok_or(SealError::Broken)?;
            let key = key.as_ref().map_err(SealError::clone)?;
            let place = Place {
                event_id: self.id,
                event_type: encoded.event_type,
                schema_version: encoded.schema_version,
                field: field.as_str(),
            };
            self.metadata.sealed.insert(*field, Sealed::new(key.id(), &key.seal(place, text)?));
        }
        Ok(NewEvent {
            id: self.id,
            event_type: encoded.event_type.to_owned(),
            schema_version: encoded.schema_version,
            data: encoded.data,
            metadata: to_raw_value(&self.metadata).map_err(StreamError::unwritable)?,
        })
    }
}

/// Why a sealed text could not be opened. A key that was destroyed is no such reason.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unopened {
    /// It has not the form of one.
    #[error("a sealed text is malformed")]
    Malformed,
    /// Its key cannot be used, or does not fit it.
    #[error("a sealed text cannot be opened")]
    Key(#[from] SealError),
    /// The event has no place for it.
    #[error("a sealed text has no place")]
    Misplaced(#[from] Misplaced),
}

/// Puts the sealed texts back where they belong. What stays sealed is what nobody can open any more.
pub(crate) fn open(
    event: &mut Event,
    metadata: &mut Metadata,
    recorded: &RecordedEvent,
    keys: &Each<Ulid>,
) -> Result<(), Unopened> {
    for (field, sealed) in mem::take(&mut metadata.sealed) {
        let (id, encrypted) = sealed.parts().ok_or(Unopened::Malformed)?;
        let Some(key) = keys.get(&id) else {
            metadata.sealed.insert(field, sealed);
            continue;
        };
        let place = Place {
            event_id: recorded.id,
            event_type: &recorded.event_type,
            schema_version: recorded.schema_version,
            field: field.as_str(),
        };
        let text = key.as_ref().map_err(SealError::clone)?.open(place, encrypted)?;
        personal::restore(event, metadata, field, text)?;
    }
    Ok(())
}

/// The keys that it takes to open these.
pub(crate) fn key_ids<'a>(recorded: impl IntoIterator<Item = &'a RecordedEvent>) -> BTreeSet<Ulid> {
    #[derive(Deserialize)]
    struct Keyed {
        #[serde(default)]
        sealed: BTreeMap<PersonalField, Sealed>,
    }

    // Many commands of one batch may have read the same stream.
    let mut seen = HashSet::new();
    let distinct = recorded.into_iter().filter(|event| seen.insert(event.id));
    // What has another form is told of when the event itself is decoded.
    let keyed = distinct.filter_map(|event| {
        serde_json::from_str(event.metadata.get()).ok().map(|Keyed { sealed }| sealed)
    });
    keyed
        .flat_map(BTreeMap::into_values)
        .filter_map(|sealed| sealed.parts().map(|(id, _)| id))
        .collect()
}
