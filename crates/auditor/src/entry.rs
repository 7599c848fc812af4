//! One entry of the log: what it says, and whether it has the form that is hashed.

use std::borrow::Cow;
use std::fmt;

use chrono::{DateTime, SecondsFormat};
use events::{Envelope, Event};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use tlog_tiles::Hash;
use ulid::Ulid;

use crate::canonical;

/// An entry with all that can be told of it alone.
#[derive(Debug)]
pub struct Entry {
    /// The hash of its leaf.
    pub hash: Hash,
    /// What it says; or why it is no entry.
    pub said: Result<Said, String>,
}

/// What an entry says.
#[derive(Debug)]
pub struct Said {
    /// Its place in the log.
    pub position: u64,
    /// Its id.
    pub id: Ulid,
    /// Its event stream.
    pub stream: String,
    /// Which of that stream's events it is.
    pub version: u32,
    /// Its type.
    pub event_type: String,
    /// The event; or why it is none that the domain knows.
    pub event: Result<Box<Envelope<Event>>, String>,
    /// Why its bytes are not the ones that are hashed.
    pub form: Option<String>,
}

/// An event by all its names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Named {
    /// Its place among the entries, from 0.
    pub index: u64,
    /// Its place in the log; `None` where that cannot be told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<u64>,
    /// Its id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Its type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub r#type: Option<String>,
    /// Its event stream.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stream: Option<String>,
    /// Which of that stream's events it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<u32>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Members<'a> {
    #[serde(borrow)]
    data: &'a RawValue,
    id: Cow<'a, str>,
    #[serde(borrow)]
    metadata: &'a RawValue,
    position: Cow<'a, str>,
    recorded_at: Cow<'a, str>,
    schema_version: u16,
    stream: String,
    r#type: String,
    version: u32,
}

/// How many members an entry has: those, and no others.
const MEMBERS: usize = 9;

impl Entry {
    /// Reads an entry.
    pub fn of(bytes: &[u8]) -> Self {
        Self { hash: tlog_tiles::record_hash(bytes), said: read(bytes) }
    }

    /// Its names, as the one at `index`.
    pub fn named(&self, index: u64) -> Named {
        self.said.as_ref().map_or_else(|_| Named::unknown(index), |said| said.named(index))
    }
}

impl Said {
    /// Its names, as the one at `index`.
    pub fn named(&self, index: u64) -> Named {
        Named {
            index,
            position: Some(self.position),
            id: Some(self.id.to_string()),
            r#type: Some(self.event_type.clone()),
            stream: Some(self.stream.clone()),
            version: Some(self.version),
        }
    }
}

fn read(bytes: &[u8]) -> Result<Said, String> {
    let members: Members<'_> = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
    let id = Ulid::from_string(&members.id).ok().filter(|id| *id.to_string() == *members.id);
    let position = members.position.parse::<u64>().ok();
    let position = position.filter(|number| *number.to_string() == *members.position);
    let form = match canonical::members(bytes) {
        None => Some("its bytes are not in canonical form".to_owned()),
        Some(MEMBERS) if is_recording_time(&members.recorded_at) => None,
        Some(MEMBERS) => Some(format!("recordedAt {:?} has another form", members.recorded_at)),
        Some(more) => Some(format!("it has {more} members, and an entry has {MEMBERS}")),
    };
    let id = id.ok_or_else(|| format!("id {:?} is no ULID", members.id))?;
    let decode = || {
        let event = Event::decode(&members.r#type, members.schema_version, members.data);
        let event = event.map_err(|error| with_cause(&error))?;
        let metadata = serde_json::from_str(members.metadata.get());
        let metadata = metadata.map_err(|error| format!("malformed metadata: {error}"))?;
        Ok(Box::new(Envelope { id, event, metadata }))
    };
    Ok(Said {
        position: position.ok_or_else(|| format!("{:?} is no position", members.position))?,
        id,
        version: members.version,
        event: decode(),
        form,
        stream: members.stream,
        event_type: members.r#type,
    })
}

fn with_cause(error: &dyn std::error::Error) -> String {
    error.source().map_or_else(|| error.to_string(), |cause| format!("{error}: {cause}"))
}

/// UTC with six fractional digits.
fn is_recording_time(text: &str) -> bool {
    let time = DateTime::parse_from_rfc3339(text);
    time.is_ok_and(|time| time.to_utc().to_rfc3339_opts(SecondsFormat::Micros, true) == text)
}

/// The entry as it would be at another position; `None` when it has no such member.
///
/// The last of its objects' members of that name is the entry's own: after it come only texts and numbers,
/// and a text cannot hold an unescaped quotation mark.
pub fn at_position(bytes: &[u8], position: u64) -> Option<Vec<u8>> {
    const NAME: &[u8] = b",\"position\":\"";
    let start = bytes.windows(NAME.len()).rposition(|window| window == NAME)? + NAME.len();
    let end = start + bytes[start..].iter().position(|byte| *byte == b'"')?;
    let digits = position.to_string();
    Some([&bytes[..start], digits.as_bytes(), &bytes[end..]].concat())
}

impl Named {
    /// An event of which nothing but its place is known.
    pub fn unknown(index: u64) -> Self {
        Self { index, position: None, id: None, r#type: None, stream: None, version: None }
    }
}

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "index {}", self.index)?;
        if let Some(position) = self.position {
            write!(f, ", position {position}")?;
        }
        if let (Some(id), Some(kind)) = (&self.id, &self.r#type) {
            write!(f, ": {kind} {id}")?;
        }
        if let (Some(stream), Some(version)) = (&self.stream, self.version) {
            write!(f, ", {stream} version {version}")?;
        }
        Ok(())
    }
}
