//! Events as auditors see them: personal texts stand in their usual places, as far as their keys are there.
//!
//! What cannot be opened any more is named in `metadata.erased`. What has a key and does not open, or has no
//! place in its event, is named in `metadata.broken`: somebody has changed it. Neither keeps the rest of the
//! event from being shown.

use std::collections::{BTreeMap, BTreeSet};

use event_log::RecordedEvent;
use events::{PersonalField, Sealed};
use sealing::{KeyError, Keys, MasterKeys, Place, store};
use serde_json::value::to_raw_value;
use serde_json::{Map, Value};
use sqlx::PgPool;
use ulid::Ulid;

/// Why events cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The keys are not to be had.
    #[error(transparent)]
    Keys(#[from] KeyError),
    /// The log holds what is no JSON.
    #[error("an event is no JSON")]
    Malformed(#[from] serde_json::Error),
}

/// The metadata of an event in which something is sealed, without what is.
struct Taken {
    /// Which of the events.
    nth: usize,
    metadata: Map<String, Value>,
    /// The sealed texts under their names, whether we know these or not.
    sealed: Map<String, Value>,
}

/// What became of a sealed text.
enum Outcome {
    Text(String),
    Erased,
    Broken,
}

/// Opens what is sealed in `events`, which are then no longer those that were hashed. Reads the keys for all
/// of them in one statement, and forgets them again.
pub async fn open(
    pool: &PgPool,
    master: &MasterKeys,
    events: &mut [RecordedEvent],
) -> Result<(), OpenError> {
    let mut taken = vec![];
    for (nth, event) in events.iter().enumerate() {
        taken.extend(take(nth, event)?);
    }
    let keys = keys(pool, master, &taken).await?;
    for Taken { nth, metadata, sealed } in taken {
        put_back(&mut events[nth], metadata, &sealed, &keys)?;
    }
    Ok(())
}

/// Takes out of an event's metadata what is sealed, if anything is.
fn take(nth: usize, event: &RecordedEvent) -> Result<Option<Taken>, serde_json::Error> {
    // Most of what was stored before there was anything sealed need not be read.
    if !event.metadata.get().contains(r#""sealed""#) {
        return Ok(None);
    }
    let mut metadata: Map<String, Value> = serde_json::from_str(event.metadata.get())?;
    Ok(metadata.remove("sealed").map(|sealed| {
        let sealed = match sealed {
            Value::Object(sealed) => sealed,
            // Nothing of ours; it is named as what it is.
            other => Map::from_iter([("sealed".to_owned(), other)]),
        };
        Taken { nth, metadata, sealed }
    }))
}

/// The keys that are still there.
async fn keys(pool: &PgPool, master: &MasterKeys, taken: &[Taken]) -> Result<Keys, KeyError> {
    let texts = taken.iter().flat_map(|taken| taken.sealed.values());
    let wanted: BTreeSet<Ulid> =
        texts.filter_map(|text| Some(sealed_text(text)?.parts()?.0)).collect();
    if wanted.is_empty() {
        return Ok(Keys::new());
    }
    let wanted: Vec<Ulid> = wanted.into_iter().collect();
    store::by_id(&mut *pool.acquire().await?, master, &wanted).await
}

/// Puts the texts back, and names those that are missing.
fn put_back(
    event: &mut RecordedEvent,
    mut metadata: Map<String, Value>,
    sealed: &Map<String, Value>,
    keys: &Keys,
) -> Result<(), serde_json::Error> {
    let mut data: Value = serde_json::from_str(event.data.get())?;
    let mut missing: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
    for (name, value) in sealed {
        let list = match open_one(event, name, value, keys) {
            Outcome::Text(text) if place(&mut data, &mut metadata, name, &text) => continue,
            Outcome::Erased => "erased",
            Outcome::Text(_) | Outcome::Broken => {
                let (id, position) = (event.id, event.position);
                tracing::error!(%id, %position, field = name, "a sealed text is broken");
                "broken"
            }
        };
        missing.entry(list).or_default().push(name.as_str().into());
    }
    metadata.extend(missing.into_iter().map(|(list, names)| (list.to_owned(), names.into())));
    event.data = to_raw_value(&data)?;
    event.metadata = to_raw_value(&metadata)?;
    Ok(())
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

fn sealed_text(value: &Value) -> Option<Sealed> {
    serde_json::from_value(value.clone()).ok()
}

/// Puts a text in its usual place; `false` when it has none there, or when something stands there already.
fn place(data: &mut Value, metadata: &mut Map<String, Value>, name: &str, text: &str) -> bool {
    let field = PersonalField::ALL.into_iter().find(|field| field.as_str() == name);
    let home = match field {
        None => None,
        Some(PersonalField::Reason | PersonalField::Description | PersonalField::AdminNotes) => {
            data.as_object_mut()
        }
        Some(
            PersonalField::RequestFingerprint
            | PersonalField::ClientIp
            | PersonalField::UserAgent
            | PersonalField::DeviceId,
        ) => Some(metadata),
    };
    match home {
        Some(home) if !home.contains_key(name) => {
            home.insert(name.to_owned(), text.into());
            true
        }
        _ => false,
    }
}
