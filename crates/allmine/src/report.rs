//! Reports as answers show them.

use std::net::IpAddr;

use events::report::{ReportStatus, ReportType};
use events::{LiveStreamId, LiveStreamSnapshot, Platform, ReportId, StreamStatus, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

use crate::UserSummary;

/// A report of one user on one live stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// Names it: 24 hexadecimal digits.
    #[schema(value_type = String, pattern = "^[0-9a-f]{24}$")]
    pub id: ReportId,
    /// Who filed it.
    pub reported_by: Option<UserSummary>,
    /// What is reported, as it is now.
    pub live_stream: LiveStreamSummary,
    /// Who ran it when it was reported.
    pub stream_creator: UserSummary,
    /// What it was doing when it was reported.
    #[schema(value_type = String)]
    pub stream_status_at_report: StreamStatus,
    /// What is wrong with it.
    #[serde(rename = "type")]
    #[schema(value_type = String)]
    pub report_type: ReportType,
    /// The same in the reporter's words.
    pub description: Option<String>,
    /// Where it stands: `pending`, `under_review`, `resolved` or `rejected`.
    #[schema(value_type = String)]
    pub status: ReportStatus,
    /// Who reviewed it last; `null` for those who are not staff.
    pub reviewed_by: Option<UserSummary>,
    /// Notes for other staff; `null` for those who are not.
    pub admin_notes: Option<String>,
    /// When it was resolved or rejected.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub resolved_at: Option<Timestamp>,
    /// Whether it is out of the queue's sight.
    pub is_archived: bool,
    /// From where it was filed.
    pub metadata: ReportMetadata,
    /// When it was filed.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When it last changed.
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Timestamp,
}

/// A live stream, in short.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct LiveStreamSummary {
    /// The platform's id.
    #[schema(value_type = String)]
    pub id: LiveStreamId,
    /// What its creator calls it.
    pub title: String,
    /// Where it is in its life.
    #[schema(value_type = String)]
    pub status: StreamStatus,
}

/// From where a report was filed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReportMetadata {
    /// The reporter's program.
    pub user_agent: Option<String>,
    /// Its address.
    #[schema(value_type = Option<String>)]
    pub ip_address: Option<IpAddr>,
    /// Its kind: `web`, `ios`, `android`, `admin`, `api`, `unknown` or `all`.
    pub platform: Option<String>,
}

/// The users that a report names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct People {
    /// Who filed it.
    pub reported_by: Option<UserSummary>,
    /// Who ran the live stream.
    pub stream_creator: UserSummary,
    /// Who reviewed it last.
    pub reviewed_by: Option<UserSummary>,
}

impl Report {
    /// `report` with the people in it and the live stream as the directory has it now (what the report
    /// remembers of it, when the directory has forgotten). Only `for_staff` does it tell who reviewed
    /// it, and the notes.
    pub fn of(
        report: &events::report::Report,
        people: People,
        live_stream: Option<&LiveStreamSnapshot>,
        for_staff: bool,
    ) -> Self {
        let live_stream = LiveStreamSummary {
            id: report.live_stream_id.clone(),
            title: live_stream.map_or(&report.stream_title, |stream| &stream.title).clone(),
            status: live_stream.map_or(report.stream_status_at_report, |stream| stream.status),
        };
        Self {
            id: report.id,
            reported_by: people.reported_by,
            live_stream,
            stream_creator: people.stream_creator,
            stream_status_at_report: report.stream_status_at_report,
            report_type: report.report_type,
            description: report.description.as_ref().map(|text| text.as_str().to_owned()),
            status: report.status,
            reviewed_by: people.reviewed_by.filter(|_| for_staff),
            admin_notes: report
                .admin_notes
                .as_ref()
                .filter(|_| for_staff)
                .map(|notes| notes.as_str().to_owned()),
            resolved_at: report.resolved_at,
            is_archived: report.is_archived,
            metadata: ReportMetadata {
                user_agent: report.user_agent.clone(),
                ip_address: report.client_ip,
                platform: report.platform.map(Platform::shown).map(str::to_owned),
            },
            created_at: report.created_at,
            updated_at: report.updated_at,
        }
    }
}
