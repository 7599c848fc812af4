//! Points in time as they go over the wire and into the log.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

/// A UTC instant, cut to milliseconds, written `2026-01-15T10:30:00.000Z`. Lies in the years 0 to
/// 9999, since RFC 3339 cannot write others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Timestamp(DateTime<Utc>);

/// `0000-01-01T00:00:00.000Z` in milliseconds since 1970.
const FIRST: i64 = -62_167_219_200_000;
/// `9999-12-31T23:59:59.999Z` in milliseconds since 1970.
const LAST: i64 = 253_402_300_799_999;

/// The text is no RFC 3339 instant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an RFC 3339 time such as 2026-01-15T10:30:00.000Z")]
pub struct TimestampError;

impl Timestamp {
    /// The instant as chrono knows it.
    pub fn to_utc(self) -> DateTime<Utc> {
        self.0
    }

    /// The instant `seconds` later; the end of time when it would lie beyond it.
    #[must_use]
    pub fn plus_seconds(self, seconds: u32) -> Self {
        (self.0 + TimeDelta::seconds(i64::from(seconds))).into()
    }

    /// Whole seconds from `earlier` to this instant; 0 when it is not earlier.
    pub fn seconds_since(self, earlier: Self) -> u64 {
        u64::try_from((self.0 - earlier.0).num_seconds()).unwrap_or(0)
    }
}

impl From<DateTime<Utc>> for Timestamp {
    fn from(instant: DateTime<Utc>) -> Self {
        let milliseconds = instant.timestamp_millis().clamp(FIRST, LAST);
        Self(DateTime::UNIX_EPOCH + TimeDelta::milliseconds(milliseconds))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.to_rfc3339_opts(SecondsFormat::Millis, true))
    }
}

impl FromStr for Timestamp {
    type Err = TimestampError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        DateTime::parse_from_rfc3339(text)
            .map(|instant| instant.with_timezone(&Utc).into())
            .map_err(|_| TimestampError)
    }
}

/// What is written has one form only; what is read may have any that RFC 3339 knows.
impl JsonSchema for Timestamp {
    fn schema_name() -> Cow<'static, str> {
        "Timestamp".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = json_schema!({
            "type": "string",
            "format": "date-time",
            "description": "An RFC 3339 instant, to the millisecond.",
        });
        if generator.contract().is_serialize() {
            let written = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z$";
            schema.insert("pattern".into(), written.into());
        }
        schema
    }
}

impl From<Timestamp> for String {
    fn from(instant: Timestamp) -> Self {
        instant.to_string()
    }
}

impl TryFrom<String> for Timestamp {
    type Error = TimestampError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}
