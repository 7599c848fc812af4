//! `/api/v1/live-streams/{liveStreamId}/access/{userId}`

use axum::extract::State;
use axum::response::Response;
use events::{BanId, LiveStreamId, Timestamp, UserId};
use serde::Serialize;
use utoipa::ToSchema;
use web::allmine::Success;
use web::{Caller, Paths, Problem};

use super::documents::QueryErrors;
use crate::access::permissions;
use crate::{App, bans};

/// What a user may do on a live stream, now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Access {
    /// Whether the user may watch.
    pub can_watch: bool,
    /// Whether the user may chat.
    pub can_chat: bool,
    /// The ban that keeps the user from either.
    #[schema(value_type = Option<String>, pattern = "^[0-9a-f]{24}$")]
    pub ban_id: Option<BanId>,
    /// When that ban ends by itself; `null` for never, and without a ban.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub until: Option<Timestamp>,
}

/// May a user watch, may they chat, now?
///
/// Answered from memory, which follows the event log; 503 when it is more than 5 seconds behind. For
/// the user in question, the live stream's creator and moderators, platform staff and services.
#[utoipa::path(get, path = "/api/v1/live-streams/{liveStreamId}/access/{userId}", tag = "access",
    params(("liveStreamId" = String, Path), ("userId" = String, Path)),
    responses((status = 200, body = Success<Access>), QueryErrors))]
pub async fn access(
    State(app): State<App>,
    caller: Caller,
    Paths(live_stream, user): Paths<LiveStreamId, UserId>,
) -> Result<Response, Problem> {
    let ban = bans::access(&app, &caller.actor, &live_stream, &user).await?;
    let (can_watch, can_chat) = permissions(ban.as_ref());
    let (ban_id, until) = (ban.map(|ban| ban.id), ban.and_then(|ban| ban.until));
    Ok(app.success(Access { can_watch, can_chat, ban_id, until }))
}
