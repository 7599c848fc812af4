//! Query strings in which every parameter occurs once.

use serde_json::{Map, Value};

use crate::{Problem, Reason, YouTubeReason};

pub(super) fn parse(query: &str) -> Result<Map<String, Value>, Problem> {
    let mut values = Map::new();
    for (name, value) in pairs(query)? {
        if values.insert(name.clone(), Value::String(value)).is_some() {
            let youtube = YouTubeReason::global("invalidParameter").parameter(name.clone());
            return Err(Reason::new("duplicate-name").at(name).youtube(youtube).into());
        }
    }
    Ok(values)
}

/// The names and values of a query string, in order. Refuses what is not UTF-8 and control
/// characters, which no parameter of ours may hold.
fn pairs(query: &str) -> Result<Vec<(String, String)>, Problem> {
    let decoded = form_urlencoded::parse(query.as_bytes()).into_owned();
    decoded.map(|(name, value)| clean(&name, &value).map(|()| (name, value))).collect()
}

fn clean(name: &str, value: &str) -> Result<(), Problem> {
    // The decoder replaces what is not UTF-8 with this character, which has no other use here.
    let strange = |c: &char| c.is_control() || *c == char::REPLACEMENT_CHARACTER;
    let Some(found) = name.chars().chain(value.chars()).find(strange) else { return Ok(()) };
    let shown: String = name.chars().filter(|c| !strange(c)).take(64).collect();
    let youtube = YouTubeReason::global("invalidParameter").parameter(shown.clone());
    let reason = match found {
        char::REPLACEMENT_CHARACTER => Reason::new("not-utf8"),
        control => Reason::control_character(control),
    };
    Err(reason.at(shown).youtube(youtube).into())
}
