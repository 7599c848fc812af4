//! `/api/v1/live-stream-reports`

use allmine::{People, Report, UserSummary};
use axum::extract::{RawQuery, State};
use axum::response::Response;
use events::UserId;
use events::report::{ReportStatus, ReportType};
use web::allmine::{Listing, Success};
use web::{Caller, Fields, Input, Path, Problem};

use super::documents::{
    LookUpErrors, OwnReportParameters, PageParameters, QueryErrors, QueueParameters,
};
use crate::read::reports::{ReportFilter, ReportOrder, ReportRow};
use crate::{App, page::Page, reports};

/// The report queue
///
/// Everybody's reports, oldest first by default. For platform staff.
#[utoipa::path(get, path = "/api/v1/live-stream-reports", tag = "reports",
    params(QueueParameters, PageParameters),
    responses((status = 200, body = Success<Listing<Report>>), QueryErrors))]
pub async fn queue(
    State(app): State<App>,
    caller: Caller,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let mut fields = Fields::from_query(query.as_deref())?;
    let (filter, order) = queue_filter(&mut fields);
    let page = Page::parse(&mut fields, order.as_str());
    fields.finish()?;
    let found = reports::queue(&app, &caller.actor, &filter, order, &page.window).await?;
    let show = |row: &ReportRow| show(row, &caller);
    Ok(app.success(page.listing(&found, ReportRow::key, show)))
}

/// My reports
///
/// The caller's own reports, newest first. `reviewedBy` and `adminNotes` are `null` for those who are
/// not platform staff.
#[utoipa::path(get, path = "/api/v1/live-stream-reports/my-reports", tag = "reports",
    params(OwnReportParameters, PageParameters),
    responses((status = 200, body = Success<Listing<Report>>), QueryErrors))]
pub async fn own(
    State(app): State<App>,
    caller: Caller,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let mut fields = Fields::from_query(query.as_deref())?;
    let filter = own_filter(&mut fields);
    let page = Page::parse(&mut fields, ReportOrder::Newest.as_str());
    fields.finish()?;
    let found = reports::own(&app, &caller.actor, filter, &page.window).await?;
    let show = |row: &ReportRow| show(row, &caller);
    Ok(app.success(page.listing(&found, ReportRow::key, show)))
}

/// Get a report
///
/// For platform staff and for who filed it; to all others it is not there.
#[utoipa::path(get, path = "/api/v1/live-stream-reports/{id}", tag = "reports",
    params(("id" = String, Path)),
    responses((status = 200, body = Success<Report>), QueryErrors, LookUpErrors))]
pub async fn by_id(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    // What is no id names no report.
    let row = reports::by_id(&app, &caller.actor, id.parse().ok()).await?;
    Ok(app.success(show(&row, &caller)))
}

fn queue_filter(fields: &mut Fields) -> (ReportFilter, ReportOrder) {
    let order = |input: Input| input.one_of(&ReportOrder::ALL, ReportOrder::as_str);
    let order = fields.optional("sort", order).unwrap_or_default();
    let filter = ReportFilter {
        live_stream: fields.optional("liveStreamId", Input::parse),
        reporter: fields.optional("reporterId", Input::parse),
        is_archived: Some(fields.optional("isArchived", Input::boolean).unwrap_or(false)),
        ..own_filter(fields)
    };
    (filter, order)
}

fn own_filter(fields: &mut Fields) -> ReportFilter {
    let status = |input: Input| input.one_of(&ReportStatus::ALL, ReportStatus::as_str);
    let report_type = |input: Input| input.one_of(&ReportType::ALL, ReportType::as_str);
    ReportFilter {
        status: fields.optional("status", status),
        report_type: fields.optional("type", report_type),
        ..ReportFilter::default()
    }
}

fn show(row: &ReportRow, caller: &Caller) -> Report {
    let summary = |id: &UserId, snapshot| UserSummary::of(id, snapshot);
    let report = &row.report;
    let people = People {
        reported_by: report.reporter_id.as_ref().map(|id| summary(id, row.reporter.as_ref())),
        stream_creator: summary(&report.stream_creator_id, row.creator.as_ref()),
        reviewed_by: report.reviewed_by.as_ref().map(|id| summary(id, row.reviewer.as_ref())),
    };
    Report::of(report, people, row.live_stream.as_ref(), caller.actor.roles.are_staff())
}
