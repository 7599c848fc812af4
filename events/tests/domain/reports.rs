//! Every transition and every refusal of reports.

use events::report::{
    Decision, FileReport, ReportCommand, ReportEvent, ReportFiled, ReportRefusal, ReportReviewed,
    ReportStatus, ReportType, Reports, ReviewReport,
};
use events::{Denial, Description, Envelope, Notes, Relation, ReportId, StreamStatus};

use crate::support::{at, caller, caused, live_stream, other_live_stream, scenarios, user};

fn id(nth: u16) -> ReportId {
    ReportId::of(ReportId::key(&live_stream().id, &user("viewer").id), nth)
}

fn filed(nth: u16) -> ReportEvent {
    filed_as(nth, ReportType::SpamOrScam, None)
}

fn filed_as(nth: u16, report_type: ReportType, description: Option<&str>) -> ReportEvent {
    ReportEvent::Filed(ReportFiled {
        report_id: id(nth),
        live_stream_id: live_stream().id,
        stream_creator_id: live_stream().creator_id,
        stream_title: "Evening talk".into(),
        stream_status_at_report: StreamStatus::Active,
        report_type,
        description: description.and_then(|text| Description::parse(text).unwrap()),
    })
}

fn reviewed(nth: u16, status: Decision, is_archived: bool) -> ReportEvent {
    reviewed_with(nth, status, is_archived, None)
}

fn reviewed_with(nth: u16, status: Decision, archived: bool, notes: Option<&str>) -> ReportEvent {
    ReportEvent::Reviewed(ReportReviewed {
        report_id: id(nth),
        status,
        admin_notes: notes.and_then(|text| Notes::parse(text).unwrap()),
        is_archived: archived,
    })
}

fn report(who: &str) -> ReportCommand {
    report_as(who, ReportType::SpamOrScam, None)
}

fn report_as(who: &str, report_type: ReportType, description: Option<&str>) -> ReportCommand {
    ReportCommand::File(FileReport {
        now: at(100),
        caller: caller(who),
        live_stream: live_stream(),
        report_type,
        description: description.and_then(|text| Description::parse(text).unwrap()),
    })
}

fn reviewing(who: &str, nth: u16, status: impl Into<Option<Decision>>) -> ReviewReport {
    ReviewReport {
        now: at(100),
        caller: caller(who),
        relation: Relation::Outsider,
        report_id: id(nth),
        status: status.into(),
        admin_notes: None,
        is_archived: None,
    }
}

fn review(who: &str, nth: u16, status: impl Into<Option<Decision>>) -> ReportCommand {
    ReportCommand::Review(reviewing(who, nth, status))
}

fn archive(nth: u16, status: Option<Decision>, is_archived: bool) -> ReportCommand {
    let is_archived = Some(is_archived);
    ReportCommand::Review(ReviewReport { is_archived, ..reviewing("staff", nth, status) })
}

fn with_notes(status: Option<Decision>, is_archived: Option<bool>) -> ReportCommand {
    let admin_notes = Notes::parse("seen it").unwrap();
    ReportCommand::Review(ReviewReport {
        admin_notes,
        is_archived,
        ..reviewing("staff", 1, status)
    })
}

type History = Vec<Envelope<ReportEvent>>;

fn nothing() -> History {
    vec![]
}

fn pending() -> History {
    vec![caused("viewer", 10, filed(1))]
}

fn decided(steps: &[(Decision, bool)]) -> History {
    let mut history = pending();
    for (seconds, (status, archived)) in (20..).step_by(10).zip(steps) {
        history.push(caused("staff", seconds, reviewed(1, *status, *archived)));
    }
    history
}

fn under_review() -> History {
    decided(&[(Decision::UnderReview, false)])
}

fn resolved() -> History {
    decided(&[(Decision::UnderReview, false), (Decision::Resolved, false)])
}

fn rejected_and_archived() -> History {
    decided(&[(Decision::Rejected, true)])
}

fn filed_again() -> History {
    let mut history = resolved();
    history.push(caused("viewer", 90, filed(2)));
    history
}

fn not_from(from: ReportStatus) -> Result<Vec<ReportEvent>, ReportRefusal> {
    Err(ReportRefusal::NotFrom { from })
}

fn denied(denial: Denial) -> Result<Vec<ReportEvent>, ReportRefusal> {
    Err(ReportRefusal::Denied(denial))
}

use Decision::{Rejected, Resolved, UnderReview};

