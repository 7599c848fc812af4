//! Events as auditors see them: personal texts stand in their usual places, as far as their keys are there.
//!
//! What cannot be opened any more is named in `metadata.erased`. What has a key and does not open, or has no
//! place in its event, is named in `metadata.broken`: somebody has changed it. Neither keeps the rest of the
//! event from being shown.

use std::collections::{BTreeSet, HashMap};

use event_log::RecordedEvent;
use events::{PersonalField, Sealed};
use sealing::{Keys, MasterKeys, Place, store};
use serde_json::{Map, Value};
use sqlx::PgPool;
use ulid::Ulid;

/// What an event says, opened.
#[derive(Debug, Clone, PartialEq)]
pub struct Opened {
    /// Its data.
    pub data: Value,
    /// Its metadata, with `erased` and `broken` in the place of `sealed`.
    pub metadata: Value,
}

/// Why a page of events cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The keys are not to be had.
    #[error(transparent)]
    Keys(#[from] sealing::KeyError),
    /// The keys are not to be had.
    #[error("the keys of persons cannot be read")]
    Database(#[from] sqlx::Error),
    /// The log holds what is no JSON.
    #[error("event {id} is no JSON")]
    Malformed {
        /// The event.
        id: Ulid,
        /// What is wrong with it.
        source: serde_json::Error,
    },
}

/// What is sealed in an event: under its name, whether we know that name or not.
type SealedTexts = Map<String, Value>;

/// What became of a sealed text.
enum Outcome {
    Text(String),
    Erased,
    Broken,
}

/// Opens a page of events. Reads the keys for all of them in one statement, and forgets them again.
pub async fn open(
    pool: &PgPool,
    master: &MasterKeys,
    events: &[RecordedEvent],
) -> Result<Vec<Opened>, OpenError> {
    let mut read = Vec::with_capacity(events.len());
    for event in events {
        read.push(take_sealed(event)?);
    }
    let wanted: BTreeSet<Ulid> =
        read.iter().flat_map(|(_, sealed)| sealed.values()).filter_map(key_of).collect();
    let keys = if wanted.is_empty() {
        Keys::new()
    } else {
        let wanted: Vec<Ulid> = wanted.into_iter().collect();
        store::by_id(&mut *pool.acquire().await?, master, &wanted).await?
    };
    let opened = read.into_iter().zip(events).map(|((mut opened, sealed), event)| {
        put_back(&mut opened, event, &sealed, &keys);
        opened
    });
    Ok(opened.collect())
}

/// The event without what is sealed in it, and that.
fn take_sealed(event: &RecordedEvent) -> Result<(Opened, SealedTexts), OpenError> {
    let parse = |json: &str| {
        serde_json::from_str(json).map_err(|source| OpenError::Malformed { id: event.id, source })
    };
    let (data, mut metadata): (Value, Value) =
        (parse(event.data.get())?, parse(event.metadata.get())?);
    let sealed = metadata.as_object_mut().and_then(|metadata| metadata.remove("sealed"));
    let sealed = match sealed {
        Some(Value::Object(sealed)) => sealed,
        None => Map::new(),
        // No map of texts is sealed by us; it is shown as what it is.
        Some(other) => Map::from_iter([("sealed".to_owned(), other)]),
    };
    Ok((Opened { data, metadata }, sealed))
}

fn sealed_text(value: &Value) -> Option<Sealed> {
    serde_json::from_value(value.clone()).ok()
}

fn key_of(value: &Value) -> Option<Ulid> {
    sealed_text(value)?.parts().map(|(key, _)| key)
}

/// Puts the texts back, and names those that are missing.
fn put_back(opened: &mut Opened, event: &RecordedEvent, sealed: &SealedTexts, keys: &Keys) {
    let mut missing: HashMap<&str, BTreeSet<&str>> = HashMap::new();
    for (name, value) in sealed {
        let list = match open_one(event, name, value, keys) {
            Outcome::Text(text) if place(opened, name, &text) => continue,
            Outcome::Erased => "erased",
            Outcome::Text(_) | Outcome::Broken => {
                let (id, position) = (event.id, event.position);
                tracing::error!(%id, %position, field = name, "a sealed text is broken");
                "broken"
            }
        };
        missing.entry(list).or_default().insert(name);
    }
    if let Value::Object(metadata) = &mut opened.metadata {
        let lists = missing.into_iter();
        metadata.extend(lists.map(|(list, names)| (list.to_owned(), Value::from_iter(names))));
    }
}

fn open_one(event: &RecordedEvent, name: &str, value: &Value, keys: &Keys) -> Outcome {
    let Some(sealed) = sealed_text(value) else { return Outcome::Broken };
    let Some((key, encrypted)) = sealed.parts() else { return Outcome::Broken };
    let Some(key) = keys.get(&key) else { return Outcome::Erased };
    let place = Place {
        event_id: event.id,
        event_type: &event.event_type,
        schema_version: event.schema_version,
        field: name,
    };
    key.open(place, encrypted).map_or(Outcome::Broken, Outcome::Text)
}

/// Puts a text in its usual place; `false` when it has none there, or when something stands there already.
fn place(opened: &mut Opened, name: &str, text: &str) -> bool {
    let field = PersonalField::ALL.into_iter().find(|field| field.as_str() == name);
    let home = match field {
        None => None,
        Some(PersonalField::Reason | PersonalField::Description | PersonalField::AdminNotes) => {
            opened.data.as_object_mut()
        }
        Some(
            PersonalField::RequestFingerprint
            | PersonalField::ClientIp
            | PersonalField::UserAgent
            | PersonalField::DeviceId,
        ) => opened.metadata.as_object_mut(),
    };
    match home {
        Some(home) if !home.contains_key(name) => {
            home.insert(name.to_owned(), text.into());
            true
        }
        _ => false,
    }
}
