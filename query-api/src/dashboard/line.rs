//! A report as a line: in the queue, among what arrives there, and beside other reports.

use events::report::{Report, ReportStatus};
use events::{LiveStreamId, ReportId, Timestamp};

pub(super) use super::names::Person;
use super::texts::Texts;
use crate::read::reports::ReportRow;

/// What a line shows. Nothing in it depends on who looks, so that one is enough for all of a language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) id: ReportId,
    /// On the wire; scripts compare it with what is filtered.
    pub(super) type_name: &'static str,
    /// What the report is about, in words.
    pub(super) about: String,
    pub(super) status: ReportStatus,
    pub(super) status_text: String,
    pub(super) at: Timestamp,
    pub(super) age: String,
    pub(super) reporter: Option<Person>,
    pub(super) live_stream_id: LiveStreamId,
    pub(super) live_stream: String,
    pub(super) description: Option<String>,
    pub(super) held: Option<Held>,
    pub(super) is_archived: bool,
}

/// Who reviewed a report last, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Held {
    pub(super) by: Person,
    /// What stands between name and time.
    pub(super) did: String,
    pub(super) at: Timestamp,
}

impl Line {
    /// `row` in this language, as old as it is at `now`.
    pub(super) fn of(row: &ReportRow, texts: Texts, now: Timestamp) -> Self {
        let ReportRow { report, reporter, live_stream, .. } = row;
        let title = live_stream.as_ref().map_or(&report.stream_title, |stream| &stream.title);
        let named = Some(title).filter(|title| !title.trim().is_empty());
        let reporter_id = report.reporter_id.as_ref();
        Self {
            id: report.id,
            type_name: report.report_type.as_str(),
            about: texts.report_type(report.report_type),
            status: report.status,
            status_text: texts.report_status(report.status),
            at: report.created_at,
            age: texts.age(report.created_at, now),
            reporter: reporter_id.map(|id| Person::of(id, reporter.as_ref())),
            live_stream_id: report.live_stream_id.clone(),
            live_stream: named.map_or_else(|| report.live_stream_id.to_string(), String::clone),
            description: report.description.as_ref().map(|text| text.as_str().to_owned()),
            held: Held::of(row, texts),
            is_archived: report.is_archived,
        }
    }

    /// Whether it waits for a decision.
    pub(super) fn is_open(&self) -> bool {
        matches!(self.status, ReportStatus::Pending | ReportStatus::UnderReview)
    }

    /// Whether nobody looks at it.
    pub(super) fn is_free(&self) -> bool {
        self.status == ReportStatus::Pending
    }

    /// The colour that goes with the words.
    pub(super) fn tone(&self) -> &'static str {
        tone(self.status)
    }
}

/// The colour of a status; never alone.
pub(super) fn tone(status: ReportStatus) -> &'static str {
    match status {
        ReportStatus::Pending => "amber",
        ReportStatus::UnderReview => "blue",
        ReportStatus::Resolved => "green",
        ReportStatus::Rejected => "",
    }
}

impl Held {
    pub(super) fn of(row: &ReportRow, texts: Texts) -> Option<Self> {
        let report = &row.report;
        let by = Person::of(report.reviewed_by.as_ref()?, row.reviewer.as_ref());
        let did = texts.get(&format!("line-{}", deed(report)));
        Some(Self { by, did, at: report.updated_at })
    }

    /// The same in one text, for where a time cannot be marked up.
    pub(super) fn text(&self, now: Timestamp) -> String {
        let (at, now) = (self.at.to_utc(), now.to_utc());
        let form =
            if at.date_naive() == now.date_naive() { "%H:%M UTC" } else { "%Y-%m-%d %H:%M UTC" };
        format!("{} {} {}", self.by.name, self.did, at.format(form))
    }
}

/// What the last review was. Of a decided report only the last one is told, which may have archived it.
fn deed(report: &Report) -> &'static str {
    match report.status {
        ReportStatus::Pending | ReportStatus::UnderReview => "has",
        _ if report.resolved_at != Some(report.updated_at) => "changed",
        ReportStatus::Resolved => "resolved",
        ReportStatus::Rejected => "rejected",
    }
}
