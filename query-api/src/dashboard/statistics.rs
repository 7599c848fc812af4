//! Statistics: what was reported and decided, how long that took, and whom it was about.

mod charts;

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use events::Timestamp;
use web::{Fields, Problem};

use super::Dashboard;
use super::chart::Chart;
use super::given::given;
use super::page::{Frame, Section, page};
use super::visit::Visit;
use crate::allmine::statistics::{Statistics, range, show};
use crate::freshness::{Projection, ReadModel};
use crate::read::statistics::{Interval, Range};
use crate::read::top_streams::TopStream;
use crate::statistics;

/// What happened over time.
#[derive(Template)]
#[template(path = "statistics.html")]
struct Page {
    frame: Frame,
    from: Timestamp,
    to: Timestamp,
    interval: Interval,
    /// Reports that wait now, or when the range ended.
    open: i64,
    decided: i64,
    median: Option<String>,
    p95: Option<String>,
    /// Of all, and then of each type that there were reports of.
    charts: Vec<Chart>,
    top: Vec<TopStream>,
}

/// The page.
pub(super) async fn over(
    State(dashboard): State<Dashboard>,
    visit: Visit,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let app = dashboard.app();
    let mut fields = Fields::from_query(Some(&given(query.as_deref())))?;
    let range = range(&mut fields, app.now().to_utc());
    fields.finish()?;
    dashboard.settle(ReadModel::Table(Projection::Statistics), visit.position()).await;
    let found = show(range, statistics::over(app, visit.actor(), range).await?);
    let top = statistics::top_streams(app, visit.actor(), range).await?;
    let frame = Frame::of(&dashboard, &visit, Some(Section::Statistics)).await;
    page(&Page::of(frame, range, &found, top))
}

impl Page {
    fn of(frame: Frame, range: Range, found: &Statistics, top: Vec<TopStream>) -> Self {
        let texts = frame.texts;
        let span = |seconds: Option<i64>| seconds.map(|seconds| texts.span(seconds));
        let last = found.buckets.last();
        Self {
            from: found.from,
            to: found.to,
            interval: range.interval,
            open: last.map_or(0, |bucket| bucket.open_backlog.values().sum()),
            decided: found.time_to_decision.decided,
            median: span(found.time_to_decision.median_seconds),
            p95: span(found.time_to_decision.p95_seconds),
            charts: charts::all(texts, range.interval, &found.buckets),
            top,
            frame,
        }
    }
}
