//! `/api/v1/audit/log/proof/inclusion`

use axum::extract::{RawQuery, State};
use axum::response::Response;
use serde::Serialize;
use tlog_tiles::{HashReader, prove_record, stored_hash_index, tree_hash};
use ulid::Ulid;
use utoipa::{IntoParams, ToSchema};
use web::allmine::Success;
use web::{Fields, Input, Problem, Reason};

use super::super::{shown, size};
use super::count;
use crate::App;
use crate::allmine::documents::{LookUpErrors, QueryErrors};
use crate::error::{QueryError, Thing};
use crate::read::tree::{self, Leaf};

/// Proof that an event is in the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Inclusion {
    /// Which of the log's events it is, from 0.
    pub index: u64,
    /// How many events the tree is over.
    pub tree_size: u64,
    /// The event's id.
    #[schema(value_type = String, pattern = "^[0-9A-HJKMNP-TV-Z]{26}$")]
    pub event_id: Ulid,
    /// The hash of the event's canonical entry, in base64.
    pub leaf_hash: String,
    /// The hash of the whole tree, in base64: that of the checkpoint of this size.
    pub root_hash: String,
    /// The hashes beside the way from the leaf up to the root, in base64.
    pub path: Vec<String>,
}

/// Which event, in which tree.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub struct InclusionParameters {
    /// Which of the log's events, from 0; or else `eventId`.
    pub index: Option<u64>,
    /// The id of the event, in the place of `index`.
    pub event_id: Option<String>,
    /// How many events the tree is over; that of the last checkpoint by default.
    #[param(minimum = 1)]
    pub size: Option<u64>,
}

/// Proof that an event is in the log
///
/// As RFC 9162 §2.1.3 has it. For auditors.
#[utoipa::path(get, path = "/api/v1/audit/log/proof/inclusion", tag = "audit",
    params(InclusionParameters),
    responses((status = 200, body = Success<Inclusion>), QueryErrors, LookUpErrors))]
pub async fn inclusion(
    State(app): State<App>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let mut fields = Fields::from_query(query.as_deref())?;
    let wanted = fields.optional("size", count(1));
    let event = event(&mut fields);
    let event = fields.complete(event)?;
    Ok(app.success(prove(&app, event, wanted).await?))
}

/// An event as it is asked for.
enum Event {
    Index(u64),
    Id(Ulid),
}

fn event(fields: &mut Fields) -> Option<Event> {
    match (fields.is_absent("index"), fields.is_absent("eventId")) {
        (_, true) => fields.required("index", count(0)).map(Event::Index),
        (true, false) => fields.optional("eventId", event_id).map(Event::Id),
        (false, false) => {
            fields.refuse(Reason::new("query-alias-too").arg("name", "index").at("eventId"));
            None
        }
    }
}

fn event_id(input: Input) -> Result<Ulid, Reason> {
    Ulid::from_string(&input.string()?).map_err(|_| Reason::new("query-not-an-event-id"))
}

async fn prove(app: &App, event: Event, wanted: Option<u64>) -> Result<Inclusion, QueryError> {
    let tree_size = size(app, wanted).await?;
    let leaf = match event {
        Event::Index(index) => tree::leaf(app.pool(), index).await?,
        Event::Id(id) => tree::leaf_of(app.pool(), id).await?,
    };
    let leaf = leaf.filter(|leaf| leaf.index < tree_size);
    let Leaf { index, event_id } = leaf.ok_or(QueryError::NotFound(Thing::Leaf))?;
    let (leaf_hash, root_hash, path) = tree::computed(app.pool(), |tiles| {
        // All three ask for their tiles before one of them fails for want of some.
        let leaf = tiles.read_hashes(&[stored_hash_index(0, index)]);
        let (root, path) = (tree_hash(tree_size, tiles), prove_record(tree_size, index, tiles));
        Ok((shown(&leaf?).concat(), root?.to_string(), shown(&path?)))
    })
    .await?;
    Ok(Inclusion { index, tree_size, event_id, leaf_hash, root_hash, path })
}
