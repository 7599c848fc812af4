//! The use cases of reports: what they need, which command, what they answer.

use std::sync::Arc;

use allmine::{People, UserSummary};
use events::report::{
    Decision, FileReport, Report, ReportCommand, ReportRefusal, ReportState, ReportType, Reports,
    ReviewReport,
};
use events::{Description, LiveStreamId, Notes, Relation, ReportId};
use serde::Serialize;

use crate::App;
use crate::answer::Answer;
use crate::directory::{Found, Wanted};
use crate::handle::{HandleError, Handled, handle};
use crate::origin::{Origin, Sender};
use crate::reads::ReadError;

/// What a new report says.
#[derive(Debug, Serialize)]
pub(crate) struct NewReport {
    /// Of which live stream.
    pub(crate) live_stream_id: LiveStreamId,
    /// What is wrong with it.
    pub(crate) report_type: ReportType,
    /// The same in the reporter's words.
    pub(crate) description: Option<Description>,
}

/// What a review changes; what is `None` stays.
#[derive(Debug, Serialize)]
pub(crate) struct Review {
    /// Where the report shall stand.
    pub(crate) status: Option<Decision>,
    /// Notes for other staff.
    pub(crate) admin_notes: Option<Notes>,
    /// Whether it shall be out of the queue's sight.
    pub(crate) is_archived: Option<bool>,
}

/// Why a command on reports came to nothing.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReportError {
    /// The directory knows no such live stream.
    #[error("unknown live stream")]
    UnknownLiveStream,
    /// The rules do not allow it.
    #[error(transparent)]
    Refused(#[from] ReportRefusal),
    /// It could not be done.
    #[error(transparent)]
    Failed(#[from] HandleError),
    /// What it needs could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
}

/// Reports a live stream.
pub(crate) async fn file_report(
    app: &App,
    sender: &Sender,
    new: &NewReport,
) -> Result<Answer<allmine::Report>, ReportError> {
    let caller = sender.actor();
    let stream = ReportId::first(&new.live_stream_id, &caller.id).stream();
    let wanted = Wanted::default().live_stream_and_creator(&new.live_stream_id).user(&caller.id);
    let (history, found) = app.reads.load_and_look_up::<Reports>(stream, wanted).await?;
    let command = |now| {
        let live_stream = found.live_stream(&new.live_stream_id);
        let live_stream = live_stream.cloned().ok_or(ReportError::UnknownLiveStream)?;
        Ok::<_, ReportError>(ReportCommand::File(FileReport {
            now,
            caller: caller.clone(),
            live_stream,
            report_type: new.report_type,
            description: new.description.clone(),
        }))
    };
    let asked = ("fileReport", new);
    let handled = handle(app, Origin::from(sender), &asked, history, command).await?;
    answer(&handled, handled.state.latest(), &found, sender)
}

/// Deals with a report.
pub(crate) async fn review_report(
    app: &App,
    sender: &Sender,
    report_id: ReportId,
    review: &Review,
) -> Result<Answer<allmine::Report>, ReportError> {
    let caller = sender.actor();
    let history = app.reads.load::<Reports>(report_id.stream()).await?;
    let state = history.state();
    let known = state.report(report_id);
    let found = match known {
        Some(report) => app.reads.look_up(wanted(report).user(&caller.id)).await?,
        None => Arc::default(),
    };
    let live_stream = known.and_then(|report| found.live_stream(&report.live_stream_id));
    let relation =
        live_stream.map_or(Relation::Outsider, |live_stream| live_stream.relation(&caller.id));
    let command = |now| {
        Ok::<_, ReportError>(ReportCommand::Review(ReviewReport {
            now,
            caller: caller.clone(),
            relation,
            report_id,
            status: review.status,
            admin_notes: review.admin_notes.clone(),
            is_archived: review.is_archived,
        }))
    };
    let asked = ("reviewReport", report_id, review);
    let handled = handle(app, Origin::from(sender), &asked, history, command).await?;
    answer(&handled, handled.state.report(report_id), &found, sender)
}

fn wanted(report: &Report) -> Wanted {
    let people = [report.reporter_id.as_ref(), Some(&report.stream_creator_id)];
    let live_stream = Wanted::default().live_stream(&report.live_stream_id);
    people.into_iter().flatten().fold(live_stream, Wanted::user)
}

fn answer(
    handled: &Handled<ReportState>,
    report: Option<&Report>,
    found: &Found,
    sender: &Sender,
) -> Result<Answer<allmine::Report>, ReportError> {
    let report = report.ok_or(ReportRefusal::Unknown)?;
    let summary = |id| UserSummary::of(id, found.user(id));
    let people = People {
        reported_by: report.reporter_id.as_ref().map(summary),
        stream_creator: summary(&report.stream_creator_id),
        reviewed_by: report.reviewed_by.as_ref().map(summary),
    };
    let live_stream = found.live_stream(&report.live_stream_id);
    let for_staff = sender.actor().roles.are_staff();
    let data = allmine::Report::of(report, people, live_stream, for_staff);
    Ok(Answer { data, position: handled.position, replayed: handled.replayed })
}
