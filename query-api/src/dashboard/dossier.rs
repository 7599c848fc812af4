//! What there is about a user or a live stream: bans, reports, and what happened when.

use events::Timestamp;
use web::Problem;

use super::bans::{BanLine, Listed, Pager};
use super::given::{at, given, value, with};
use super::timeline::{self, Moment};
use super::visit::Visit;
use super::{Dashboard, allowed};
use crate::freshness::{Projection, ReadModel};
use crate::read::bans::BanStatus;
use crate::read::reports::{ReportFilter, ReportOrder, ReportRow};
use crate::read::window::Window;
use crate::reports;

/// Reports that are shown; the queue has the others.
const REPORTS: u32 = 25;

/// Bans and reports of a user or a live stream.
#[derive(Debug)]
pub(super) struct Dossier {
    /// A page of bans; `None` for who may not list them.
    pub(super) bans: Option<Bans>,
    /// The latest reports; `None` for who may not read them.
    pub(super) reports: Option<Vec<ReportRow>>,
    /// How many there are in all.
    pub(super) reported: u64,
    /// What happened to these bans and reports, newest first.
    pub(super) moments: Vec<Moment>,
    pub(super) now: Timestamp,
}

/// A page of bans.
#[derive(Debug)]
pub(super) struct Bans {
    pub(super) lines: Vec<BanLine>,
    pub(super) total: u64,
    pub(super) pager: Pager,
    /// The states that can be asked for, where each leads, and whether it is this one.
    pub(super) statuses: Vec<(&'static str, String, bool)>,
}

/// Waits until all that it shows is as new as the visit.
pub(super) async fn settle(dashboard: &Dashboard, visit: &Visit) {
    dashboard.settle(ReadModel::Table(Projection::Bans), visit.position()).await;
    dashboard.settle(ReadModel::Table(Projection::Reports), visit.position()).await;
}

/// What a page's own address may ask of its list of bans: state and place. All of them, unless it says
/// otherwise.
pub(super) fn asked(query: Option<&str>) -> String {
    let query = given(query);
    let status = match value(&query, "status") {
        none if none.is_empty() => BanStatus::All.as_str().to_owned(),
        status => status,
    };
    let asked = with("", "status", Some(&status));
    match &*value(&query, "cursor") {
        "" => asked,
        cursor => with(&asked, "cursor", Some(cursor)),
    }
}

impl Dossier {
    /// The bans that `asked` names and the reports that `filter` lets through, as far as the visitor may see
    /// them, on the page at `path`.
    pub(super) async fn of(
        dashboard: &Dashboard,
        visit: &Visit,
        path: &str,
        asked: &str,
        filter: Option<ReportFilter>,
    ) -> Result<Self, Problem> {
        let listed = Listed::of(dashboard, visit, asked).await;
        let bans = allowed(listed)?.map(|listed| Bans::new(listed, path, asked));
        let (reports, reported) = reports_of(dashboard, visit, filter).await?.unzip();
        let lines = bans.as_ref().map_or(&[][..], |bans| &bans.lines);
        let moments = timeline::of(lines, reports.as_deref().unwrap_or_default());
        let reported = reported.unwrap_or_default();
        Ok(Self { bans, reports, reported, moments, now: dashboard.app().now() })
    }
}

/// The latest reports that the filter lets through: of the queue, or else the visitor's own.
async fn reports_of(
    dashboard: &Dashboard,
    visit: &Visit,
    filter: Option<ReportFilter>,
) -> Result<Option<(Vec<ReportRow>, u64)>, Problem> {
    let Some(filter) = filter else { return Ok(None) };
    let (app, actor) = (dashboard.app(), visit.actor());
    let window = Window { limit: REPORTS, offset: 0, after: None };
    let own = filter.reporter.as_ref() == Some(&actor.id);
    let found = reports::queue(app, actor, &filter, ReportOrder::Newest, &window).await;
    let found = match allowed(found)? {
        None if own => Some(reports::own(app, actor, filter, &window).await?),
        found => found,
    };
    Ok(found.map(|found| (found.rows, found.total)))
}

impl Bans {
    fn new(listed: Listed, path: &str, asked: &str) -> Self {
        // The path says already whose they are.
        let shown = with(&with(asked, "liveStreamId", None), "targetUserId", None);
        let chosen = value(asked, "status");
        let status = |status: BanStatus| {
            let name = status.as_str();
            (name, at(path, &with("", "status", Some(name))), chosen == name)
        };
        let statuses = [BanStatus::All, BanStatus::Active, BanStatus::Revoked, BanStatus::Expired];
        let statuses = statuses.into_iter().map(status).collect();
        let pager = Pager::around(path, &shown, listed.cursor.as_deref());
        Self { lines: listed.lines, total: listed.total, pager, statuses }
    }
}
