//! The rules of reports.

use super::{
    Decision, Report, ReportEvent, ReportFiled, ReportReviewed, ReportState, ReportStatus,
    ReportType,
};
use crate::{
    Action, Actor, Denial, Description, LiveStreamSnapshot, Notes, Relation, ReportId, Situation,
    Timestamp, permit,
};

/// What may be asked of one reporter's reports of one live stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReportCommand {
    /// Report it.
    File(FileReport),
    /// Deal with a report.
    Review(ReviewReport),
}

/// Report a live stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileReport {
    /// The moment of the decision.
    pub now: Timestamp,
    /// Who reports.
    pub caller: Actor,
    /// What is reported.
    pub live_stream: LiveStreamSnapshot,
    /// What is wrong with it.
    pub report_type: ReportType,
    /// The same in the reporter's words; required when the type is [`ReportType::Other`].
    pub description: Option<Description>,
}

/// Deal with a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReviewReport {
    /// The moment of the decision.
    pub now: Timestamp,
    /// Who deals with it.
    pub caller: Actor,
    /// What the caller is to the reported live stream now.
    pub relation: Relation,
    /// Which report.
    pub report_id: ReportId,
    /// Where it shall stand; `None` leaves it.
    pub status: Option<Decision>,
    /// Notes for other staff; `None` leaves them.
    pub admin_notes: Option<Notes>,
    /// Whether it shall be out of the queue's sight; `None` leaves it.
    pub is_archived: Option<bool>,
}

/// Why a command on reports is turned down.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReportRefusal {
    /// The caller may not.
    #[error("not allowed: {0:?}")]
    Denied(Denial),
    /// A report of type `other` says what is wrong in its description.
    #[error("a report of type other needs a description")]
    DescriptionRequired,
    /// The caller has reported it already, and nobody has decided that report.
    #[error("report {0} is open")]
    AlreadyOpen(ReportId),
    /// There is no such report.
    #[error("no such report")]
    Unknown,
    /// From where the report stands, this cannot be made of it.
    #[error("a report that is {} does not take this", from.as_str())]
    NotFrom {
        /// Where it stands.
        from: ReportStatus,
    },
    /// The event stream belongs to another user or live stream whose ids hash alike.
    #[error("the event stream holds reports of another user or live stream")]
    Collision,
    /// The caller has reported it 65,535 times, and an id cannot count further.
    #[error("no report id is left for this user on this live stream")]
    Exhausted,
}

pub(super) fn decide(
    state: &ReportState,
    command: &ReportCommand,
) -> Result<Vec<ReportEvent>, ReportRefusal> {
    match command {
        ReportCommand::File(command) => file_report(state, command),
        ReportCommand::Review(command) => review_report(state, command),
    }
}

fn file_report(
    state: &ReportState,
    command: &FileReport,
) -> Result<Vec<ReportEvent>, ReportRefusal> {
    let FileReport { caller, live_stream, .. } = command;
    let situation = Situation {
        caller: live_stream.relation(&caller.id),
        subject: live_stream.relation(&caller.id),
        oneself: true,
    };
    permit(Action::FileReport, &caller.roles, situation).map_err(ReportRefusal::Denied)?;
    if command.report_type == ReportType::Other && command.description.is_none() {
        return Err(ReportRefusal::DescriptionRequired);
    }

    let foreign = |report: &Report| {
        report.live_stream_id != live_stream.id || report.reporter_id.as_ref() != Some(&caller.id)
    };
    if state.latest().is_some_and(foreign) {
        return Err(ReportRefusal::Collision);
    }
    let report_id = match state {
        ReportState::None => ReportId::first(&live_stream.id, &caller.id),
        ReportState::Open { report, .. } => return Err(ReportRefusal::AlreadyOpen(report.id)),
        ReportState::Decided { report, .. } => report.id.next().ok_or(ReportRefusal::Exhausted)?,
    };
    Ok(vec![ReportEvent::Filed(ReportFiled {
        report_id,
        live_stream_id: live_stream.id.clone(),
        stream_creator_id: live_stream.creator_id.clone(),
        stream_title: live_stream.title.clone(),
        stream_status_at_report: live_stream.status,
        report_type: command.report_type,
        description: command.description.clone(),
    })])
}

fn review_report(
    state: &ReportState,
    command: &ReviewReport,
) -> Result<Vec<ReportEvent>, ReportRefusal> {
    let ReviewReport { caller, relation, .. } = command;
    let report = state.report(command.report_id);
    let created_it = |report: &Report| report.stream_creator_id == caller.id;
    let situation = Situation {
        caller: if report.is_some_and(created_it) { Relation::Creator } else { *relation },
        subject: Relation::Outsider,
        oneself: report.is_some_and(|report| report.reporter_id.as_ref() == Some(&caller.id)),
    };
    permit(Action::ReviewReport, &caller.roles, situation).map_err(ReportRefusal::Denied)?;
    let Some(report) = report else { return Err(ReportRefusal::Unknown) };

    let is_archived = command.is_archived.unwrap_or(report.is_archived);
    let archives = command.is_archived.is_some() && command.admin_notes.is_none();
    let status = match (report.status, command.status) {
        (ReportStatus::Pending, Some(status)) => status,
        (ReportStatus::UnderReview, Some(status)) if status.is_final() => status,
        (ReportStatus::Resolved, None) if archives => Decision::Resolved,
        (ReportStatus::Rejected, None) if archives => Decision::Rejected,
        (
            ReportStatus::Pending
            | ReportStatus::UnderReview
            | ReportStatus::Resolved
            | ReportStatus::Rejected,
            Some(_) | None,
        ) => return Err(ReportRefusal::NotFrom { from: report.status }),
    };
    if report.status == status.into() && report.is_archived == is_archived {
        return Ok(vec![]);
    }
    Ok(vec![ReportEvent::Reviewed(ReportReviewed {
        report_id: report.id,
        status,
        admin_notes: command.admin_notes.clone(),
        is_archived,
    })])
}
