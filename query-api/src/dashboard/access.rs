//! `/dashboard/access`: may this user watch, may they chat, now?

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use events::{LiveStreamId, Timestamp, UserId};
use web::Problem;

use super::given::{given, value};
use super::names::{Person, Place};
use super::page::{Frame, page};
use super::visit::Visit;
use super::{Dashboard, bans::known, meant};
use crate::access::{ActiveBan, permissions};
use crate::bans;
use crate::freshness::ReadModel;

/// The form that asks, and its answer.
#[derive(Debug, Default)]
pub(super) struct Check {
    pub(super) user: String,
    pub(super) live_stream: String,
    /// Whether the page is about this user, who then need not be typed.
    pub(super) knows_user: bool,
    /// The same for the live stream.
    pub(super) knows_live_stream: bool,
    /// Live streams that can be chosen.
    pub(super) known: Vec<Place>,
    pub(super) answer: Option<Answer>,
    pub(super) error: Option<String>,
}

/// What a user may do on a live stream.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) user: Person,
    pub(super) live_stream: Place,
    pub(super) can_watch: bool,
    pub(super) can_chat: bool,
    pub(super) ban: Option<ActiveBan>,
    pub(super) at: Timestamp,
}

#[derive(Template)]
#[template(path = "access.html")]
struct AccessPage {
    frame: Frame,
    check: Check,
}

impl Check {
    /// On the page of a live stream.
    pub(super) fn on(live_stream: &LiveStreamId) -> Self {
        let live_stream = live_stream.to_string();
        Self { live_stream, knows_live_stream: true, ..Self::default() }
    }

    /// On the page of a user.
    pub(super) fn of(user: &UserId, known: Vec<Place>) -> Self {
        Self { user: user.to_string(), knows_user: true, known, ..Self::default() }
    }
}

/// The form, and once it is filled in, the answer.
pub(super) async fn check(
    State(dashboard): State<Dashboard>,
    visit: Visit,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    dashboard.settle(ReadModel::Memory, visit.position()).await;
    let query = given(query.as_deref());
    let mut check = Check {
        user: value(&query, "user"),
        live_stream: value(&query, "liveStream"),
        known: known(&dashboard, &visit).await?,
        ..Check::default()
    };
    if !check.user.is_empty() || !check.live_stream.is_empty() {
        check.ask(&dashboard, &visit).await?;
    }
    let frame = Frame::of(&dashboard, &visit, None).await;
    page(&AccessPage { frame, check })
}

impl Check {
    async fn ask(&mut self, dashboard: &Dashboard, visit: &Visit) -> Result<(), Problem> {
        let user = meant::user(dashboard, visit, &self.user).await?;
        let live_stream = meant::live_stream(dashboard, visit, &self.live_stream).await?;
        match (user, live_stream) {
            (Ok(user), Ok(live_stream)) => {
                self.answer = Some(answer(dashboard, visit, user, live_stream).await?);
            }
            (Err(unclear), _) | (_, Err(unclear)) => self.error = Some(visit.texts.get(unclear)),
        }
        Ok(())
    }
}

async fn answer(
    dashboard: &Dashboard,
    visit: &Visit,
    user: Person,
    live_stream: Place,
) -> Result<Answer, Problem> {
    let ban = bans::access(dashboard.app(), visit.actor(), &live_stream.id, &user.id).await?;
    let (can_watch, can_chat) = permissions(ban.as_ref());
    Ok(Answer { user, live_stream, can_watch, can_chat, ban, at: dashboard.app().now() })
}
