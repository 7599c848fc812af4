//! Who did what when, and why.

use std::cmp::Reverse;

use events::report::ReportStatus;
use events::{BanId, ReportId, Timestamp};

use super::bans::{BanLine, Standing};
use super::names::{Person, Place};
use super::texts::Texts;
use crate::read::reports::ReportRow;

/// Something that happened.
#[derive(Debug, Clone)]
pub(super) struct Moment {
    pub(super) at: Timestamp,
    pub(super) what: What,
    /// Who did it; `None` when time did, or when it is not told.
    pub(super) by: Option<Person>,
    /// To whom.
    pub(super) user: Option<Person>,
    /// Where.
    pub(super) live_stream: Place,
    /// In whose words.
    pub(super) text: Option<String>,
    pub(super) subject: Subject,
    /// What led to it.
    pub(super) cause: Option<Subject>,
}

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    Banned(events::ban::ActionType),
    Ended(Standing),
    Reported(events::report::ReportType),
    Reviewed(ReportStatus),
}

/// What something happened to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Subject {
    Ban(BanId),
    Report(ReportId),
}

impl Subject {
    /// The page about it.
    pub(super) fn page(self) -> String {
        match self {
            Self::Ban(id) => format!("{}/bans/{id}", super::PATH),
            Self::Report(id) => format!("{}/reports/{id}", super::PATH),
        }
    }

    /// The key of its text ends with it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Ban(_) => "ban",
            Self::Report(_) => "report",
        }
    }
}

impl What {
    pub(super) fn text(self, texts: Texts) -> String {
        match self {
            Self::Banned(action) => texts.action_type(action),
            Self::Ended(Standing::Active | Standing::Revoked) => texts.get("timeline-revoked"),
            Self::Ended(Standing::Expired) => texts.get("timeline-expired"),
            Self::Ended(Standing::Superseded) => texts.get("timeline-superseded"),
            Self::Reported(kind) => texts.name("timeline-reported", &texts.report_type(kind)),
            Self::Reviewed(status) => texts.name("timeline-reviewed", &texts.report_status(status)),
        }
    }
}

/// What happened to these bans, newest first.
pub(super) fn of_bans(lines: &[BanLine]) -> Vec<Moment> {
    sorted(lines.iter().flat_map(ban_moments))
}

/// What happened to these bans and these reports, newest first.
pub(super) fn of(lines: &[BanLine], reports: &[ReportRow]) -> Vec<Moment> {
    sorted(lines.iter().flat_map(ban_moments).chain(reports.iter().flat_map(report_moments)))
}

fn sorted(moments: impl Iterator<Item = Moment>) -> Vec<Moment> {
    let mut moments: Vec<_> = moments.collect();
    moments.sort_by_key(|moment| Reverse(moment.at));
    moments
}

fn ban_moments(line: &BanLine) -> impl Iterator<Item = Moment> {
    let subject = Subject::Ban(line.ban.id);
    let moment = |at, what, by: Option<Person>| Moment {
        at,
        what,
        by,
        user: Some(line.target.clone()),
        live_stream: line.live_stream.clone(),
        text: None,
        subject,
        cause: None,
    };
    let created = Moment {
        text: line.ban.reason.as_ref().map(|reason| reason.as_str().to_owned()),
        cause: line.ban.report_id.map(Subject::Report),
        ..moment(line.ban.created_at, What::Banned(line.ban.action_type), line.created_by.clone())
    };
    let ended = line.ended.clone().map(|(at, by)| Moment {
        cause: line.successor().map(Subject::Ban),
        ..moment(at, What::Ended(line.standing), by)
    });
    ended.into_iter().chain([created])
}

fn report_moments(row: &ReportRow) -> impl Iterator<Item = Moment> {
    let report = &row.report;
    let person = |id, known| Person::of(id, known);
    let reporter = report.reporter_id.as_ref().map(|id| person(id, row.reporter.as_ref()));
    let moment = |at, what, by: Option<Person>| Moment {
        at,
        what,
        by,
        user: None,
        live_stream: Place::of(&report.live_stream_id, Some(&report.stream_title)),
        text: None,
        subject: Subject::Report(report.id),
        cause: None,
    };
    let filed = Moment {
        text: report.description.as_ref().map(|text| text.as_str().to_owned()),
        ..moment(report.created_at, What::Reported(report.report_type), reporter)
    };
    // Who did it, staff alone are told.
    let reviewed = (report.status != ReportStatus::Pending).then(|| {
        let at = report.resolved_at.unwrap_or(report.updated_at);
        let by = report.reviewed_by.as_ref().map(|id| person(id, row.reviewer.as_ref()));
        moment(at, What::Reviewed(report.status), by)
    });
    reviewed.into_iter().chain([filed])
}
