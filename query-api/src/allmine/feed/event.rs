//! The shapes of what the feed tells.

use events::ban::BanEvent;
use events::{CorrelationId, Event, LiveStreamId, Timestamp, UserId};
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use crate::tail::{Content, LiveEvent};

/// An event as the feed tells it: the `data:` of a server-sent event whose `event:` is its type.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FeedEvent {
    /// A ULID, unique in the whole log.
    pub id: String,
    /// `BanCreated`, `BanRevoked`, `ReportFiled` or `ReportReviewed`.
    pub r#type: &'static str,
    /// Which form of that type the data has.
    pub schema_version: u16,
    /// Where in the log: digits. The same as `id:`.
    pub position: String,
    /// When the log took it.
    #[schema(value_type = String, format = DateTime)]
    pub recorded_at: Timestamp,
    /// When it was decided.
    #[schema(value_type = String, format = DateTime)]
    pub occurred_at: Timestamp,
    /// What all events of one request share.
    #[schema(value_type = String)]
    pub correlation_id: CorrelationId,
    /// The event that led to it; `null` when none did, and for those who do not see reports, when a report did.
    pub causation_id: Option<String>,
    /// Who caused it; `null` when Docket itself did.
    #[schema(value_type = Option<String>)]
    pub actor: Option<UserId>,
    /// The live stream that it happened on.
    #[schema(value_type = String)]
    pub live_stream_id: LiveStreamId,
    /// What happened, in the form that `events/schemas` describes. Texts that people wrote are there as far as they can
    /// be opened. `reportId` is for those who see reports.
    #[schema(value_type = Object)]
    pub data: Box<RawValue>,
}

/// An event that this server cannot read, which it tells rather than leave it out: the `data:` of `event: Unreadable`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Unreadable {
    /// A ULID, unique in the whole log.
    pub id: String,
    /// Its type, which may be news to this server.
    pub r#type: String,
    /// Which form of that type it has.
    pub schema_version: u16,
    /// Where in the log: digits. The same as `id:`.
    pub position: String,
    /// When the log took it.
    #[schema(value_type = String, format = DateTime)]
    pub recorded_at: Timestamp,
}

/// Nothing up to here was for the caller: the `data:` of `event: Position`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FeedPosition {
    /// Where in the log: digits. The same as `id:`.
    pub position: String,
}

impl FeedEvent {
    /// What is told of `content` to those who see reports, or to the others.
    pub(super) fn of(
        event: &LiveEvent,
        content: &Content,
        sees_reports: bool,
    ) -> Result<Self, serde_json::Error> {
        let (told, caused_by_report) = without_report(&content.event, sees_reports);
        let encoded = told.encode()?;
        let metadata = &content.metadata;
        let causation = metadata.causation_id.filter(|_| !caused_by_report);
        Ok(Self {
            id: event.id.to_string(),
            r#type: encoded.event_type,
            schema_version: encoded.schema_version,
            position: event.position.to_string(),
            recorded_at: event.recorded_at.into(),
            occurred_at: metadata.occurred_at,
            correlation_id: metadata.correlation_id.clone(),
            causation_id: causation.map(|id| id.to_string()),
            actor: metadata.actor.clone(),
            live_stream_id: content.live_stream_id.clone(),
            data: encoded.data,
        })
    }
}

/// The event without the report behind it, for those who do not see reports; and whether that is to hide its cause,
/// too. What leads to a new ban is a report and nothing else.
fn without_report(event: &Event, sees_reports: bool) -> (Event, bool) {
    match event {
        Event::Ban(BanEvent::Created(created)) if !sees_reports => {
            let mut created = created.clone();
            created.report_id = None;
            (Event::Ban(BanEvent::Created(created)), true)
        }
        other => (other.clone(), false),
    }
}

impl From<&LiveEvent> for Unreadable {
    fn from(event: &LiveEvent) -> Self {
        Self {
            id: event.id.to_string(),
            r#type: event.event_type.clone(),
            schema_version: event.schema_version,
            position: event.position.to_string(),
            recorded_at: event.recorded_at.into(),
        }
    }
}
