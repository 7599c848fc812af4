//! `/api/v1/audit/log/checkpoint`

use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use web::Problem;

use crate::App;
use crate::allmine::documents::{LookUpErrors, QueryErrors};
use crate::error::{QueryError, Thing};
use crate::read::tree;

/// The last checkpoint
///
/// A C2SP signed note: how many events the log has and the root of the tree over them, signed with the
/// log's keys. For auditors.
#[utoipa::path(get, path = "/api/v1/audit/log/checkpoint", tag = "audit",
    responses((status = 200, body = String, content_type = "text/plain; charset=utf-8"),
        QueryErrors, LookUpErrors))]
pub async fn checkpoint(State(app): State<App>) -> Result<Response, Problem> {
    let head = tree::head(app.pool()).await.map_err(QueryError::from)?;
    let note = head.checkpoint.ok_or(QueryError::NotFound(Thing::Checkpoint))?;
    Ok(([(CONTENT_TYPE, "text/plain; charset=utf-8")], note).into_response())
}
