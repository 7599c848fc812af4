//! A report: what it says, what became of it, and what can be done with it.
//!
//! A moderator may not read the history, so what happened is told to them from what they may read: the report,
//! its last review, and the bans that it led to. Whoever may read the history gets all of it, each review
//! among it, and that they did is put on record.

mod timeline;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::request::Parts;
use axum::response::Response;
use events::{Action, Platform};
use web::Problem;

use super::Dashboard;
use super::audit;
use super::line::{Held, Line, Person};
use super::page::{Frame, Section, page};
use super::visit::Visit;
use crate::freshness::{Projection, ReadModel};
use crate::read::reports::{ReportFilter, ReportOrder, ReportRow};
use crate::read::window::Window;
use crate::{bans, reports};

use timeline::Step;

/// Other reports of the same live stream or person that are listed.
const OTHERS: u32 = 10;

#[derive(Template)]
#[template(path = "report.html")]
struct ReportPage {
    frame: Frame,
    row: ReportRow,
    line: Line,
    creator: Person,
    held: Option<Held>,
    platform: Option<&'static str>,
    /// Whether they are staff, who see and do more than whoever filed it.
    staff: bool,
    steps: Vec<Step>,
    history: History,
    of_live_stream: Vec<Line>,
    of_reporter: Vec<Line>,
    key: String,
}

/// The whole history.
enum History {
    /// They may not read it.
    Closed,
    /// It cannot be read now.
    Unavailable,
    /// All of it; or the most of it, when there is too much.
    Open { lines: Vec<audit::Line>, is_cut: bool },
}

/// The page.
pub(super) async fn show(
    State(dashboard): State<Dashboard>,
    visit: Visit,
    Path(id): Path<String>,
    parts: Parts,
) -> Result<Response, Problem> {
    for projection in [Projection::Reports, Projection::Bans] {
        dashboard.settle(ReadModel::Table(projection), visit.position()).await;
    }
    // What is no id names no report.
    let row = reports::by_id(dashboard.app(), visit.actor(), id.parse().ok()).await?;
    let frame = Frame::of(&dashboard, &visit, Some(Section::Queue)).await;
    page(&fill(&dashboard, &visit, frame, row, parts).await?)
}

async fn fill(
    dashboard: &Dashboard,
    visit: &Visit,
    frame: Frame,
    row: ReportRow,
    parts: Parts,
) -> Result<ReportPage, Problem> {
    let (app, texts, now) = (dashboard.app(), visit.texts, dashboard.app().now());
    let staff = visit.may(Action::ReadReportQueue);
    let caused =
        if staff { bans::of_report(app, visit.actor(), row.report.id).await? } else { Vec::new() };
    let report = &row.report;
    let live_stream = ReportFilter {
        live_stream: Some(report.live_stream_id.clone()),
        ..ReportFilter::default()
    };
    let reporter = ReportFilter { reporter: report.reporter_id.clone(), ..ReportFilter::default() };
    let of_live_stream = others(dashboard, visit, &row, &live_stream).await?;
    let of_reporter = match reporter.reporter {
        Some(_) => others(dashboard, visit, &row, &reporter).await?,
        None => Vec::new(),
    };
    let names = timeline::names(app, &caused).await?;
    Ok(ReportPage {
        line: Line::of(&row, texts, now),
        creator: Person::of(&report.stream_creator_id, row.creator.as_ref()),
        held: Held::of(&row, texts).filter(|_| staff),
        platform: report.platform.map(Platform::shown),
        staff,
        steps: timeline::steps(&row, &caused, &names, texts, staff),
        history: history(dashboard, visit, &row, parts).await,
        of_live_stream,
        of_reporter,
        key: app.new_id().to_string(),
        frame,
        row,
    })
}

/// The newest of the reports that `filter` lets through, without the one that is shown. For staff alone.
async fn others(
    dashboard: &Dashboard,
    visit: &Visit,
    row: &ReportRow,
    filter: &ReportFilter,
) -> Result<Vec<Line>, Problem> {
    if !visit.may(Action::ReadReportQueue) {
        return Ok(Vec::new());
    }
    let (app, order) = (dashboard.app(), ReportOrder::Newest);
    let window = Window { limit: OTHERS, offset: 0, after: None };
    let found = reports::queue(app, visit.actor(), filter, order, &window).await?;
    let others = found.rows.iter().filter(|other| other.report.id != row.report.id);
    Ok(others.map(|other| Line::of(other, visit.texts, app.now())).collect())
}

async fn history(dashboard: &Dashboard, visit: &Visit, row: &ReportRow, parts: Parts) -> History {
    if !visit.may(Action::ReadHistory) {
        return History::Closed;
    }
    match audit::history_of_report(dashboard, visit, parts, row.report.id).await {
        Ok((lines, is_cut)) => History::Open { lines, is_cut },
        // The report itself can be read: what is missing is said in its place.
        Err(problem) => {
            problem.log();
            History::Unavailable
        }
    }
}

impl ReportPage {
    /// Other reports, under the keys of their headings.
    fn others(&self) -> [(&'static str, &[Line]); 2] {
        [("report-same-stream", &self.of_live_stream), ("report-same-reporter", &self.of_reporter)]
    }

    /// Its own address.
    fn here(&self) -> String {
        format!("/dashboard/reports/{}", self.row.report.id)
    }

    /// Where somebody can be banned because of it.
    fn ban_address(&self) -> String {
        let report = &self.row.report;
        format!("/dashboard/bans/new?liveStream={}&report={}", report.live_stream_id, report.id)
    }
}
