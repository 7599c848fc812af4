//! What happened to a report, as far as the report and the bans that it led to tell.

use std::collections::HashMap;

use events::ban::RevokeCause;
use events::report::ReportStatus;
use events::{Timestamp, UserId, UserSnapshot};

use super::super::line::Person;
use super::super::texts::Texts;
use crate::App;
use crate::error::QueryError;
use crate::read::bans::BanRow;
use crate::read::directory;
use crate::read::reports::ReportRow;

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Step {
    /// Names it on the page.
    pub(super) id: String,
    pub(super) at: Timestamp,
    pub(super) who: Option<Person>,
    pub(super) what: String,
    /// Whom it was done to.
    pub(super) whom: Option<Person>,
    /// What somebody wrote.
    pub(super) words: Option<String>,
    /// The step that led to it, and what that was.
    pub(super) because: Option<(String, String)>,
}

/// Those who have to do with bans, as the directory has them.
pub(super) type Names = HashMap<UserId, UserSnapshot>;

/// Looks them up at once.
pub(super) async fn names(app: &App, bans: &[BanRow]) -> Result<Names, QueryError> {
    let lifted_by = |row: &'_ BanRow| row.lifted.as_ref().and_then(|lifted| lifted.by.clone());
    let ids: Vec<UserId> = bans
        .iter()
        .flat_map(|row| [row.ban.created_by.clone(), lifted_by(row)])
        .flatten()
        .collect();
    Ok(directory::users(app.pool(), &ids.iter().collect::<Vec<_>>()).await?)
}

/// In their order. Who reviewed it and what they noted is for `staff`.
pub(super) fn steps(
    row: &ReportRow,
    bans: &[BanRow],
    names: &Names,
    texts: Texts,
    staff: bool,
) -> Vec<Step> {
    let mut steps = vec![filed(row, texts)];
    steps.extend(reviewed(row, texts, staff));
    steps.extend(bans.iter().map(|ban| created(ban, names, texts)));
    steps.extend(bans.iter().filter_map(|ban| lifted(ban, names, texts)));
    // Stable: what led to something stands before it.
    steps.sort_by_key(|step| step.at);
    steps
}

fn filed(row: &ReportRow, texts: Texts) -> Step {
    let report = &row.report;
    let who = report.reporter_id.as_ref().map(|id| Person::of(id, row.reporter.as_ref()));
    Step {
        id: "filed".to_owned(),
        at: report.created_at,
        who,
        what: texts.get("report-step-filed"),
        whom: None,
        words: report.description.as_ref().map(|text| text.as_str().to_owned()),
        because: None,
    }
}

fn reviewed(row: &ReportRow, texts: Texts, staff: bool) -> Option<Step> {
    let report = &row.report;
    let (deed, at) = match (report.status, report.resolved_at) {
        (ReportStatus::Pending, _) => return None,
        (ReportStatus::UnderReview, _) => ("claimed", report.updated_at),
        (ReportStatus::Resolved, at) => ("resolved", at.unwrap_or(report.updated_at)),
        (ReportStatus::Rejected, at) => ("rejected", at.unwrap_or(report.updated_at)),
    };
    // Who came last may have archived what somebody else decided: then that is not told of them.
    let by = report.reviewed_by.as_ref().filter(|_| staff && at == report.updated_at);
    let notes = report.admin_notes.as_ref().filter(|_| staff);
    Some(Step {
        id: "reviewed".to_owned(),
        at,
        who: by.map(|id| Person::of(id, row.reviewer.as_ref())),
        what: texts.get(&format!("report-step-{deed}")),
        whom: None,
        words: notes.map(|text| text.as_str().to_owned()),
        because: Some(("filed".to_owned(), texts.get("report-step-filed"))),
    })
}

fn created(row: &BanRow, names: &Names, texts: Texts) -> Step {
    let ban = &row.ban;
    Step {
        id: format!("ban-{}", ban.id),
        at: ban.created_at,
        who: ban.created_by.as_ref().map(|id| Person::of(id, names.get(id))),
        what: texts.action_type(ban.action_type),
        whom: Some(Person::of(&ban.target_user_id, row.target.as_ref())),
        words: ban.reason.as_ref().map(|text| text.as_str().to_owned()),
        because: Some(("filed".to_owned(), texts.get("report-step-filed"))),
    }
}

fn lifted(row: &BanRow, names: &Names, texts: Texts) -> Option<Step> {
    let lifted = row.lifted.as_ref()?;
    let deed = match lifted.cause {
        RevokeCause::Manual => "revoked",
        RevokeCause::Expired => "expired",
        RevokeCause::Superseded => "superseded",
    };
    Some(Step {
        id: format!("ban-{}-end", row.ban.id),
        at: lifted.at,
        who: lifted.by.as_ref().map(|id| Person::of(id, names.get(id))),
        what: texts.get(&format!("report-step-{deed}")),
        whom: Some(Person::of(&row.ban.target_user_id, row.target.as_ref())),
        words: None,
        because: Some((format!("ban-{}", row.ban.id), texts.action_type(row.ban.action_type))),
    })
}
