//! Who may read which reports, and reading them.

use events::{Action, Actor, ReportId, Situation, permit};

use crate::App;
use crate::error::{QueryError, Thing};
use crate::page::{Found, found};
use crate::read::report_groups::{self, Group, GroupFilter, GroupKey};
use crate::read::reports::{self, ReportFilter, ReportOrder, ReportRow};
use crate::read::window::{ReportKey, Window};

/// Everybody's reports that `filter` lets through.
pub async fn queue(
    app: &App,
    caller: &Actor,
    filter: &ReportFilter,
    order: ReportOrder,
    window: &Window<ReportKey>,
) -> Result<Found<ReportRow>, QueryError> {
    admit(caller)?;
    list(app, filter, order, window).await
}

/// Whether `caller` may read everybody's reports.
pub fn admit(caller: &Actor) -> Result<(), QueryError> {
    let action = Action::ReadReportQueue;
    permit(action, &caller.roles, Situation::NONE).map_err(|_| QueryError::Denied(action))
}

/// The live streams with open reports that `filter` lets through, and of each the reports in the window
/// `shown`.
pub async fn groups(
    app: &App,
    caller: &Actor,
    filter: &GroupFilter,
    order: ReportOrder,
    window: &Window<GroupKey>,
    shown: &Window<ReportKey>,
) -> Result<Found<Group>, QueryError> {
    admit(caller)?;
    let groups = report_groups::list(app.pool(), filter, order, window, shown).await?;
    Ok(found(groups, window, async || report_groups::count(app.pool(), filter).await).await?)
}

/// The reports of `caller` that `filter` lets through; newest first.
pub async fn own(
    app: &App,
    caller: &Actor,
    mut filter: ReportFilter,
    window: &Window<ReportKey>,
) -> Result<Found<ReportRow>, QueryError> {
    let action = Action::ReadOwnReports;
    permit(action, &caller.roles, Situation::NONE).map_err(|_| QueryError::Denied(action))?;
    filter.reporter = Some(caller.id.clone());
    let mut own = list(app, &filter, ReportOrder::Newest, window).await?;
    own.rows = own.rows.into_iter().map(|row| seen_by(caller, row)).collect();
    Ok(own)
}

/// Without who reviewed it and what they noted, for those who only filed it.
fn seen_by(caller: &Actor, mut row: ReportRow) -> ReportRow {
    if admit(caller).is_err() {
        row.report.reviewed_by = None;
        row.report.admin_notes = None;
        row.reviewer = None;
    }
    row
}

async fn list(
    app: &App,
    filter: &ReportFilter,
    order: ReportOrder,
    window: &Window<ReportKey>,
) -> Result<Found<ReportRow>, QueryError> {
    let rows = reports::list(app.pool(), filter, order, window).await?;
    Ok(found(rows, window, async || reports::count(app.pool(), filter).await).await?)
}

/// Those of the reports `ids` that there are, in no order. Who is told of them is asked by [`admit`] before:
/// they are read once for all who look.
pub async fn of_ids(app: &App, ids: &[ReportId]) -> Result<Vec<ReportRow>, QueryError> {
    Ok(reports::of_ids(app.pool(), ids).await?)
}

/// The report `id`. One that `caller` may not read is not there, as far as they can tell.
pub async fn by_id(
    app: &App,
    caller: &Actor,
    id: Option<ReportId>,
) -> Result<ReportRow, QueryError> {
    let found = match id {
        Some(id) => reports::by_id(app.pool(), id).await?,
        None => None,
    };
    let readable = |row: &ReportRow| {
        let oneself = row.report.reporter_id.as_ref() == Some(&caller.id);
        let situation = Situation { oneself, ..Situation::NONE };
        permit(Action::ReadReport, &caller.roles, situation).is_ok()
    };
    let found = found.filter(readable).ok_or(QueryError::NotFound(Thing::Report))?;
    Ok(seen_by(caller, found))
}
