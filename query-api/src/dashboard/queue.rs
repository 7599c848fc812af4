//! The queue: open reports by their live streams, and what is done with them in one keystroke.
//!
//! - **Claiming** (`c`) is sent at once: others must see it at once. Whoever comes second is told who was
//!   faster, and sees it in the line before trying.
//! - **Resolving** (`r`) and **rejecting** (`x`) cannot be undone once they are sent, since a decision is final.
//!   So the script of the page holds them back for [`HELD_BACK`] seconds, says so, and lets go of them with
//!   `u`. Time stands still while the message has the focus or the pointer on it. Several may be held back at
//!   once, and all of them are sent when the page is left. Without the script a form is sent at once.
//! - **Several at once**: what is chosen is sent in one form ([`bulk`]), each report a command of its own.
//! - **What comes in** ([`live`]) never moves a line: new reports arrive at the end of the page, changes are
//!   written into the lines that are there, and what was decided stays marked until the page is loaded again.

pub(super) mod bulk;
mod filter;
mod frames;
mod hub;
pub(super) mod live;

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use event_log::Position;
use events::report::ReportType;
use events::{LiveStreamId, StreamStatus, Timestamp};
use web::Problem;

use super::Dashboard;
use super::line::Line;
use super::page::{Frame, Section, page};
use super::texts::Texts;
use super::visit::Visit;
use crate::freshness::{Projection, ReadModel};
use crate::read::report_groups::Group;
use crate::reports;

use filter::Wanted;
pub(super) use hub::Hub;

/// Seconds for which a decision is held back.
const HELD_BACK: u32 = 8;
/// Where it reads.
const REPORTS: ReadModel = ReadModel::Table(Projection::Reports);

#[derive(Template)]
#[template(path = "queue.html")]
struct Queue {
    frame: Frame,
    wanted: Wanted,
    groups: Vec<Shown>,
    /// How many live streams there are.
    total: u64,
    /// The address of the next page.
    next: Option<String>,
    /// What has happened up to here can be seen.
    position: Position,
    key: String,
    held_back: u32,
}

/// A live stream and its open reports.
struct Shown {
    id: LiveStreamId,
    title: String,
    /// What it is doing now, where the directory knows it.
    status: Option<StreamStatus>,
    /// How many open reports the filter lets through.
    count: u64,
    /// How many it has.
    open: u64,
    types: Vec<(ReportType, u64)>,
    oldest: Timestamp,
    age: String,
    lines: Vec<Line>,
    /// Where the rest is.
    more: Option<String>,
}

/// The page.
pub(super) async fn show(
    State(dashboard): State<Dashboard>,
    visit: Visit,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let wanted = Wanted::parse(query.as_deref())?;
    dashboard.settle(REPORTS, visit.position()).await;
    let app = dashboard.app();
    // Asked before the tables are, which so know of at least as much.
    let position = app.position(REPORTS);
    let Wanted { filter, order, groups, reports, .. } = &wanted;
    let found =
        reports::groups(app, visit.actor(), filter, *order, &groups.window, reports).await?;
    let next = wanted.next(&found);
    let shown = |group| Shown::of(group, &wanted, visit.texts, app.now());
    page(&Queue {
        frame: Frame::of(&dashboard, &visit, Some(Section::Queue)).await,
        groups: found.rows.iter().map(shown).collect(),
        total: found.total,
        next,
        wanted,
        position,
        key: app.new_id().to_string(),
        held_back: HELD_BACK,
    })
}

impl Shown {
    fn of(group: &Group, wanted: &Wanted, texts: Texts, now: Timestamp) -> Self {
        let lines: Vec<_> = group.reports.iter().map(|row| Line::of(row, texts, now)).collect();
        let id = &group.live_stream_id;
        // The directory's title stands in every line, or the one that the report remembers.
        let title = lines.first().map_or_else(|| id.to_string(), |line| line.live_stream.clone());
        Self {
            id: id.clone(),
            title,
            status: group.live_stream.as_ref().map(|stream| stream.status),
            count: group.count(),
            open: group.open,
            types: group.types.clone(),
            oldest: group.oldest,
            age: texts.age(group.oldest, now),
            lines,
            more: wanted.more(group),
        }
    }
}
