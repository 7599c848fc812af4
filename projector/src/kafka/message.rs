//! An event on its way through Kafka.
//!
//! The value of a record is the stored event as JSON, but for personal texts: the topic keeps its records
//! for ever, out of the reach of an erasure. The headers are those of CloudEvents 1.0 in
//! binary mode, so that a consumer can tell without parsing what it is about.

use event_log::{Position, RecordedEvent};
use events::{Metadata, Timestamp, schema};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use ulid::Ulid;

use super::withheld::withhold;

/// `ce_source` of every record.
pub const CE_SOURCE: &str = "/docket";

/// `ce_type` of a record: the event's type and the form that its data has.
pub fn cloud_event_type(event_type: &str, schema_version: u16) -> String {
    format!("moderation.{event_type}.v{schema_version}")
}

/// The value of a record of `moderation.events.v1`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Message {
    /// The event's id, also the header `ce_id`: the same in every copy.
    #[schemars(schema_with = "schema::ulid")]
    pub id: Ulid,
    /// What kind of thing happened, for instance `BanCreated`.
    #[serde(rename = "type")]
    pub event_type: String,
    /// Which form of that type the data has, from 1.
    pub schema_version: u16,
    /// The event stream, for instance `ban-` and 20 hexadecimal digits.
    pub stream: String,
    /// Which of that stream's events, from 1.
    #[schemars(range(min = 1))]
    pub version: u32,
    /// Where in the log, also the header `ce_position`: a number in decimal digits that only grows, with
    /// gaps that mean nothing.
    #[schemars(regex(pattern = "^[0-9]{1,19}$"))]
    pub position: String,
    /// When the log took it.
    pub recorded_at: Timestamp,
    /// What happened.
    #[schemars(with = "serde_json::Value")]
    pub data: Box<RawValue>,
    /// Who caused it, when and how.
    #[schemars(with = "Metadata")]
    pub metadata: Box<RawValue>,
}

impl Message {
    /// `event` as it is published: without personal texts, which its metadata names.
    ///
    /// # Errors
    /// None in practice: what is left out is left out of JSON.
    pub fn published(mut event: RecordedEvent) -> Result<Self, serde_json::Error> {
        withhold(&mut event)?;
        Ok(Self {
            id: event.id,
            event_type: event.event_type,
            schema_version: event.schema_version,
            stream: event.stream,
            version: event.version,
            position: event.position.to_string(),
            recorded_at: event.recorded_at.into(),
            data: event.data,
            metadata: event.metadata,
        })
    }
}

impl TryFrom<Message> for RecordedEvent {
    type Error = event_log::PositionError;

    fn try_from(message: Message) -> Result<Self, Self::Error> {
        let position: Position = message.position.parse()?;
        Ok(Self {
            position,
            stream: message.stream,
            version: message.version,
            id: message.id,
            event_type: message.event_type,
            schema_version: message.schema_version,
            recorded_at: message.recorded_at.to_utc(),
            data: message.data,
            metadata: message.metadata,
        })
    }
}
