//! What a ban, a report or the bans of a live stream were at a moment, and how that came about.

use allmine::Ban;
use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use events::{LiveStreamId, Timestamp};
use serde::Serialize;
use serde_json::Value;
use web::allmine::Listing;
use web::{Fields, Path, Problem};

use super::super::Dashboard;
use super::super::given::{given, value, with};
use super::super::page::{Frame, Section, page};
use super::super::texts::Texts;
use super::super::visit::Visit;
use super::line::{Line, chain};
use crate::allmine::audit::live_streams::show_then;
use crate::allmine::parameters::moment;
use crate::audit::{self, Story};
use crate::bans;
use crate::page::Page;
use crate::read::bans::BanRow;

/// A ban or a report.
#[derive(Template)]
#[template(path = "audit_story.html")]
struct StoryPage {
    frame: Frame,
    /// `bans` or `reports`.
    kind: &'static str,
    id: String,
    /// The moment, as the form has it.
    at: String,
    /// The filters, for the file.
    query: String,
    /// What it was then; `None` when it was not yet.
    facts: Option<Vec<Fact>>,
    lines: Vec<Line>,
    is_cut: bool,
}

/// Something that there is to say of a ban or a report.
struct Fact {
    name: String,
    value: String,
    is_time: bool,
}

/// The bans of a live stream at a moment.
#[derive(Template)]
#[template(path = "audit_live_stream.html")]
struct LiveStreamPage {
    frame: Frame,
    id: LiveStreamId,
    at: String,
    moment: Timestamp,
    query: String,
    bans: Vec<Ban>,
    total: u64,
    /// The filters that lead to what follows.
    next: Option<String>,
}

/// A ban.
pub(super) async fn ban(
    State(dashboard): State<Dashboard>,
    visit: Visit,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let query = given(query.as_deref());
    let story = audit::ban(dashboard.app(), id.parse().ok(), at(&query)?).await?;
    tell(&dashboard, &visit, "bans", id, query, &story).await
}

/// A report.
pub(super) async fn report(
    State(dashboard): State<Dashboard>,
    visit: Visit,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let query = given(query.as_deref());
    let story = audit::report(dashboard.app(), id.parse().ok(), at(&query)?).await?;
    tell(&dashboard, &visit, "reports", id, query, &story).await
}

/// The page of a story.
async fn tell<T: Serialize>(
    dashboard: &Dashboard,
    visit: &Visit,
    kind: &'static str,
    id: String,
    query: String,
    story: &Story<T>,
) -> Result<Response, Problem> {
    let frame = Frame::of(dashboard, visit, Some(Section::Audit)).await;
    let lines = chain(dashboard.app(), frame.texts, &story.chain).await?;
    page(&StoryPage::of(frame, kind, id, query, story, lines))
}

/// The bans that were in force on a live stream.
pub(super) async fn live_stream(
    State(dashboard): State<Dashboard>,
    visit: Visit,
    Path(id): Path<LiveStreamId>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let query = given(query.as_deref());
    let mut fields = Fields::from_query(Some(&query))?;
    let wanted = Page::parse(&mut fields, "bans-then");
    let moment = moment(&mut fields, "at").unwrap_or_else(|| dashboard.app().now());
    fields.finish()?;
    let found = bans::then(dashboard.app(), id.clone(), moment, &wanted.window).await?;
    let bans = wanted.listing(&found, BanRow::key, |row| show_then(row, moment));
    let frame = Frame::of(&dashboard, &visit, Some(Section::Audit)).await;
    page(&LiveStreamPage::of(frame, id, query, moment, bans))
}

fn at(query: &str) -> Result<Option<Timestamp>, Problem> {
    let mut fields = Fields::from_query(Some(query))?;
    let at = moment(&mut fields, "at");
    fields.finish()?;
    Ok(at)
}

impl LiveStreamPage {
    fn of(
        frame: Frame,
        id: LiveStreamId,
        query: String,
        moment: Timestamp,
        bans: Listing<Ban>,
    ) -> Self {
        let Listing { list, pagination } = bans;
        let next = pagination.next_cursor.map(|cursor| with(&query, "cursor", Some(&cursor)));
        let (bans, total) = (list, pagination.total_items);
        Self { frame, id, at: value(&query, "at"), moment, query, bans, total, next }
    }
}

impl StoryPage {
    fn of<T: Serialize>(
        frame: Frame,
        kind: &'static str,
        id: String,
        query: String,
        story: &Story<T>,
        lines: Vec<Line>,
    ) -> Self {
        let state =
            story.state.as_ref().map(|state| serde_json::to_value(state).unwrap_or_default());
        Self {
            kind,
            id,
            at: value(&query, "at"),
            query,
            facts: state.map(|state| facts(frame.texts, &state)),
            lines,
            is_cut: story.is_cut,
            frame,
        }
    }
}

/// What there is to say of it, in the order of the API, under names that people read.
fn facts(texts: Texts, state: &Value) -> Vec<Fact> {
    let Some(state) = state.as_object() else { return Vec::new() };
    let told = state.iter().filter_map(|(field, value)| {
        let name = texts.get(&format!("audit-field-{}", field.trim_start_matches('_')));
        let value = in_words(value)?;
        let is_time = field.ends_with("At") && field != "streamStatusAtReport";
        Some(Fact { name, value: named(texts, field, value), is_time })
    });
    told.collect()
}

/// Values that have a name of their own, by it.
fn named(texts: Texts, field: &str, value: String) -> String {
    let kind = match field {
        "actionType" => "action-type",
        "type" => "report-type",
        "status" => "report-status",
        "streamStatusAtReport" => "stream-status",
        _ => return value,
    };
    texts.get(&format!("{kind}-{value}"))
}

/// A value as text; `None` when there is nothing to say.
fn in_words(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        Value::Array(values) => {
            Some(values.iter().filter_map(in_words).collect::<Vec<_>>().join(", "))
        }
        Value::Object(of) => {
            let named = ["username", "title", "_id", "id", "status", "platform"];
            let parts = named.iter().filter_map(|name| of.get(*name).and_then(in_words));
            Some(parts.collect::<Vec<_>>().join(" · ")).filter(|text| !text.is_empty())
        }
    }
}
