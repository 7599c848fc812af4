//! What a run of events adds to the index.

use std::collections::HashMap;

use events::Event;
use events::ban::BanEvent;
use events::report::ReportEvent;
use sqlx::types::Uuid;

use super::rows::{HistoryRow, Subject};
use crate::projection::LoggedEvent;

/// The ids of the bans and reports that go on.
pub(super) fn continued_ids(events: &[LoggedEvent]) -> Vec<String> {
    let continued = |logged: &LoggedEvent| match &logged.event {
        Event::Ban(BanEvent::Revoked(revoked)) => Some(revoked.ban_id.to_string()),
        Event::Report(ReportEvent::Reviewed(reviewed)) => Some(reviewed.report_id.to_string()),
        Event::Ban(BanEvent::Created(_)) | Event::Report(ReportEvent::Filed(_)) => None,
    };
    events.iter().filter_map(continued).collect()
}

/// The rows of `events`, given what the table has `known` before of the bans and reports that go on.
pub(super) fn fold(known: Vec<(String, Subject)>, events: &[LoggedEvent]) -> Vec<HistoryRow> {
    let mut subjects: HashMap<String, Subject> = known.into_iter().collect();
    events.iter().map(|logged| row(&mut subjects, logged)).collect()
}

fn row(subjects: &mut HashMap<String, Subject>, logged: &LoggedEvent) -> HistoryRow {
    let (id, begun, report_id) = read(logged);
    let subject = match begun {
        // Where two events claim to have begun it, the first counts, wherever the log is cut into pages.
        Some(begun) => {
            subjects.entry(id.clone()).or_insert_with(|| begun.clone());
            begun
        }
        // What never began is found all the same, by everything else.
        None => subjects.get(&id).cloned().unwrap_or_default(),
    };
    HistoryRow {
        position: logged.row_position(),
        event_id: Uuid::from(logged.id),
        event_type: logged.event_type.clone(),
        subject_id: id,
        subject,
        actor_id: logged.actor().map(ToString::to_string),
        report_id,
        correlation_id: logged.metadata.correlation_id.as_str().to_owned(),
        causation_id: logged.metadata.causation_id.map(Uuid::from),
        occurred_at: logged.occurred_at().to_utc(),
    }
}

/// Which ban or report the event is of, whom that concerns where the event says so, and the report
/// behind a ban.
fn read(logged: &LoggedEvent) -> (String, Option<Subject>, Option<String>) {
    match &logged.event {
        Event::Ban(BanEvent::Created(created)) => {
            let subject = Subject {
                live_stream: Some(created.live_stream_id.to_string()),
                user: Some(created.target_user_id.to_string()),
                creator: None,
            };
            let report_id = created.report_id.map(|id| id.to_string());
            (created.ban_id.to_string(), Some(subject), report_id)
        }
        Event::Ban(BanEvent::Revoked(revoked)) => (revoked.ban_id.to_string(), None, None),
        Event::Report(ReportEvent::Filed(filed)) => {
            let subject = Subject {
                live_stream: Some(filed.live_stream_id.to_string()),
                user: logged.actor().map(ToString::to_string),
                creator: Some(filed.stream_creator_id.to_string()),
            };
            (filed.report_id.to_string(), Some(subject), None)
        }
        Event::Report(ReportEvent::Reviewed(reviewed)) => {
            (reviewed.report_id.to_string(), None, None)
        }
    }
}
