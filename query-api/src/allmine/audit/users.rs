//! `/api/v1/audit/users`

use axum::extract::{RawQuery, State};
use axum::response::Response;
use events::UserId;
use web::{Fields, Path, Problem};

use super::{ndjson, stretch};
use crate::App;
use crate::allmine::documents::{QueryErrors, StretchParameters};
use crate::audit::Source;
use crate::audit::event::AuditEvent;
use crate::read::history::Filter;

/// Everything about a user, and by them
///
/// The events of their bans and reports, those that they caused, and those of reports of their live
/// streams; otherwise as `/api/v1/audit/events`.
#[utoipa::path(get, path = "/api/v1/audit/users/{id}", tag = "audit",
    params(("id" = String, Path), StretchParameters),
    responses((status = 200, body = AuditEvent, content_type = "application/x-ndjson"), QueryErrors))]
pub async fn by_id(
    State(app): State<App>,
    Path(user): Path<UserId>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let mut fields = Fields::from_query(query.as_deref())?;
    let (after, limit) = stretch(&mut fields);
    fields.finish()?;
    let filter = Filter { involving: Some(user), ..Filter::default() };
    let source = Source::open(&app, filter, after, limit).await?;
    Ok(ndjson::answer(source).await?)
}
