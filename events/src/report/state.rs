//! What is known of one reporter's reports of one live stream.

use std::net::IpAddr;

use super::{Decision, ReportEvent, ReportFiled, ReportReviewed, ReportStatus, ReportType};
use crate::{
    Description, Envelope, LiveStreamId, Notes, Platform, ReportId, StreamStatus, Timestamp, UserId,
};

/// The situations that one reporter's reports of one live stream can be in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum ReportState {
    /// It was never reported.
    #[default]
    None,
    /// The latest report waits for a decision.
    Open {
        /// The latest report.
        report: Report,
        /// Those before it, all decided, oldest first.
        earlier: Vec<Report>,
    },
    /// The latest report is decided.
    Decided {
        /// The latest report.
        report: Report,
        /// Those before it, all decided, oldest first.
        earlier: Vec<Report>,
    },
}

impl ReportState {
    /// The latest report.
    pub fn latest(&self) -> Option<&Report> {
        match self {
            Self::None => None,
            Self::Open { report, .. } | Self::Decided { report, .. } => Some(report),
        }
    }

    /// The report of this id, the latest or an earlier one.
    pub fn report(&self, id: ReportId) -> Option<&Report> {
        match self {
            Self::None => None,
            Self::Open { report, earlier } | Self::Decided { report, earlier } => {
                earlier.iter().chain([report]).find(|report| report.id == id)
            }
        }
    }
}

/// A report and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Names it and its event stream.
    pub id: ReportId,
    /// Who filed it; `None` only in a history that no command of ours wrote.
    pub reporter_id: Option<UserId>,
    /// What is reported.
    pub live_stream_id: LiveStreamId,
    /// Who ran it when it was reported.
    pub stream_creator_id: UserId,
    /// What it was called when it was reported.
    pub stream_title: String,
    /// What it was doing when it was reported.
    pub stream_status_at_report: StreamStatus,
    /// What is wrong with it.
    pub report_type: ReportType,
    /// The same in the reporter's words.
    pub description: Option<Description>,
    /// Where it stands.
    pub status: ReportStatus,
    /// Who reviewed it last.
    pub reviewed_by: Option<UserId>,
    /// Notes for other staff.
    pub admin_notes: Option<Notes>,
    /// When it was resolved or rejected.
    pub resolved_at: Option<Timestamp>,
    /// Whether it is out of the queue's sight.
    pub is_archived: bool,
    /// The program that the reporter used.
    pub user_agent: Option<String>,
    /// The reporter's address.
    pub client_ip: Option<IpAddr>,
    /// The kind of that program.
    pub platform: Option<Platform>,
    /// When it was filed.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

pub(super) fn evolve(state: ReportState, event: &Envelope<ReportEvent>) -> ReportState {
    match (state, &event.event) {
        (ReportState::None, ReportEvent::Filed(filed)) => {
            ReportState::Open { report: filed_report(filed, event), earlier: vec![] }
        }
        (ReportState::Decided { report, mut earlier }, ReportEvent::Filed(filed)) => {
            earlier.push(report);
            ReportState::Open { report: filed_report(filed, event), earlier }
        }
        (
            ReportState::Open { report, earlier } | ReportState::Decided { report, earlier },
            ReportEvent::Reviewed(reviewed),
        ) => {
            let (report, earlier) = review(report, earlier, reviewed, event);
            match report.status {
                ReportStatus::Pending | ReportStatus::UnderReview => {
                    ReportState::Open { report, earlier }
                }
                ReportStatus::Resolved | ReportStatus::Rejected => {
                    ReportState::Decided { report, earlier }
                }
            }
        }
        (state @ ReportState::Open { .. }, ReportEvent::Filed(_))
        | (state @ ReportState::None, ReportEvent::Reviewed(_)) => state,
    }
}

fn review(
    mut latest: Report,
    mut earlier: Vec<Report>,
    reviewed: &ReportReviewed,
    event: &Envelope<ReportEvent>,
) -> (Report, Vec<Report>) {
    let meant = |report: &&mut Report| {
        report.id == reviewed.report_id && can_follow(report.status, reviewed.status)
    };
    for report in earlier.iter_mut().chain([&mut latest]).filter(meant) {
        apply_review(report, reviewed, event);
    }
    (latest, earlier)
}

/// Whether a review that says `next` can have happened to a report that was at `before`.
fn can_follow(before: ReportStatus, next: Decision) -> bool {
    match before {
        ReportStatus::Pending => true,
        ReportStatus::UnderReview => next.is_final(),
        // Archived, or brought back.
        ReportStatus::Resolved | ReportStatus::Rejected => before == next.into(),
    }
}

fn apply_review(report: &mut Report, reviewed: &ReportReviewed, event: &Envelope<ReportEvent>) {
    let at = event.metadata.occurred_at;
    let was = std::mem::replace(&mut report.status, reviewed.status.into());
    report.resolved_at = match reviewed.status {
        Decision::UnderReview => None,
        Decision::Resolved | Decision::Rejected if was == report.status => report.resolved_at,
        Decision::Resolved | Decision::Rejected => Some(at),
    };
    if reviewed.admin_notes.is_some() {
        report.admin_notes.clone_from(&reviewed.admin_notes);
    }
    report.is_archived = reviewed.is_archived;
    report.reviewed_by.clone_from(&event.metadata.actor);
    report.updated_at = at;
}

fn filed_report(filed: &ReportFiled, event: &Envelope<ReportEvent>) -> Report {
    let metadata = &event.metadata;
    Report {
        id: filed.report_id,
        reporter_id: metadata.actor.clone(),
        live_stream_id: filed.live_stream_id.clone(),
        stream_creator_id: filed.stream_creator_id.clone(),
        stream_title: filed.stream_title.clone(),
        stream_status_at_report: filed.stream_status_at_report,
        report_type: filed.report_type,
        description: filed.description.clone(),
        status: ReportStatus::Pending,
        reviewed_by: None,
        admin_notes: None,
        resolved_at: None,
        is_archived: false,
        user_agent: metadata.user_agent.clone(),
        client_ip: metadata.client_ip,
        platform: metadata.platform,
        created_at: metadata.occurred_at,
        updated_at: metadata.occurred_at,
    }
}
