//! The most permissive command that fits events of reports.

use super::{Given, Illegal, difference};
use crate::report::{
    FileReport, ReportCommand, ReportEvent, ReportFiled, ReportReviewed, ReportState, ReportStatus,
    Reports, ReviewReport,
};
use crate::{Decider, Event, LiveStreamSnapshot, Relation};

pub(super) fn judge(
    state: &ReportState,
    given: &Given,
    events: &[ReportEvent],
) -> Result<(), Illegal> {
    let command = match events {
        [ReportEvent::Filed(filed)] => file(given, filed),
        [ReportEvent::Reviewed(reviewed)] => review(state, given, reviewed),
        _ => Err(Illegal::NoCommand(format!("{} events of reports at once", events.len()))),
    };
    let decided = Reports::decide(state, &command?)?;
    let events: Vec<Event> = events.iter().cloned().map(Event::Report).collect();
    difference::compare(&events, &decided.into_iter().map(Event::Report).collect::<Vec<_>>())
}

fn file(given: &Given, filed: &ReportFiled) -> Result<ReportCommand, Illegal> {
    Ok(ReportCommand::File(FileReport {
        now: given.now,
        caller: given.somebody()?,
        live_stream: LiveStreamSnapshot {
            id: filed.live_stream_id.clone(),
            live_chat_id: filed.live_stream_id.clone().into(),
            title: filed.stream_title.clone(),
            status: filed.stream_status_at_report,
            creator_id: filed.stream_creator_id.clone(),
            moderator_ids: vec![],
            updated_at: given.now,
        },
        report_type: filed.report_type,
        description: filed.description.clone(),
    }))
}

fn review(
    state: &ReportState,
    given: &Given,
    reviewed: &ReportReviewed,
) -> Result<ReportCommand, Illegal> {
    let stands = state.report(reviewed.report_id).map(|report| report.status);
    // A decided report is only archived, or brought back: its status was not asked for.
    let is_decided = stands == Some(reviewed.status.into())
        && matches!(stands, Some(ReportStatus::Resolved | ReportStatus::Rejected));
    Ok(ReportCommand::Review(ReviewReport {
        now: given.now,
        caller: given.somebody()?,
        relation: Relation::Outsider,
        report_id: reviewed.report_id,
        status: (!is_decided).then_some(reviewed.status),
        admin_notes: reviewed.admin_notes.clone(),
        is_archived: Some(reviewed.is_archived),
    }))
}