scenarios! { Reports;
    a_viewer_reports: nothing(), report("viewer") => Ok(vec![filed(1)]);
    in_his_own_words: nothing(), report_as("viewer", ReportType::Other, Some("odd"))
        => Ok(vec![filed_as(1, ReportType::Other, Some("odd"))]);
    other_needs_words: nothing(), report_as("viewer", ReportType::Other, Some(" \n"))
        => Err(ReportRefusal::DescriptionRequired);
    nobody_reports_his_own: nothing(), report("creator") => denied(Denial::OwnLiveStream);
    one_open_report_is_enough: pending(), report("viewer")
        => Err(ReportRefusal::AlreadyOpen(id(1)));
    also_while_it_is_looked_at: under_review(), report("viewer")
        => Err(ReportRefusal::AlreadyOpen(id(1)));
    after_a_decision_the_next_counts_on: resolved(), report("viewer") => Ok(vec![filed(2)]);
    also_after_an_archived_one: rejected_and_archived(), report("viewer") => Ok(vec![filed(2)]);
    ids_that_hash_alike_are_refused: [caused("somebody", 10, filed(1))], report("viewer")
        => Err(ReportRefusal::Collision);
    of_either_kind: [caused("viewer", 10, filed_elsewhere())], report("viewer")
        => Err(ReportRefusal::Collision);
    no_id_is_left: [
        caused("viewer", 10, filed(u16::MAX)),
        caused("staff", 20, reviewed(u16::MAX, Rejected, false)),
    ], report("viewer") => Err(ReportRefusal::Exhausted);

    pending_is_looked_at: pending(), review("staff", 1, UnderReview)
        => Ok(vec![reviewed(1, UnderReview, false)]);
    pending_is_resolved: pending(), review("staff", 1, Resolved)
        => Ok(vec![reviewed(1, Resolved, false)]);
    pending_is_rejected: pending(), review("admin", 1, Rejected)
        => Ok(vec![reviewed(1, Rejected, false)]);
    looked_at_is_resolved: under_review(), review("staff", 1, Resolved)
        => Ok(vec![reviewed(1, Resolved, false)]);
    looked_at_is_rejected: under_review(), review("staff", 1, Rejected)
        => Ok(vec![reviewed(1, Rejected, false)]);
    notes_go_along: pending(), with_notes(Some(Resolved), Some(true))
        => Ok(vec![reviewed_with(1, Resolved, true, Some("seen it"))]);
    looked_at_once_is_enough: under_review(), review("staff", 1, UnderReview)
        => not_from(ReportStatus::UnderReview);
    nothing_of_a_pending_one: pending(), review("staff", 1, None) => not_from(ReportStatus::Pending);
    archiving_does_not_decide: pending(), archive(1, None, true) => not_from(ReportStatus::Pending);
    nor_one_that_is_looked_at: under_review(), archive(1, None, true)
        => not_from(ReportStatus::UnderReview);

    resolved_stays: resolved(), review("staff", 1, Resolved) => not_from(ReportStatus::Resolved);
    resolved_is_not_rejected: resolved(), review("staff", 1, Rejected)
        => not_from(ReportStatus::Resolved);
    resolved_is_not_opened: resolved(), review("staff", 1, UnderReview)
        => not_from(ReportStatus::Resolved);
    rejected_stays: rejected_and_archived(), review("staff", 1, Rejected)
        => not_from(ReportStatus::Rejected);
    resolved_is_archived: resolved(), archive(1, None, true)
        => Ok(vec![reviewed(1, Resolved, true)]);
    rejected_is_brought_back: rejected_and_archived(), archive(1, None, false)
        => Ok(vec![reviewed(1, Rejected, false)]);
    archived_once_is_enough: rejected_and_archived(), archive(1, None, true) => Ok(vec![]);
    with_a_status_it_is_more_than_archiving: resolved(), archive(1, Some(Resolved), true)
        => not_from(ReportStatus::Resolved);
    with_notes_too: resolved(), with_notes(None, Some(true)) => not_from(ReportStatus::Resolved);
    decided_takes_no_notes: resolved(), with_notes(None, None) => not_from(ReportStatus::Resolved);
    decided_takes_nothing_empty: resolved(), review("staff", 1, None)
        => not_from(ReportStatus::Resolved);
    an_earlier_one_is_archived_beside_an_open_one: filed_again(), archive(1, None, true)
        => Ok(vec![reviewed(1, Resolved, true)]);

    the_creator_may_not: pending(), review("creator", 1, Resolved) => denied(Denial::NotAllowed);
    a_moderator_may_not: pending(), review("mod-a", 1, Resolved) => denied(Denial::NotAllowed);
    an_auditor_may_not: pending(), review("auditor", 1, Resolved) => denied(Denial::NotAllowed);
    nobody_decides_his_own: [caused("staff", 10, filed(1))], review("staff", 1, Resolved)
        => denied(Denial::Partial);
    nor_of_his_own_live_stream: pending(), ReportCommand::Review(ReviewReport {
        relation: Relation::Creator, ..reviewing("staff", 1, Resolved)
    }) => denied(Denial::Partial);
    nor_of_one_that_was_his: [caused("viewer", 10, with_creator("staff"))],
        review("staff", 1, Resolved) => denied(Denial::Partial);
    unknown_to_staff: nothing(), review("staff", 1, Resolved) => Err(ReportRefusal::Unknown);
    unknown_beside_another: pending(), review("staff", 2, Resolved) => Err(ReportRefusal::Unknown);
    others_do_not_hear_it: nothing(), review("viewer-2", 1, Resolved)
        => denied(Denial::NotAllowed);
}

fn filed_elsewhere() -> ReportEvent {
    let ReportEvent::Filed(filed) = filed(1) else { unreachable!() };
    ReportEvent::Filed(ReportFiled { live_stream_id: other_live_stream().id, ..filed })
}

fn with_creator(who: &str) -> ReportEvent {
    let ReportEvent::Filed(filed) = filed(1) else { unreachable!() };
    ReportEvent::Filed(ReportFiled { stream_creator_id: user(who).id, ..filed })
}
