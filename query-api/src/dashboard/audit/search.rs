//! Looking for events, with the API's filters.

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use events::codec::CURRENT;
use web::Problem;

use super::super::Dashboard;
use super::super::given::{given, value, with};
use super::super::page::{Frame, Section, page};
use super::super::visit::Visit;
use super::line::{Line, lines};
use crate::App;
use crate::allmine::audit::events::parse;
use crate::audit::Source;
use crate::error::QueryError;
use crate::read::history::Filter;
use event_log::Position;

/// Events on a page.
const SHOWN: u32 = 50;

/// What was found.
#[derive(Template)]
#[template(path = "audit.html")]
struct Search {
    frame: Frame,
    /// The filters, as the address has them.
    query: String,
    types: Vec<&'static str>,
    /// `None` when nothing was asked for.
    lines: Option<Vec<Line>>,
    /// The filters that lead to what follows.
    next: Option<String>,
    /// The filters without a place to go on from.
    whole: String,
}

/// The form and, once it was sent, what it finds.
pub(super) async fn search(
    State(dashboard): State<Dashboard>,
    visit: Visit,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let asked = query.as_deref().is_some_and(|query| !query.is_empty());
    let query = given(query.as_deref());
    let (filter, after, _) = parse(Some(&query))?;
    let frame = Frame::of(&dashboard, &visit, Some(Section::Audit)).await;
    let found = if asked { Some(find(dashboard.app(), filter, after).await?) } else { None };
    let lines = match &found {
        Some((events, _)) => Some(lines(dashboard.app(), frame.texts, events).await?),
        None => None,
    };
    let next = found.as_ref().and_then(|(events, more)| events.last().filter(|_| *more));
    page(&Search {
        types: CURRENT.map(|(name, _)| name).to_vec(),
        lines,
        next: next.map(|last| with(&query, "after", Some(&last.position))),
        whole: with(&query, "after", None),
        query,
        frame,
    })
}

/// The next events, and whether there are more.
async fn find(
    app: &App,
    filter: Filter,
    after: Position,
) -> Result<(Vec<crate::audit::event::AuditEvent>, bool), QueryError> {
    let mut source = Source::open(app, filter, after, Some(SHOWN + 1)).await?;
    let mut events = Vec::new();
    while let Some(page) = source.next().await? {
        events.extend(page);
    }
    let shown = SHOWN as usize;
    let more = events.len() > shown;
    events.truncate(shown);
    Ok((events, more))
}
