//! Reviewing a report, from the queue or from its own page.
//!
//! A form is sent and answered with a page, or by the queue's script, which puts the report's line back where it
//! was. Whoever is refused because somebody else was faster is told at once who that is.

use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::Response;
use events::ReportId;
use events::report::{Decision, ReportStatus};
use serde::Deserialize;
use serde_json::{Map, Value};
use ulid::Ulid;
use web::{Kind, Problem};

use super::Dashboard;
use super::commands::{Command, Outcome};
use super::line::{Held, Line};
use super::notice::{Notice, back};
use super::page::part;
use super::texts::Texts;
use super::visit::Visit;
use crate::freshness::{Projection, ReadModel};
use crate::read::reports::ReportRow;
use crate::reports;

/// What a review changes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub(super) struct Review {
    pub(super) status: Option<Decision>,
    #[serde(default)]
    pub(super) notes: String,
    pub(super) archived: Option<bool>,
    /// Made with the form.
    pub(super) key: Option<Ulid>,
    /// The page to go back to.
    pub(super) next: Option<String>,
}

/// What became of it.
#[derive(Debug)]
pub(super) struct Told {
    pub(super) id: ReportId,
    pub(super) notice: Notice,
    /// The report as it is now, where it can be read.
    pub(super) row: Option<ReportRow>,
    /// Who was faster.
    pub(super) held: Option<Held>,
}

/// The answer to a script.
#[derive(Template)]
#[template(path = "review_answer.html")]
struct Answer {
    texts: Texts,
    told: Vec<(Told, Option<Line>)>,
    key: String,
}

/// Sends the review, and tells what became of it.
pub(super) async fn submit(
    State(dashboard): State<Dashboard>,
    visit: Visit,
    headers: HeaderMap,
    Path(id): Path<String>,
    Form(review): Form<Review>,
) -> Result<Response, Problem> {
    let id = id.parse().map_err(|_| Problem::new(Kind::NotFound))?;
    let told = review.carry_out(&dashboard, &visit, id).await;
    if is_script(&headers) {
        return answer(&dashboard, &visit, vec![told]);
    }
    Ok(back(review.next.as_deref(), &told.notice, &headers))
}

/// Whether a script of ours asks, which puts a part into the page.
pub(super) fn is_script(headers: &HeaderMap) -> bool {
    headers.contains_key("hx-request")
}

/// What became of reviews, and the lines of their reports, for a script.
pub(super) fn answer(
    dashboard: &Dashboard,
    visit: &Visit,
    told: Vec<Told>,
) -> Result<Response, Problem> {
    let (texts, now) = (visit.texts, dashboard.app().now());
    let told = told.into_iter().map(|told| {
        let line = told.row.as_ref().map(|row| Line::of(row, texts, now));
        (told, line)
    });
    let key = dashboard.app().new_id().to_string();
    part(&Answer { texts, told: told.collect(), key })
}

impl Review {
    /// Sends it for the report `id`, waits until it can be seen, and looks.
    pub(super) async fn carry_out(
        &self,
        dashboard: &Dashboard,
        visit: &Visit,
        id: ReportId,
    ) -> Told {
        let outcome = dashboard.commands().send(visit, self.command(id)).await;
        let reached = match &outcome {
            Outcome::Done { position, .. } => *position,
            // What was in the way may be newer than what can be read.
            Outcome::Refused { .. } => dashboard.app().reader().head().await.ok(),
        };
        dashboard.settle(ReadModel::Table(Projection::Reports), reached).await;
        let row = reports::by_id(dashboard.app(), visit.actor(), Some(id)).await.ok();
        let held = row.as_ref().and_then(|row| faster(&outcome, row, visit.texts));
        let notice = match &held {
            Some(held) => Notice::refused(&[held.text(dashboard.app().now())]),
            None => outcome.notice(self.done(visit.texts)),
        };
        Told { id, notice, row, held }
    }

    /// One form has several buttons, each of which commands something else: so each has a key of its own.
    fn command(&self, id: ReportId) -> Command {
        let deed = self.status.map_or("archive", Decision::as_str);
        let key = self.key.map(|key| format!("{key}-{id}-{deed}"));
        let path = format!("/api/v1/live-stream-reports/{id}");
        Command { method: Method::PATCH, path, body: Some(self.body()), key }
    }

    fn body(&self) -> Value {
        let mut body = Map::new();
        if let Some(status) = self.status {
            body.insert("status".to_owned(), status.as_str().into());
        }
        if !self.notes.trim().is_empty() {
            body.insert("adminNotes".to_owned(), self.notes.as_str().into());
        }
        if let Some(archived) = self.archived {
            body.insert("isArchived".to_owned(), archived.into());
        }
        body.into()
    }

    /// What is told when it was done.
    pub(super) fn done(&self, texts: Texts) -> String {
        let deed = match (self.status, self.archived) {
            (Some(status), _) => status.as_str(),
            (None, Some(false)) => "unarchived",
            (None, _) => "archived",
        };
        texts.get(&format!("review-done-{deed}"))
    }
}

/// Who has or had the report, when that is why it was refused.
fn faster(outcome: &Outcome, row: &ReportRow, texts: Texts) -> Option<Held> {
    let conflict = matches!(outcome, Outcome::Refused { status: StatusCode::CONFLICT, .. });
    let taken = row.report.status != ReportStatus::Pending;
    if conflict && taken { Held::of(row, texts) } else { None }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_form_says_only_what_was_filled_in() {
        let id: ReportId = "0123456789abcdef01230001".parse().unwrap();
        let key = "01ARZ3NDEKTSV4RRFFQ69G5FAV".parse().ok();
        let claim = Review {
            status: Some(Decision::UnderReview),
            notes: " \n".to_owned(),
            key,
            ..Review::default()
        };
        let command = claim.command(id);
        assert_eq!(command.body, Some(json!({"status": "under_review"})));
        assert_eq!(command.path, "/api/v1/live-stream-reports/0123456789abcdef01230001");
        let claimed = command.key.unwrap();
        let reject = Review {
            status: Some(Decision::Rejected),
            notes: "no".to_owned(),
            key,
            ..Review::default()
        };
        let command = reject.command(id);
        assert_eq!(command.body, Some(json!({"status": "rejected", "adminNotes": "no"})));
        assert_ne!(command.key.unwrap(), claimed);
        let archive = Review { archived: Some(true), ..Review::default() }.command(id);
        assert_eq!((archive.body, archive.key), (Some(json!({"isArchived": true})), None));
    }
}
