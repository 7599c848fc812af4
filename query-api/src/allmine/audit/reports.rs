//! `/api/v1/audit/reports`

use allmine::Report;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;
use web::allmine::Success;
use web::{Fields, Path, Problem};

use super::ChainLink;
use crate::allmine::documents::{LookUpErrors, MomentParameters, QueryErrors};
use crate::allmine::parameters::moment;
use crate::audit::event::AuditEvent;
use crate::{App, audit};

/// A report's history.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReportHistory {
    /// As it was at the moment `at`, or is now; `null` when it was not yet. Those in it are shown as the
    /// directory has them now.
    pub report: Option<Report>,
    /// Its own events, oldest first.
    pub events: Vec<AuditEvent>,
    /// All events that are connected with it, in the order of the log.
    pub chain: Vec<ChainLink>,
    /// Whether more than 1,000 events are connected, of which these are the nearest.
    pub is_cut: bool,
}

/// A report's history
///
/// What happened to it, what led to that and what came of it, and what it was at a moment.
#[utoipa::path(get, path = "/api/v1/audit/reports/{id}", tag = "audit",
    params(("id" = String, Path), MomentParameters),
    responses((status = 200, body = Success<ReportHistory>), QueryErrors, LookUpErrors))]
pub async fn by_id(
    State(app): State<App>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let mut fields = Fields::from_query(query.as_deref())?;
    let at = moment(&mut fields, "at");
    fields.finish()?;
    let story = audit::report(&app, id.parse().ok(), at).await?;
    let chain = story.chain.into_iter().map(Into::into).collect();
    let (report, events, is_cut) = (story.state, story.events, story.is_cut);
    Ok(app.success(ReportHistory { report, events, chain, is_cut }))
}
