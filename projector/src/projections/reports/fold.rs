//! What a run of events makes of the reports.

use std::collections::BTreeMap;

use events::report::{ReportEvent, ReportFiled, ReportReviewed, ReportStatus};

use super::counts::Counts;
use super::rows::ReportRow;
use crate::error::ApplyError;
use crate::projection::LoggedEvent;

/// The reports that the events touch.
#[derive(Debug, Default)]
pub(super) struct Folded {
    reports: BTreeMap<String, Entry>,
    /// How the numbers of reports change.
    pub(super) counts: Counts,
}

#[derive(Debug)]
struct Entry {
    row: ReportRow,
    filed: bool,
}

impl Folded {
    /// Those that are new to the table.
    pub(super) fn filed(&self) -> Vec<&ReportRow> {
        self.reports.values().filter(|entry| entry.filed).map(|entry| &entry.row).collect()
    }

    /// Those that the table holds already.
    pub(super) fn changed(&self) -> Vec<&ReportRow> {
        self.reports.values().filter(|entry| !entry.filed).map(|entry| &entry.row).collect()
    }
}

/// The ids of the reports that are reviewed.
pub(super) fn reviewed_ids(events: &[(&LoggedEvent, &ReportEvent)]) -> Vec<String> {
    let reviewed = |(_, event): &(_, &ReportEvent)| match event {
        ReportEvent::Reviewed(reviewed) => Some(reviewed.report_id.to_string()),
        ReportEvent::Filed(_) => None,
    };
    events.iter().filter_map(reviewed).collect()
}

/// Takes `events` in, given the reports that they review as far as the table has `known` them
/// before.
pub(super) fn fold(
    known: Vec<ReportRow>,
    events: &[(&LoggedEvent, &ReportEvent)],
) -> Result<Folded, ApplyError> {
    let entry = |row: ReportRow| (row.id.clone(), Entry { row, filed: false });
    let reports = known.into_iter().map(entry).collect();
    let mut folded = Folded { reports, ..Folded::default() };
    for (logged, event) in events {
        match event {
            ReportEvent::Filed(filed) => file(&mut folded, logged, filed)?,
            ReportEvent::Reviewed(reviewed) => review(&mut folded, logged, reviewed)?,
        }
    }
    Ok(folded)
}

fn file(folded: &mut Folded, logged: &LoggedEvent, filed: &ReportFiled) -> Result<(), ApplyError> {
    let at = logged.occurred_at().to_utc();
    let row = ReportRow {
        id: filed.report_id.to_string(),
        reporter_id: logged.actor().map(ToString::to_string),
        live_stream_id: filed.live_stream_id.to_string(),
        stream_creator_id: filed.stream_creator_id.to_string(),
        stream_title: filed.stream_title.clone(),
        stream_status_at_report: filed.stream_status_at_report.as_str().to_owned(),
        report_type: filed.report_type.as_str().to_owned(),
        description: filed.description.as_ref().map(|text| text.as_str().to_owned()),
        status: ReportStatus::Pending.as_str().to_owned(),
        reviewed_by: None,
        admin_notes: None,
        resolved_at: None,
        is_archived: false,
        user_agent: logged.metadata.user_agent.clone(),
        ip_address: logged.metadata.client_ip.map(|address| address.to_string()),
        platform: logged.metadata.platform.map(|platform| platform.shown().to_owned()),
        created_at: at,
        updated_at: at,
        position: logged.row_position(),
    };
    folded.counts.add(&row, 1);
    match folded.reports.insert(row.id.clone(), Entry { row, filed: true }) {
        None => Ok(()),
        Some(twice) => Err(contradiction(&twice.row.id, "is there already")),
    }
}

fn review(
    folded: &mut Folded,
    logged: &LoggedEvent,
    reviewed: &ReportReviewed,
) -> Result<(), ApplyError> {
    let id = reviewed.report_id.to_string();
    let entry = folded.reports.get_mut(&id).ok_or_else(|| contradiction(&id, "is not there"))?;
    let report = &mut entry.row;
    folded.counts.add(report, -1);
    let at = logged.occurred_at().to_utc();
    let status = reviewed.status.as_str();
    if !reviewed.status.is_final() {
        report.resolved_at = None;
    } else if report.status != status {
        report.resolved_at = Some(at);
    }
    status.clone_into(&mut report.status);
    if let Some(notes) = &reviewed.admin_notes {
        report.admin_notes = Some(notes.as_str().to_owned());
    }
    report.is_archived = reviewed.is_archived;
    report.reviewed_by = logged.actor().map(ToString::to_string);
    report.updated_at = at;
    report.position = logged.row_position();
    folded.counts.add(report, 1);
    Ok(())
}

fn contradiction(id: &str, what: &str) -> ApplyError {
    ApplyError::Contradiction(format!("report {id} {what}"))
}
