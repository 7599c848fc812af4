//! What auditors read: what happened, who did it, why, and what it looked like at any moment.
//!
//! An event is found by the projection `history` ([`crate::read::history`]) and read from the log itself
//! ([`Source`]), so that what is shown is what was written. All that leaves goes through [`event::shown`].
//! An answer is whole or none: it waits until the index has caught up with the log.
//!
//! **Architecture Invariant:** every route for auditors lies behind [`admit`], or the dashboard's like of it,
//! which records each read before it is answered. A test walks the OpenAPI document.

mod chain;
pub mod event;
pub mod log;
pub mod opened;
mod record;
mod source;
mod story;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use event_log::Position;
use events::{Action, Situation, permit};
use web::Problem;

pub use chain::{How, Link};
pub use record::{Read, RecordError, Recorder};
pub use source::Source;
pub use story::{Story, ban, report};

use crate::App;
use crate::error::QueryError;
use crate::freshness::{MAX_WAIT, Projection, ReadModel};

/// Around every route for auditors: lets through whom [`Action::ReadHistory`] is allowed to, once it is on
/// record what they ask. What cannot be recorded is not answered.
pub async fn admit(
    State(app): State<App>,
    read: Read,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    record(&app, read).await?;
    Ok(next.run(request).await)
}

/// Puts a read on record, of those who may.
pub(crate) async fn record(app: &App, read: Read) -> Result<(), QueryError> {
    let action = Action::ReadHistory;
    let permitted = permit(action, &read.actor.roles, Situation::NONE);
    permitted.map_err(|_| QueryError::Denied(action))?;
    Ok(app.recorder().record(read).await?)
}

/// How far the log reaches, once the index of history reaches as far.
async fn settled(app: &App) -> Result<Position, QueryError> {
    let head = app.reader().head().await?;
    let reached = app.reach(ReadModel::Table(Projection::History), head);
    match tokio::time::timeout(MAX_WAIT, reached).await {
        Ok(()) => Ok(head),
        Err(_) => Err(QueryError::Behind(head)),
    }
}
