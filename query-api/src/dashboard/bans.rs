//! `/dashboard/bans`: the bans that somebody may see.

mod ban;
mod create;
mod form;
mod line;

use askama::Template;
use axum::extract::{OriginalUri, RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use events::ban::ActionType;
use web::{Fields, Problem};

pub(super) use ban::{one, revoke};
pub(super) use create::{create, known, new};
pub(super) use form::{BanForm, Draft};
pub(super) use line::{BanLine, Standing};

use super::Dashboard;
use super::given::{at, given, value, with};
use super::page::{Frame, Section, page};
use super::texts::Texts;
use super::visit::Visit;
use crate::allmine::bans::Asked;
use crate::bans;
use crate::freshness::{Projection, ReadModel};
use crate::page::{Found, Page};
use crate::read::bans::{BanRow, BanStatus};
use crate::read::window::ExpiryKey;

const PATH: &str = "/dashboard/bans";
const EXPIRING: &str = "/dashboard/bans/expiring";
/// Bans on a page, unless the address says otherwise.
const ON_A_PAGE: &str = "25";

/// The list.
#[derive(Template)]
#[template(path = "bans.html")]
struct Bans {
    frame: Frame,
    /// Whether these are the ones that end soon.
    expiring: bool,
    /// What the form has asked for.
    query: String,
    lines: Vec<BanLine>,
    total: u64,
    /// Where the page comes back to once a ban is revoked.
    next: String,
    pager: Pager,
    errors: Vec<String>,
}

/// Where the pages around one are.
#[derive(Debug, Default)]
pub(super) struct Pager {
    pub(super) first: Option<String>,
    pub(super) next: Option<String>,
}

impl Pager {
    /// Around the page that `query` asked for at `path`, before the one that `cursor` leads to.
    pub(super) fn around(path: &str, query: &str, cursor: Option<&str>) -> Self {
        let page = |cursor| at(path, &with(query, "cursor", cursor));
        Self {
            first: (!value(query, "cursor").is_empty()).then(|| page(None)),
            next: cursor.map(|cursor| page(Some(cursor))),
        }
    }
}

/// All that the filter lets through, newest first.
pub(super) async fn list(
    State(dashboard): State<Dashboard>,
    visit: Visit,
    OriginalUri(here): OriginalUri,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    dashboard.settle(ReadModel::Table(Projection::Bans), visit.position()).await;
    let query = given(query.as_deref());
    let frame = Frame::of(&dashboard, &visit, Some(Section::Bans)).await;
    let mut bans = Bans::empty(frame, query, here.to_string());
    let status = match Listed::of(&dashboard, &visit, &bans.query).await {
        Ok(listed) => bans.fill(listed, PATH),
        // Whoever has mistyped something has the form before them still.
        Err(problem) if problem.kind == web::Kind::Invalid => bans.refuse(visit.texts, &problem),
        Err(problem) => return Err(problem),
    };
    Ok((status, page(&bans)?).into_response())
}

/// Those that end within a day, the first to end first.
pub(super) async fn expiring(
    State(dashboard): State<Dashboard>,
    visit: Visit,
    OriginalUri(here): OriginalUri,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    dashboard.settle(ReadModel::Table(Projection::Bans), visit.position()).await;
    let query = given(query.as_deref());
    let listed = Listed::expiring(&dashboard, &visit, &query).await?;
    let frame = Frame::of(&dashboard, &visit, Some(Section::Bans)).await;
    let mut bans = Bans { expiring: true, ..Bans::empty(frame, query, here.to_string()) };
    bans.fill(listed, EXPIRING);
    page(&bans)
}

/// What a page shows of a list of bans.
pub(super) struct Listed {
    pub(super) lines: Vec<BanLine>,
    pub(super) total: u64,
    /// Leads to the page after it.
    pub(super) cursor: Option<String>,
}

impl Listed {
    /// The page that `query` asks for.
    pub(super) async fn of(
        dashboard: &Dashboard,
        visit: &Visit,
        query: &str,
    ) -> Result<Self, Problem> {
        let query = limited(query);
        let Asked { filter, target, page } = Asked::parse(Some(&query))?;
        let found =
            bans::list(dashboard.app(), visit.actor(), filter, target.as_deref(), &page.window)
                .await?;
        let cursor = page.listing(&found, BanRow::key, |_| ()).pagination.next_cursor;
        Self::new(dashboard, &found, cursor).await
    }

    async fn expiring(dashboard: &Dashboard, visit: &Visit, query: &str) -> Result<Self, Problem> {
        let query = limited(query);
        let mut fields = Fields::from_query(Some(&query))?;
        let page: Page<ExpiryKey> = Page::parse(&mut fields, "expiring");
        fields.finish()?;
        let found = bans::expiring(dashboard.app(), visit.actor(), &page.window).await?;
        let cursor = page.listing(&found, BanRow::expiry_key, |_| ()).pagination.next_cursor;
        Self::new(dashboard, &found, cursor).await
    }

    async fn new(
        dashboard: &Dashboard,
        found: &Found<BanRow>,
        cursor: Option<String>,
    ) -> Result<Self, Problem> {
        let lines = BanLine::of(dashboard, &found.rows).await?;
        Ok(Self { lines, total: found.total, cursor })
    }
}

/// The query string with a limit of ours unless it has one.
fn limited(query: &str) -> String {
    match &*value(query, "limit") {
        "" => with(query, "limit", Some(ON_A_PAGE)),
        _ => query.to_owned(),
    }
}

impl Bans {
    fn empty(frame: Frame, query: String, next: String) -> Self {
        let (lines, errors, pager) = (Vec::new(), Vec::new(), Pager::default());
        Self { frame, expiring: false, query, lines, total: 0, next, pager, errors }
    }

    fn fill(&mut self, listed: Listed, path: &str) -> StatusCode {
        self.pager = Pager::around(path, &self.query, listed.cursor.as_deref());
        (self.lines, self.total) = (listed.lines, listed.total);
        StatusCode::OK
    }

    fn refuse(&mut self, texts: Texts, problem: &Problem) -> StatusCode {
        let reasons = problem.reasons.iter().map(|reason| texts.0.reason(reason));
        self.errors = reasons.collect();
        StatusCode::BAD_REQUEST
    }

    /// The states that can be asked for, and whether it is this one.
    fn statuses(&self) -> [(&'static str, bool); 4] {
        let asked = self.asked("status");
        let chosen = |status: BanStatus| match &*asked {
            "" => status == BanStatus::default(),
            asked => status.as_str() == asked,
        };
        BanStatus::ALL.map(|status| (status.as_str(), chosen(status)))
    }

    /// The types that can be asked for, and whether it is this one.
    fn actions(&self) -> [(ActionType, bool); 2] {
        let asked = self.asked("actionType");
        ActionType::ALL.map(|action| (action, asked == action.as_str()))
    }

    /// What the form has asked for under this name.
    fn asked(&self, name: &str) -> String {
        value(&self.query, name)
    }
}
