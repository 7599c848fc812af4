//! `/youtube/v3/liveChat/bans`

use std::str::FromStr;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use events::ban::BanDuration;
use events::{BanId, ChannelId, LiveChatId};
use utoipa::ToSchema;
use web::youtube::{Parameters, Query};
use web::{Fields, JsonBody, Problem, Reason, YouTubeReason};

use super::refusal;
use super::resource::LiveChatBan;
use crate::App;
use crate::bans;
use crate::origin::Sender;

/// The parts of the resource.
const PARTS: [&str; 2] = ["id", "snippet"];

/// A ban to be inserted.
#[derive(ToSchema)]
#[schema(as = InsertLiveChatBan)]
#[expect(dead_code, reason = "describes what `new_ban` reads")]
pub(crate) struct Body {
    snippet: BodySnippet,
}

/// What the ban shall be.
#[derive(ToSchema)]
#[schema(as = InsertLiveChatBanSnippet)]
#[expect(dead_code, reason = "describes what `new_ban` reads")]
#[serde(rename_all = "camelCase")]
struct BodySnippet {
    /// The chat.
    live_chat_id: String,
    /// `permanent` or `temporary`.
    r#type: String,
    /// For how long a temporary ban holds, 1 to 31,536,000 seconds; a number or a string of digits.
    #[schema(default = "300")]
    ban_duration_seconds: Option<String>,
    banned_user_details: BodyBannedUser,
}

/// Who shall be banned.
#[derive(ToSchema)]
#[schema(as = InsertLiveChatBanUser)]
#[expect(dead_code, reason = "describes what `new_ban` reads")]
#[serde(rename_all = "camelCase")]
struct BodyBannedUser {
    /// His channel.
    channel_id: String,
}

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
    let (chat, channel, duration) = new_ban(&body)?;
    let created = bans::create_chat_ban(&app, &sender, &chat, &channel, duration).await;
    let answer = created.map_err(refusal::of_ban)?;
    let resource = LiveChatBan::of(&answer.data, &chat);
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

fn new_ban(body: &[u8]) -> Result<(LiveChatId, ChannelId, Option<BanDuration>), Problem> {
    let mut fields = Fields::from_json(body)?;
    let mut snippet = fields.nested("snippet");
    let chat = id(&mut snippet, "liveChatId", "liveChatIdRequired", "invalidLiveChatId");
    let duration = duration(&mut snippet);
    let mut user = snippet.nested("bannedUserDetails");
    let channel = id(&mut user, "channelId", "bannedUserChannelIdRequired", "invalidChannelId");
    snippet.absorb(user);
    fields.absorb(snippet);
    let ((chat, channel), duration) = fields.complete(chat.zip(channel).zip(duration))?;
    Ok((chat, channel, duration))
}

/// An id with YouTube's own names for what may be wrong with it.
fn id<T: FromStr>(
    fields: &mut Fields,
    name: &'static str,
    missing: &'static str,
    malformed: &'static str,
) -> Option<T>
where
    Reason: From<T::Err>,
{
    let absent = || Reason::new("required").youtube(YouTubeReason::live_chat(missing));
    if fields.is_absent(name) {
        fields.refuse(absent());
        return None;
    }
    fields.optional(name, |input| {
        match input.string() {
            Ok(text) if text.is_empty() => Err(absent()),
            Ok(text) => text.parse().map_err(Reason::from),
            Err(reason) => Err(reason),
        }
        .map_err(|reason| match reason.youtube {
            Some(_) => reason,
            None => reason.youtube(YouTubeReason::live_chat(malformed)),
        })
    })
}

/// `Some(None)` for a permanent ban, `None` when something is wrong.
fn duration(snippet: &mut Fields) -> Option<Option<BanDuration>> {
    let temporary = snippet.required("type", |input| {
        input.one_of(&[true, false], |temporary| if temporary { "temporary" } else { "permanent" })
    });
    let seconds = snippet.optional("banDurationSeconds", |input| match temporary {
        Some(false) => Err(Reason::new("command-duration-of-permanent")),
        Some(true) | None => input.integer_or_digits(1..=BanDuration::MAX_SECONDS),
    });
    let duration = seconds.and_then(|seconds| BanDuration::from_seconds(seconds.into()));
    temporary.map(|temporary| temporary.then(|| duration.unwrap_or(BanDuration::YOUTUBE_DEFAULT)))
}
