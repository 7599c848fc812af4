//! What the snapshots of users and of live streams have in common.

use axum::http::StatusCode;
use axum::response::Response;
use events::snapshot::check_text;
use events::{Action, Situation, permit};
use serde::Serialize;
use utoipa::ToSchema;
use web::allmine::success;
use web::{Caller, Fields, Input, Kind, Problem, Reason};

use crate::App;
use crate::directory::{Applied, DirectoryError};
use crate::refusal;

/// What became of a snapshot.
#[derive(Serialize, ToSchema)]
pub(crate) struct PutAnswer {
    /// Whether it is what the directory has now; `false` when that is later.
    applied: bool,
}

/// What `app` answers to who told it of one user or live stream.
pub(super) fn answer(
    app: &App,
    done: Result<Applied, DirectoryError>,
) -> Result<Response, Problem> {
    let Applied { applied, .. } = done.map_err(refusal::unanswered)?;
    Ok(success(StatusCode::OK, PutAnswer { applied: applied > 0 }, app.clock.now()))
}

/// Only services of the platform tell us of users and live streams.
pub(super) fn may_write(caller: &Caller) -> Result<(), Problem> {
    let denied = permit(Action::WriteSnapshots, &caller.actor.roles, Situation::NONE);
    denied.map_err(|denial| Problem::new(Kind::Forbidden).because(refusal::denied(denial)))
}

/// The body names whom the path names.
pub(super) fn same_id<T: PartialEq>(fields: &mut Fields, body: Option<&T>, path: &T) {
    if body.is_some_and(|id| id != path) {
        fields.refuse(Reason::new("command-id-not-of-path").at("id"));
    }
}

/// A text as the platform has it: neither trimmed nor normalised, but storable.
pub(super) fn text(input: Input) -> Result<String, Reason> {
    let text = input.string()?;
    check_text(&text)?;
    Ok(text)
}
