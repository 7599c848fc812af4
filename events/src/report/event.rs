//! What can happen to a report, as it is stored.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Description, LiveStreamId, Notes, ReportId, StreamStatus, UserId};

/// What can happen to a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReportEvent {
    /// Somebody reported a live stream.
    Filed(ReportFiled),
    /// Staff dealt with a report.
    Reviewed(ReportReviewed),
}

/// Somebody reported a live stream. The reporter is the metadata's actor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReportFiled {
    /// Names the report and its event stream.
    pub report_id: ReportId,
    /// What is reported.
    pub live_stream_id: LiveStreamId,
    /// Who ran it then.
    pub stream_creator_id: UserId,
    /// What it was called then.
    pub stream_title: String,
    /// What it was doing then.
    pub stream_status_at_report: StreamStatus,
    /// What is wrong with it.
    #[serde(rename = "type")]
    pub report_type: ReportType,
    /// The same in the reporter's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Description>,
}

/// Staff dealt with a report. Status and archive flag are what they are from now on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReportReviewed {
    /// The report.
    pub report_id: ReportId,
    /// Where it stands now.
    pub status: Decision,
    /// New notes for other staff; absent, the earlier ones stand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub admin_notes: Option<Notes>,
    /// Whether it is out of the queue's sight now.
    pub is_archived: bool,
}

/// What is wrong with a live stream (contract §3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReportType {
    /// Harassment or bullying.
    HarassmentOrBullying,
    /// Hate speech.
    HateSpeech,
    /// Sexual content or nudity.
    SexualContentOrNudity,
    /// Violence or self-harm.
    ViolenceOrSelfHarm,
    /// Spam or scam.
    SpamOrScam,
    /// Copyright or intellectual property.
    CopyrightOrIntellectualProperty,
    /// Something else, which the description says.
    Other,
}

impl ReportType {
    /// Every type.
    pub const ALL: [Self; 7] = [
        Self::HarassmentOrBullying,
        Self::HateSpeech,
        Self::SexualContentOrNudity,
        Self::ViolenceOrSelfHarm,
        Self::SpamOrScam,
        Self::CopyrightOrIntellectualProperty,
        Self::Other,
    ];

    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::HarassmentOrBullying => "harassment_or_bullying",
            Self::HateSpeech => "hate_speech",
            Self::SexualContentOrNudity => "sexual_content_or_nudity",
            Self::ViolenceOrSelfHarm => "violence_or_self_harm",
            Self::SpamOrScam => "spam_or_scam",
            Self::CopyrightOrIntellectualProperty => "copyright_or_intellectual_property",
            Self::Other => "other",
        }
    }
}

/// Where a report stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReportStatus {
    /// Nobody has looked at it.
    Pending,
    /// Somebody is looking at it.
    UnderReview,
    /// Something was done about it.
    Resolved,
    /// There was nothing to do about it.
    Rejected,
}

impl ReportStatus {
    /// Every status.
    pub const ALL: [Self; 4] = [Self::Pending, Self::UnderReview, Self::Resolved, Self::Rejected];

    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::UnderReview => "under_review",
            Self::Resolved => "resolved",
            Self::Rejected => "rejected",
        }
    }
}

/// What a review can make of a report: every status but the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// Somebody is looking at it.
    UnderReview,
    /// Something was done about it.
    Resolved,
    /// There was nothing to do about it.
    Rejected,
}

impl Decision {
    /// Every decision.
    pub const ALL: [Self; 3] = [Self::UnderReview, Self::Resolved, Self::Rejected];

    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        ReportStatus::from(self).as_str()
    }

    /// Whether it ends the matter.
    pub fn is_final(self) -> bool {
        match self {
            Self::UnderReview => false,
            Self::Resolved | Self::Rejected => true,
        }
    }
}

impl From<Decision> for ReportStatus {
    fn from(decision: Decision) -> Self {
        match decision {
            Decision::UnderReview => Self::UnderReview,
            Decision::Resolved => Self::Resolved,
            Decision::Rejected => Self::Rejected,
        }
    }
}
