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

/// A type and the version that it is written in.
pub type Schema = (&'static str, u16);

const BAN_CREATED: Schema = ("BanCreated", 1);
const BAN_REVOKED: Schema = ("BanRevoked", 1);
const REPORT_FILED: Schema = ("ReportFiled", 1);
const REPORT_REVIEWED: Schema = ("ReportReviewed", 1);

/// Every type and the version that it is written in.
pub const CURRENT: [Schema; 4] = [BAN_CREATED, BAN_REVOKED, REPORT_FILED, REPORT_REVIEWED];

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
        let ((event_type, schema_version), data) = match self {
            Self::Ban(BanEvent::Created(data)) => (BAN_CREATED, raw(data)?),
            Self::Ban(BanEvent::Revoked(data)) => (BAN_REVOKED, raw(data)?),
            Self::Report(ReportEvent::Filed(data)) => (REPORT_FILED, raw(data)?),
            Self::Report(ReportEvent::Reviewed(data)) => (REPORT_REVIEWED, raw(data)?),
        };
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
        let unknown = || DecodeError::Unknown { event_type: event_type.to_owned(), schema_version };
        let malformed = |source| DecodeError::Malformed {
            event_type: event_type.to_owned(),
            schema_version,
            source,
        };
        let (_, wanted) = *current
            .iter()
            .find(|(name, version)| *name == event_type && schema_version <= *version)
            .ok_or_else(unknown)?;
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
        let data = raw(&value).map_err(malformed)?;
        parse(event_type, &data).ok_or_else(unknown)?.map_err(malformed)
    }
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
