//! `/youtube/v3/liveChat/bans`

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use events::BanId;
use web::youtube::{Parameters, Query};
use web::{JsonBody, Problem, Reason, YouTubeReason};

use super::body::{self, Body};
use super::refusal;
use super::resource::LiveChatBan;
use crate::App;
use crate::bans;
use crate::origin::Sender;

/// The parts of the resource.
const PARTS: [&str; 2] = ["id", "snippet"];

/// Ban a user from a live chat
#[utoipa::path(
    post, path = "/youtube/v3/liveChat/bans", tag = "youtube", request_body = Body,
    params(
        ("part" = String, Query, description = "The parts of the answer: `id`, `snippet` or both"),
        ("fields" = Option<String>, Query, description = "Which fields of the answer"),
        ("prettyPrint" = Option<bool>, Query, description = "Whether the answer is indented"),
    ),
    responses(
        (status = 200, description = "The ban", body = LiveChatBan),
        (status = 400, description = "A parameter, a field or a header is wrong"),
        (status = 403, description = "The caller may not ban there, or nobody may ban this user"),
        (status = 404, description = "No such chat, or the user is gone"),
        (status = 422, description = "The idempotency key came with another request before"),
    ),
)]
pub(crate) async fn create_ban(
    State(app): State<App>,
    query: Query,
    sender: Sender,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    let parameters = query.taking(&["part"])?;
    let parts = parameters.parts(&PARTS)?;
    let new = body::parse(&body)?;
    let answer = bans::create_chat_ban(&app, &sender, &new).await.map_err(refusal::of_ban)?;
    let resource = LiveChatBan::of(&answer.data, &new.live_chat_id);
    Ok(answer.mark(parameters.answer(&parts, &resource)?))
}

/// Lift a ban from a live chat
#[utoipa::path(
    delete, path = "/youtube/v3/liveChat/bans", tag = "youtube",
    params(("id" = String, Query, description = "The ban", pattern = "^[0-9a-f]{24}$")),
    responses(
        (status = 204, description = "It is lifted"),
        (status = 400, description = "A parameter or a header is wrong"),
        (status = 403, description = "The caller may not lift it"),
        (status = 404, description = "No such ban, or it has ended already"),
        (status = 422, description = "The idempotency key came with another request before"),
    ),
)]
pub(crate) async fn revoke_ban(
    State(app): State<App>,
    query: Query,
    sender: Sender,
) -> Result<Response, Problem> {
    let id = ban_id(&query.taking(&["id"])?)?;
    let answer = bans::revoke_ban(&app, &sender, id).await.map_err(refusal::of_ban)?;
    Ok(answer.mark(StatusCode::NO_CONTENT.into_response()))
}

fn ban_id(parameters: &Parameters) -> Result<BanId, Problem> {
    let id = parameters.get("id").ok_or_else(|| Parameters::required("id"))?;
    let youtube = || YouTubeReason::live_chat("invalidLiveChatBanId").parameter("id");
    id.parse().map_err(|error| Reason::from(error).at("id").youtube(youtube()).into())
}
