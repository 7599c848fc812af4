//! What a run of events adds to the statistics.

use std::collections::BTreeMap;

use events::Event;
use events::ban::BanEvent;
use events::report::{ReportEvent, ReportFiled, ReportReviewed};

use super::decisions::DecisionRow;
use super::hourly::Hours;
use crate::error::ApplyError;
use crate::projection::LoggedEvent;

/// What the events touch.
#[derive(Debug, Default)]
pub(super) struct Folded {
    reports: BTreeMap<String, DecisionRow>,
    /// What is added to each hour.
    pub(super) hours: Hours,
}

impl Folded {
    /// The reports as they stand now.
    pub(super) fn reports(&self) -> Vec<&DecisionRow> {
        self.reports.values().collect()
    }
}

/// The ids of the reports that the events are about.
pub(super) fn report_ids(events: &[LoggedEvent]) -> Vec<String> {
    let report = |logged: &LoggedEvent| match &logged.event {
        Event::Report(ReportEvent::Filed(filed)) => Some(filed.report_id.to_string()),
        Event::Report(ReportEvent::Reviewed(reviewed)) => Some(reviewed.report_id.to_string()),
        Event::Ban(_) => None,
    };
    events.iter().filter_map(report).collect()
}

/// Takes `events` in, given their reports as far as the table has `known` them before.
pub(super) fn fold(known: Vec<DecisionRow>, events: &[LoggedEvent]) -> Result<Folded, ApplyError> {
    let reports = known.into_iter().map(|row| (row.report_id.clone(), row)).collect();
    let mut folded = Folded { reports, ..Folded::default() };
    for logged in events {
        let at = logged.occurred_at();
        match &logged.event {
            Event::Ban(BanEvent::Created(created)) => {
                folded.hours.count(at, "bans_created", created.action_type.as_str());
            }
            Event::Ban(BanEvent::Revoked(revoked)) => {
                folded.hours.count(at, "bans_revoked", revoked.cause.as_str());
            }
            Event::Report(ReportEvent::Filed(filed)) => file(&mut folded, logged, filed)?,
            Event::Report(ReportEvent::Reviewed(reviewed)) => {
                review(&mut folded, logged, reviewed)?;
            }
        }
    }
    Ok(folded)
}

fn file(folded: &mut Folded, logged: &LoggedEvent, filed: &ReportFiled) -> Result<(), ApplyError> {
    let at = logged.occurred_at();
    let report_type = filed.report_type.as_str();
    folded.hours.count(at, "reports_filed", report_type);
    folded.hours.backlog(at, report_type, 1);
    let row = DecisionRow::filed(filed.report_id.to_string(), report_type, at);
    match folded.reports.insert(row.report_id.clone(), row) {
        None => Ok(()),
        Some(twice) => Err(contradiction(&twice.report_id, "is there already")),
    }
}

fn review(
    folded: &mut Folded,
    logged: &LoggedEvent,
    reviewed: &ReportReviewed,
) -> Result<(), ApplyError> {
    let id = reviewed.report_id.to_string();
    let report = folded.reports.get_mut(&id).ok_or_else(|| contradiction(&id, "is not there"))?;
    let at = logged.occurred_at();
    let was_open = report.is_open();
    report.is_archived = reviewed.is_archived;
    if reviewed.status.is_final() && report.decide(at) {
        let key = format!("{}:{}", report.report_type, reviewed.status.as_str());
        folded.hours.count(at, "reports_decided", &key);
    }
    let opened = i64::from(report.is_open()) - i64::from(was_open);
    if opened != 0 {
        folded.hours.backlog(at, &report.report_type, opened);
    }
    Ok(())
}

fn contradiction(id: &str, what: &str) -> ApplyError {
    ApplyError::Contradiction(format!("report {id} {what}"))
}
