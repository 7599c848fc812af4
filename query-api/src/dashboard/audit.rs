//! For auditors: the history, and what it was at a moment.
//!
//! **Architecture Invariant:** every page here lies behind [`admit`], which puts each read on record as the
//! API does.

mod line;
mod moment;
mod search;

use std::sync::Arc;

use axum::Router;
use axum::extract::{FromRequestParts, Request, State};
use axum::http::HeaderValue;
use axum::http::header::CONTENT_DISPOSITION;
use axum::http::request::Parts;
use axum::middleware::{Next, from_fn_with_state, map_response};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use events::ReportId;
use web::{Client, Problem};

use super::Dashboard;
use super::visit::Visit;
use crate::allmine::audit;
use crate::audit::{Read, record};
pub(super) use line::Line;

/// The pages, and the same as files.
pub(super) fn routes(dashboard: &Dashboard) -> Router<Dashboard> {
    let files = Router::new()
        .route("/dashboard/audit/export", get(audit::events::list))
        .route("/dashboard/audit/bans/{id}/export", get(audit::bans::by_id))
        .route("/dashboard/audit/reports/{id}/export", get(audit::reports::by_id))
        .route("/dashboard/audit/live-streams/{id}/export", get(audit::live_streams::bans))
        .layer(map_response(as_file))
        .with_state(dashboard.app().clone());
    Router::new()
        .route("/dashboard/audit", get(search::search))
        .route("/dashboard/audit/bans/{id}", get(moment::ban))
        .route("/dashboard/audit/reports/{id}", get(moment::report))
        .route("/dashboard/audit/live-streams/{id}", get(moment::live_stream))
        .merge(files)
        .route_layer(from_fn_with_state(dashboard.clone(), admit))
}

/// Lets those through who may read the history, once it is on record what they ask.
async fn admit(
    State(dashboard): State<Dashboard>,
    visit: Visit,
    request: Request,
    next: Next,
) -> Result<Response, Response> {
    let (mut parts, body) = request.into_parts();
    let recorded = record_visit(&dashboard, &visit, &mut parts).await;
    recorded.map_err(IntoResponse::into_response)?;
    Ok(next.run(Request::from_parts(parts, body)).await)
}

/// Puts on record what a visitor asks of the history, if they may.
async fn record_visit(
    dashboard: &Dashboard,
    visit: &Visit,
    parts: &mut Parts,
) -> Result<(), Problem> {
    parts.extensions.insert(Arc::clone(&visit.caller));
    if let Some(Ok(client)) = parts.extensions.get::<Result<Arc<Client>, Problem>>().cloned() {
        parts.extensions.insert(client);
    }
    let read = Read::from_request_parts(parts, dashboard.app()).await?;
    Ok(record(dashboard.app(), read).await?)
}

/// The whole history of a report and what is connected with it, for another page; on record, like all that is
/// read here. Also whether there is more of it.
pub(super) async fn history_of_report(
    dashboard: &Dashboard,
    visit: &Visit,
    mut parts: Parts,
    id: ReportId,
) -> Result<(Vec<Line>, bool), Problem> {
    record_visit(dashboard, visit, &mut parts).await?;
    let story = crate::audit::report(dashboard.app(), Some(id), None).await?;
    let lines = line::chain(dashboard.app(), visit.texts, &story.chain).await?;
    Ok((lines, story.is_cut))
}

/// What is good is kept by the browser as a file, not shown.
async fn as_file(mut response: Response) -> Response {
    const NDJSON: HeaderValue =
        HeaderValue::from_static("attachment; filename=\"docket-history.ndjson\"");
    const JSON: HeaderValue =
        HeaderValue::from_static("attachment; filename=\"docket-history.json\"");
    if response.status().is_success() {
        let kind = response.headers().get(axum::http::header::CONTENT_TYPE);
        let lines = kind.is_some_and(|kind| kind.as_bytes().ends_with(b"ndjson"));
        let name = if lines { NDJSON } else { JSON };
        response.headers_mut().insert(CONTENT_DISPOSITION, name);
    }
    response
}
