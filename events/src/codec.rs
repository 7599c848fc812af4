//! Events to and from what the log stores: an explicit type, a schema version, and JSON.
//!
//! Names and versions are never derived from Rust names, so that code can be renamed while old
//! events stay readable. A (type, version) once written decodes for ever: `tests/golden` holds one
//! sample of each.

use serde::{Serialize, de::DeserializeOwned};
use serde_json::value::RawValue;

use crate::ban::BanEvent;
use crate::report::ReportEvent;

/// Any event of the domain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// Of a ban.
    Ban(BanEvent),
    /// Of a report.
    Report(ReportEvent),
}

/// An event's data as the log stores it.
#[derive(Debug, Clone)]
pub struct Encoded {
    /// For instance `BanCreated`.
    pub event_type: &'static str,
    /// Which form of that type the data has, from 1.
    pub schema_version: u16,
    /// The data, as JSON.
    pub data: Box<RawValue>,
}

/// Why stored bytes are no event.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// No event has this type, or not in this version. Never skipped: it may be news from a newer
    /// Docket.
    #[error("unknown event type {event_type} version {schema_version}")]
    Unknown {
        /// The stored type.
        event_type: String,
        /// The stored version.
        schema_version: u16,
    },
    /// The data does not have the form that its type and version promise.
    #[error("malformed {event_type} version {schema_version}")]
    Malformed {
        /// The stored type.
        event_type: String,
        /// The stored version.
        schema_version: u16,
        /// What is wrong with it.
        source: serde_json::Error,
    },
}

/// The types and the versions that they are written in.
pub const CURRENT: [(&str, u16); 4] =
    [("BanCreated", 1), ("BanRevoked", 1), ("ReportFiled", 1), ("ReportReviewed", 1)];

/// Turns the data of one (type, version) into the form of the next version. Pure.
#[derive(Debug, Clone, Copy)]
pub struct Upcaster {
    /// The type that it is for.
    pub event_type: &'static str,
    /// The version that it reads; it makes the next one.
    pub from: u16,
    /// The step.
    pub upcast: fn(serde_json::Value) -> serde_json::Value,
}

/// Every upcaster in use. Empty while every type is in its first version.
pub const UPCASTERS: &[Upcaster] = &[];

impl Event {
    /// The event as the log stores it.
    ///
    /// # Errors
    /// None in practice: every field of an event has a JSON form.
    pub fn encode(&self) -> Result<Encoded, serde_json::Error> {
        let (event_type, data) = match self {
            Self::Ban(BanEvent::Created(data)) => ("BanCreated", raw(data)?),
            Self::Ban(BanEvent::Revoked(data)) => ("BanRevoked", raw(data)?),
            Self::Report(ReportEvent::Filed(data)) => ("ReportFiled", raw(data)?),
            Self::Report(ReportEvent::Reviewed(data)) => ("ReportReviewed", raw(data)?),
        };
        let schema_version = current_version(event_type).unwrap_or_default();
        Ok(Encoded { event_type, schema_version, data })
    }

    /// The event that the log stored.
    ///
    /// # Errors
    /// When type, version or form are unknown.
    pub fn decode(
        event_type: &str,
        schema_version: u16,
        data: &RawValue,
    ) -> Result<Self, DecodeError> {
        Self::decode_with(UPCASTERS, &CURRENT, event_type, schema_version, data)
    }

    /// [`Self::decode`] with other upcasters and current versions.
    pub fn decode_with(
        upcasters: &[Upcaster],
        current: &[(&str, u16)],
        event_type: &str,
        schema_version: u16,
        data: &RawValue,
    ) -> Result<Self, DecodeError> {
        let unknown =
            || DecodeError::Unknown { event_type: event_type.to_owned(), schema_version };
        let malformed = |source| DecodeError::Malformed {
            event_type: event_type.to_owned(),
            schema_version,
            source,
        };
        let wanted = current.iter().find(|(name, _)| *name == event_type).ok_or_else(unknown)?.1;
        if schema_version == wanted {
            return parse(event_type, data).ok_or_else(unknown)?.map_err(malformed);
        }
        let mut value: serde_json::Value = serde_json::from_str(data.get()).map_err(malformed)?;
        for version in schema_version..wanted {
            let step = upcasters
                .iter()
                .find(|upcaster| upcaster.event_type == event_type && upcaster.from == version);
            value = (step.ok_or_else(unknown)?.upcast)(value);
        }
        if schema_version > wanted {
            return Err(unknown());
        }
        let data = raw(&value).map_err(malformed)?;
        parse(event_type, &data).ok_or_else(unknown)?.map_err(malformed)
    }
}

fn current_version(event_type: &str) -> Option<u16> {
    CURRENT.iter().find(|(name, _)| *name == event_type).map(|(_, version)| *version)
}

fn raw(data: &impl Serialize) -> Result<Box<RawValue>, serde_json::Error> {
    serde_json::value::to_raw_value(data)
}

fn parse(event_type: &str, data: &RawValue) -> Option<Result<Event, serde_json::Error>> {
    fn read<T: DeserializeOwned>(data: &RawValue) -> Result<T, serde_json::Error> {
        serde_json::from_str(data.get())
    }
    Some(match event_type {
        "BanCreated" => read(data).map(|e| Event::Ban(BanEvent::Created(e))),
        "BanRevoked" => read(data).map(|e| Event::Ban(BanEvent::Revoked(e))),
        "ReportFiled" => read(data).map(|e| Event::Report(ReportEvent::Filed(e))),
        "ReportReviewed" => read(data).map(|e| Event::Report(ReportEvent::Reviewed(e))),
        _ => return None,
    })
}
