//! `/api/v1/audit/log/proof/consistency`

use axum::extract::{RawQuery, State};
use axum::response::Response;
use serde::Serialize;
use tlog_tiles::{prove_tree, tree_hash};
use utoipa::{IntoParams, ToSchema};
use web::allmine::Success;
use web::{Fields, Problem, Reason};

use super::super::{shown, size};
use super::count;
use crate::App;
use crate::allmine::documents::{LookUpErrors, QueryErrors};
use crate::error::QueryError;
use crate::read::tree;

/// Proof that a log only grew.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Consistency {
    /// How many events the earlier tree is over.
    pub from: u64,
    /// How many the later one is over.
    pub to: u64,
    /// The hash of the earlier tree, in base64.
    pub from_root_hash: String,
    /// The hash of the later tree, in base64.
    pub to_root_hash: String,
    /// The hashes from which both follow, in base64.
    pub path: Vec<String>,
}

/// Which trees.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ConsistencyParameters {
    /// How many events the earlier tree is over.
    #[param(minimum = 1)]
    pub from: u64,
    /// How many the later one is over; as many as the last checkpoint by default.
    #[param(minimum = 1)]
    pub to: Option<u64>,
}

/// Proof that the log only grew
///
/// As RFC 9162 §2.1.4 has it: the tree over the first `to` events begins with that over the first `from`.
/// For auditors.
#[utoipa::path(get, path = "/api/v1/audit/log/proof/consistency", tag = "audit",
    params(ConsistencyParameters),
    responses((status = 200, body = Success<Consistency>), QueryErrors, LookUpErrors))]
pub async fn consistency(
    State(app): State<App>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let mut fields = Fields::from_query(query.as_deref())?;
    let (from, to) = (fields.required("from", count(1)), fields.optional("to", count(1)));
    let from = fields.complete(from)?;
    let to = size(&app, to).await?;
    if from > to {
        return Err(Reason::new("query-beyond-tree").arg("size", to).at("from").into());
    }
    Ok(app.success(prove(&app, from, to).await?))
}

async fn prove(app: &App, from: u64, to: u64) -> Result<Consistency, QueryError> {
    let (from_root_hash, to_root_hash, path) = tree::computed(app.pool(), |tiles| {
        // All three ask for their tiles before one of them fails for want of some.
        let (earlier, later) = (tree_hash(from, tiles), tree_hash(to, tiles));
        let path = prove_tree(to, from, tiles);
        Ok((earlier?.to_string(), later?.to_string(), shown(&path?)))
    })
    .await?;
    Ok(Consistency { from, to, from_root_hash, to_root_hash, path })
}
