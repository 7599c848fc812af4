//! `/api/v1/audit/…`: history, for auditors.
//!
//! Who may is not asked here: all of it lies behind [`crate::audit::admit`].

pub mod bans;
pub mod events;
pub mod live_streams;
mod ndjson;
pub mod reports;
pub mod users;

use event_log::Position;
use serde::Serialize;
use utoipa::ToSchema;
use web::{Fields, Input, Reason};

use crate::audit::event::AuditEvent;
use crate::audit::{How, Link};

/// An event, and how it is connected with what was asked for.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ChainLink {
    /// `own`: of the ban or report that was asked for. `cause`, `effect`: it led to the event `of`, or that
    /// one to it. `report`: one is of the report that stands behind the other's ban. `subject`: of the same
    /// ban or report as `of`. `request`: came of the same request.
    pub how: How,
    /// The id of the event that it is connected with; `null` for `own`.
    pub of: Option<String>,
    /// The event.
    pub event: AuditEvent,
}

impl From<(Link, AuditEvent)> for ChainLink {
    fn from((Link { how, of }, event): (Link, AuditEvent)) -> Self {
        Self { how, of, event }
    }
}

/// From where to go on, and how many events there may be.
fn stretch(fields: &mut Fields) -> (Position, Option<u32>) {
    let position = |input: Input| {
        input.string()?.parse::<Position>().map_err(|_| Reason::new("query-not-a-position"))
    };
    let after = fields.optional("after", position).unwrap_or_default();
    (after, fields.optional("limit", |input| input.integer(1..=u32::MAX)))
}
