//! Several reports at once: each a command of its own, and each is told of.

use std::time::Duration;

use askama::Template;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use events::ReportId;
use events::report::Decision;
use futures_util::{StreamExt, stream};
use tokio::time::Instant;
use web::Problem;

use super::super::Dashboard;
use super::super::line::Line;
use super::super::notice::{Notice, back};
use super::super::page::{Frame, Section, page};
use super::super::review::{Review, Told, answer, is_script};
use super::super::visit::Visit;

/// Reports of one request.
const MOST: usize = 100;
/// Commands that are on their way at once.
const AT_ONCE: usize = 8;
/// After so long no further command is sent: whoever waits shall hear of those that were.
const WITHIN: Duration = Duration::from_secs(6);

/// What is to be done with which reports.
#[derive(Debug, PartialEq, Eq)]
struct Bulk {
    ids: Vec<ReportId>,
    review: Review,
}

/// What became of it.
#[derive(Template)]
#[template(path = "queue_bulk.html")]
struct Results {
    frame: Frame,
    done: usize,
    refused: Vec<(Told, Option<Line>)>,
    next: String,
}

/// Reviews all of them, and tells what became of each.
pub(in crate::dashboard) async fn submit(
    State(dashboard): State<Dashboard>,
    visit: Visit,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let Bulk { ids, review } = match Bulk::parse(&body) {
        Ok(bulk) => bulk,
        Err(key) => {
            let notice = Notice::refused(&[visit.texts.count(key, MOST)]);
            return Ok(back(Some("/dashboard/queue"), &notice, &headers));
        }
    };
    let told = carry_out(&dashboard, &visit, &review, ids).await;
    if is_script(&headers) {
        return answer(&dashboard, &visit, told);
    }
    let frame = Frame::of(&dashboard, &visit, Some(Section::Queue)).await;
    page(&Results::of(frame, dashboard.app().now(), told, &review))
}

impl Bulk {
    /// What the form says, or the key of what is wrong with it.
    fn parse(body: &[u8]) -> Result<Self, &'static str> {
        let (mut ids, mut review) = (Vec::new(), Review::default());
        for (name, value) in form_urlencoded::parse(body) {
            match &*name {
                "report" => ids.push(value.parse().map_err(|_| "queue-bulk-none")?),
                "status" => review.status = decision(&value),
                "notes" => review.notes = value.into_owned(),
                "key" => review.key = value.parse().ok(),
                "next" => review.next = Some(value.into_owned()),
                _ => {}
            }
        }
        ids.sort_unstable();
        ids.dedup();
        match ids.len() {
            0 => Err("queue-bulk-none"),
            1..=MOST if review.status.is_some() => Ok(Self { ids, review }),
            1..=MOST => Err("queue-bulk-what"),
            _ => Err("queue-bulk-too-many"),
        }
    }
}

fn decision(name: &str) -> Option<Decision> {
    Decision::ALL.into_iter().find(|decision| decision.as_str() == name)
}

async fn carry_out(
    dashboard: &Dashboard,
    visit: &Visit,
    review: &Review,
    ids: Vec<ReportId>,
) -> Vec<Told> {
    let end = Instant::now() + WITHIN;
    let one = async |id| {
        if Instant::now() >= end {
            let notice = Notice::refused(&[visit.texts.get("queue-bulk-late")]);
            return Told { id, notice, row: None, held: None };
        }
        review.carry_out(dashboard, visit, id).await
    };
    stream::iter(ids).map(one).buffered(AT_ONCE).collect().await
}

impl Results {
    fn of(frame: Frame, now: events::Timestamp, told: Vec<Told>, review: &Review) -> Self {
        let texts = frame.texts;
        let (done, refused): (Vec<_>, Vec<_>) = told.into_iter().partition(|told| told.notice.done);
        let with_line = |told: Told| {
            let line = told.row.as_ref().map(|row| Line::of(row, texts, now));
            (told, line)
        };
        let next = super::super::page::local(review.next.as_deref()).to_owned();
        let refused = refused.into_iter().map(with_line).collect();
        Self { frame, done: done.len(), refused, next }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(reports: usize, rest: &str) -> String {
        let reports = (0..reports).map(|nth| format!("report={nth:020x}0001&"));
        reports.collect::<String>() + rest
    }

    #[test]
    fn as_many_as_may_be_are_taken_and_each_once() {
        let all = Bulk::parse(form(MOST, "status=resolved&notes=a+b").as_bytes()).unwrap();
        assert_eq!((all.ids.len(), all.review.notes.as_str()), (MOST, "a b"));
        let twice = form(2, "") + &form(2, "status=rejected");
        assert_eq!(Bulk::parse(twice.as_bytes()).unwrap().ids.len(), 2);
    }

    #[test]
    fn nothing_is_done_by_halves() {
        for (form, key) in [
            (form(0, "status=resolved"), "queue-bulk-none"),
            (form(1, "report=x&status=resolved"), "queue-bulk-none"),
            (form(1, "status=pending"), "queue-bulk-what"),
            (form(1, ""), "queue-bulk-what"),
            (form(MOST + 1, "status=resolved"), "queue-bulk-too-many"),
        ] {
            assert_eq!(Bulk::parse(form.as_bytes()), Err(key), "{form}");
        }
    }
}
