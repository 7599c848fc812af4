//! `/dashboard/bans/{id}`: a ban, and ending it.

use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Method};
use axum::response::Response;
use events::BanId;
use serde::Deserialize;
use web::Problem;

use super::line::BanLine;
use crate::bans;
use crate::dashboard::Dashboard;
use crate::dashboard::commands::{self, Command};
use crate::dashboard::notice;
use crate::dashboard::page::{Frame, Section, page};
use crate::dashboard::timeline::{self, Moment};
use crate::dashboard::visit::Visit;
use crate::error::{QueryError, Thing};
use crate::freshness::{Projection, ReadModel};

#[derive(Template)]
#[template(path = "ban.html")]
struct BanPage {
    frame: Frame,
    line: BanLine,
    moments: Vec<Moment>,
    next: String,
}

/// Everything about one.
pub(in crate::dashboard) async fn one(
    State(dashboard): State<Dashboard>,
    visit: Visit,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    dashboard.settle(ReadModel::Table(Projection::Bans), visit.position()).await;
    // What is no id names no ban, which is 404 for those who may know.
    let row = bans::by_id(dashboard.app(), visit.actor(), id.parse().ok()).await?;
    let mut lines = BanLine::of(&dashboard, &[row]).await?;
    let line = lines.pop().ok_or(QueryError::NotFound(Thing::Ban))?;
    let frame = Frame::of(&dashboard, &visit, Some(Section::Bans)).await;
    let next = format!("{}/{}", super::PATH, line.ban.id);
    let moments = timeline::of_bans(std::slice::from_ref(&line));
    page(&BanPage { frame, line, moments, next })
}

/// A form that revokes a ban.
#[derive(Debug, Deserialize)]
pub(in crate::dashboard) struct Revocation {
    key: String,
    next: Option<String>,
}

/// Ends it.
pub(in crate::dashboard) async fn revoke(
    State(dashboard): State<Dashboard>,
    visit: Visit,
    web::Path(id): web::Path<BanId>,
    headers: HeaderMap,
    Form(form): Form<Revocation>,
) -> Response {
    let command = Command {
        method: Method::DELETE,
        path: format!("/api/v1/live-stream-ban/{id}"),
        body: None,
        key: commands::key(&form.key),
    };
    let outcome = dashboard.commands().send(&visit, command).await;
    notice::back(form.next.as_deref(), &outcome.notice(visit.texts.get("bans-revoked")), &headers)
}
