//! `/api/v1/audit/bans`

use allmine::Ban;
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

/// A ban's history.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct BanHistory {
    /// As it was at the moment `at`, or is now; `null` when it was not yet. Its user is shown as the
    /// directory has them now.
    pub ban: Option<Ban>,
    /// Its own events, oldest first.
    pub events: Vec<AuditEvent>,
    /// All events that are connected with it, in the order of the log.
    pub chain: Vec<ChainLink>,
    /// Whether more than 1,000 events are connected, of which these are the nearest.
    pub is_cut: bool,
}

/// A ban's history
///
/// What happened to it, what led to that and what came of it, and what it was at a moment.
#[utoipa::path(get, path = "/api/v1/audit/bans/{id}", tag = "audit",
    params(("id" = String, Path), MomentParameters),
    responses((status = 200, body = Success<BanHistory>), QueryErrors, LookUpErrors))]
pub async fn by_id(
    State(app): State<App>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let mut fields = Fields::from_query(query.as_deref())?;
    let at = moment(&mut fields, "at");
    fields.finish()?;
    let story = audit::ban(&app, id.parse().ok(), at).await?;
    let chain = story.chain.into_iter().map(Into::into).collect();
    let (ban, events, is_cut) = (story.state, story.events, story.is_cut);
    Ok(app.success(BanHistory { ban, events, chain, is_cut }))
}
