//! `/api/v1/audit/events`

use axum::extract::{RawQuery, State};
use axum::response::Response;
use event_log::Position;
use events::codec::CURRENT;
use web::{Fields, Input, Problem};

use super::{ndjson, stretch};
use crate::App;
use crate::allmine::documents::{HistoryParameters, QueryErrors, StretchParameters};
use crate::allmine::parameters::span;
use crate::audit::Source;
use crate::audit::event::AuditEvent;
use crate::read::history::Filter;

/// The history
///
/// Every event that the filters let through, in the order of the log, one line of JSON each, up to where
/// the log ended when it was asked for (`X-Read-Position`). An answer that breaks off, which its missing
/// last chunk tells, is taken up again with the last line's `position` as `after`. For auditors and
/// administrators; each read is put on record first.
#[utoipa::path(get, path = "/api/v1/audit/events", tag = "audit",
    params(StretchParameters, HistoryParameters),
    responses((status = 200, body = AuditEvent, content_type = "application/x-ndjson"), QueryErrors))]
pub async fn list(State(app): State<App>, RawQuery(query): RawQuery) -> Result<Response, Problem> {
    let (filter, after, limit) = parse(query.as_deref())?;
    let source = Source::open(&app, filter, after, limit).await?;
    Ok(ndjson::answer(source).await?)
}

/// Which events the parameters ask for, from where on, and how many.
pub(crate) fn parse(query: Option<&str>) -> Result<(Filter, Position, Option<u32>), Problem> {
    let mut fields = Fields::from_query(query)?;
    let (after, limit) = stretch(&mut fields);
    let (from, before) = span(&mut fields, "from", "to");
    let names = CURRENT.map(|(name, _)| name);
    let filter = Filter {
        event_type: fields.optional("type", |input| input.one_of(&names, |name| name)),
        live_stream: fields.optional("liveStreamId", Input::parse),
        user: fields.optional("userId", Input::parse),
        actor: fields.optional("actorId", Input::parse),
        involving: None,
        from,
        before,
    };
    fields.finish()?;
    Ok((filter, after, limit))
}
