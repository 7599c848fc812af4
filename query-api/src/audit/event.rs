//! A stored event as auditors see it.

use chrono::SecondsFormat;
use event_log::RecordedEvent;
use events::{Event, Metadata};
use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use crate::App;
use crate::error::QueryError;

/// An event as the log stores it.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuditEvent {
    /// A ULID, unique in the whole log.
    pub id: String,
    /// `BanCreated`, `BanRevoked`, `ReportFiled` or `ReportReviewed`.
    pub r#type: String,
    /// Which form of that type the data has.
    pub schema_version: u16,
    /// The event stream: `ban-` or `report-` and 20 hexadecimal digits.
    pub stream: String,
    /// Which of that stream's events, from 1.
    pub version: u32,
    /// Where in the log: digits, to be given back as `after`.
    pub position: String,
    /// When the log took it, to the microsecond.
    #[schema(format = DateTime)]
    pub recorded_at: String,
    /// What happened.
    #[schema(value_type = Object)]
    pub data: Box<RawValue>,
    /// Who caused it, when, and from where.
    #[schema(value_type = Object)]
    pub metadata: Box<RawValue>,
}

/// `events` as auditors see them. All that leaves goes through here.
#[expect(
    clippy::unused_async,
    reason = "what is sealed will be opened here, with keys from elsewhere"
)]
pub async fn shown(_app: &App, events: Vec<RecordedEvent>) -> Result<Vec<AuditEvent>, QueryError> {
    events.into_iter().map(show).collect()
}

fn show(event: RecordedEvent) -> Result<AuditEvent, QueryError> {
    Ok(AuditEvent {
        id: event.id.to_string(),
        r#type: event.event_type,
        schema_version: event.schema_version,
        stream: event.stream,
        version: event.version,
        position: event.position.to_string(),
        recorded_at: event.recorded_at.to_rfc3339_opts(SecondsFormat::Micros, true),
        data: on_one_line(event.data)?,
        metadata: on_one_line(event.metadata)?,
    })
}

/// The same JSON without line breaks, which an engine may have kept: they end a line of NDJSON.
fn on_one_line(json: Box<RawValue>) -> Result<Box<RawValue>, QueryError> {
    if !json.get().contains(['\n', '\r']) {
        return Ok(json);
    }
    let value: Value = serde_json::from_str(json.get())?;
    Ok(serde_json::value::to_raw_value(&value)?)
}

impl AuditEvent {
    /// What it tells the domain.
    pub(super) fn decode(&self) -> Result<(Event, Metadata), QueryError> {
        let event = Event::decode(&self.r#type, self.schema_version, &self.data)?;
        Ok((event, serde_json::from_str(self.metadata.get())?))
    }
}
