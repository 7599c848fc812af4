//! What of an event is not published: its personal texts. Whoever may know one asks the query API.

use std::collections::{BTreeMap, BTreeSet};

use event_log::RecordedEvent;
use events::PersonalField;
use serde::Deserialize;
use serde_json::value::{RawValue, to_raw_value};

/// The member of published metadata that names what was withheld.
pub(super) const WITHHELD: &str = "withheld";

/// The member of stored metadata that holds what is sealed.
const SEALED: &str = "sealed";

/// A JSON object whose members stay as they were written.
type Members = BTreeMap<String, Box<RawValue>>;

/// Takes every personal text out of `event`, sealed or not and whatever its type is, and names them in its
/// metadata.
pub(super) fn withhold(event: &mut RecordedEvent) -> Result<(), serde_json::Error> {
    let mut withheld = BTreeSet::new();
    // What is no object has no members, and is none of ours.
    if let Some(mut data) = members(&event.data) {
        take(&mut data, &mut withheld);
        if !withheld.is_empty() {
            event.data = to_raw_value(&data)?;
        }
    }
    if let Some(mut metadata) = members(&event.metadata) {
        take(&mut metadata, &mut withheld);
        let sealed = metadata.remove(SEALED);
        let names = sealed.as_deref().and_then(members).unwrap_or_default();
        withheld.extend(names.into_keys());
        if !withheld.is_empty() {
            metadata.insert(WITHHELD.to_owned(), to_raw_value(&withheld)?);
        }
        if sealed.is_some() || !withheld.is_empty() {
            event.metadata = to_raw_value(&metadata)?;
        }
    }
    Ok(())
}

/// What was withheld when `event` was published.
pub(super) fn names(event: &RecordedEvent) -> Vec<String> {
    #[derive(Deserialize)]
    struct Published {
        #[serde(default)]
        withheld: Vec<String>,
    }
    let metadata = serde_json::from_str(event.metadata.get());
    metadata.map(|metadata: Published| metadata.withheld).unwrap_or_default()
}

fn members(object: &RawValue) -> Option<Members> {
    serde_json::from_str(object.get()).ok()
}

/// Moves the names of the personal ones of `members` to `taken`.
fn take(members: &mut Members, taken: &mut BTreeSet<String>) {
    let personal = PersonalField::ALL.map(PersonalField::as_str).into_iter();
    taken.extend(personal.filter(|name| members.remove(*name).is_some()).map(str::to_owned));
}
