//! A stored event as auditors see it.

use chrono::SecondsFormat;
use event_log::RecordedEvent;
use events::{Event, Metadata};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::opened::{Opened, open};
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
    pub data: Value,
    /// Who caused it, when, and from where.
    #[schema(value_type = Object)]
    pub metadata: Value,
}

/// `events` as auditors see them: personal texts in their places, as far as they can still be opened. All
/// that leaves goes through here.
pub async fn shown(app: &App, events: Vec<RecordedEvent>) -> Result<Vec<AuditEvent>, QueryError> {
    let opened = open(app.pool(), app.master(), &events).await?;
    Ok(events.into_iter().zip(opened).map(|(event, opened)| show(event, opened)).collect())
}

fn show(event: RecordedEvent, opened: Opened) -> AuditEvent {
    AuditEvent {
        id: event.id.to_string(),
        r#type: event.event_type,
        schema_version: event.schema_version,
        stream: event.stream,
        version: event.version,
        position: event.position.to_string(),
        recorded_at: event.recorded_at.to_rfc3339_opts(SecondsFormat::Micros, true),
        data: opened.data,
        metadata: opened.metadata,
    }
}

impl AuditEvent {
    /// What it tells the domain.
    pub(super) fn decode(&self) -> Result<(Event, Metadata), QueryError> {
        let data = serde_json::value::to_raw_value(&self.data)?;
        let event = Event::decode(&self.r#type, self.schema_version, &data)?;
        Ok((event, Metadata::deserialize(&self.metadata)?))
    }
}
