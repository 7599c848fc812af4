//! `/dashboard/live-streams`: the live streams that somebody runs, and where there is work.

mod live_stream;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use web::Problem;

pub(super) use live_stream::one;

use super::page::{Frame, Section, page};
use super::visit::Visit;
use super::{Dashboard, allowed};
use crate::freshness::{Projection, ReadModel};
use crate::live_streams;
use crate::read::live_streams::LiveStreamRow;

#[derive(Template)]
#[template(path = "live_streams.html")]
struct LiveStreams {
    frame: Frame,
    own: Vec<LiveStreamRow>,
    /// Those of everybody with the most to do; for whom it is to do.
    busy: Option<Vec<LiveStreamRow>>,
}

impl LiveStreams {
    /// Whether there may be more than are shown.
    fn is_cut(rows: &[LiveStreamRow]) -> bool {
        rows.len() >= live_streams::MOST as usize
    }
}

/// Their own, and for staff those with the most to do.
pub(super) async fn list(
    State(dashboard): State<Dashboard>,
    visit: Visit,
) -> Result<Response, Problem> {
    dashboard.settle(ReadModel::Table(Projection::Bans), visit.position()).await;
    let (app, actor) = (dashboard.app(), visit.actor());
    let own = live_streams::run_by(app, actor, &actor.id).await?;
    let busy = allowed(live_streams::busy(app, actor).await)?;
    let frame = Frame::of(&dashboard, &visit, Some(Section::LiveStreams)).await;
    page(&LiveStreams { frame, own, busy })
}
