//! Where those who come without a wish are led, and where there is nothing.

use axum::response::{IntoResponse, Redirect, Response};
use web::{Kind, Problem};

use super::page::Section;
use super::visit::Visit;

/// The first section that they have.
pub(super) async fn home(visit: Visit) -> Response {
    let first = [Section::Queue, Section::Audit, Section::LiveStreams];
    let section = first.into_iter().find(|section| section.is_for(&visit));
    let name = section.unwrap_or(Section::LiveStreams).name();
    Redirect::to(&format!("{}/{name}", super::PATH)).into_response()
}

/// No page; whoever has not signed in is not even told that.
pub(super) async fn nowhere(_: Visit) -> Problem {
    Problem::new(Kind::NotFound)
}
