//! `/internal/v1/live-streams`

use axum::extract::State;
use axum::response::Response;
use events::snapshot::MAX_MODERATORS;
use events::{LiveChatId, LiveStreamId, LiveStreamSnapshot, StreamStatus, Timestamp, UserId};
use utoipa::ToSchema;
use web::allmine::Success;
use web::{Caller, Fields, Input, JsonBody, Path, Problem};

use super::snapshots::{PutAnswer, answer, may_write, same_id, text};
use crate::App;

/// A live stream's snapshot.
#[derive(ToSchema)]
#[schema(as = LiveStreamSnapshot)]
#[expect(dead_code, reason = "describes what `live_stream` reads")]
#[serde(rename_all = "camelCase")]
pub(crate) struct Body {
    /// The id in the path.
    id: String,
    /// Its chat's name in the YouTube dialect; `id` when absent.
    live_chat_id: Option<String>,
    /// What its creator calls it.
    title: String,
    /// Where it is in its life: `active`, `ended`, `scheduled`, `preparing`, `expired`,
    /// `cancelled_by_host` or `cancelled_by_guest`.
    status: String,
    /// Who runs it.
    creator_id: String,
    /// Who moderates it for the creator.
    #[schema(max_items = 1000)]
    moderator_ids: Vec<String>,
    /// When the platform last changed it; the latest snapshot stays.
    #[schema(format = DateTime)]
    updated_at: String,
}

/// Tell of a live stream
#[utoipa::path(
    put, path = "/internal/v1/live-streams/{id}", tag = "directory", request_body = Body,
    params(("id" = String, Path, description = "The live stream")),
    responses(
        (status = 200, description = "Whether it was news", body = Success<PutAnswer>),
        (status = 400, description = "A field or a header is wrong"),
        (status = 403, description = "The caller is no service of the platform"),
    ),
)]
pub(crate) async fn put_live_stream(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<LiveStreamId>,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    may_write(&caller)?;
    let mut fields = Fields::from_json(&body)?;
    let live_stream = live_stream(&mut fields);
    same_id(&mut fields, live_stream.as_ref().map(|live_stream| &live_stream.id), &id);
    let live_stream = fields.complete(live_stream)?;
    answer(&app, app.directory.put_live_stream(&live_stream).await)
}

fn live_stream(fields: &mut Fields) -> Option<LiveStreamSnapshot> {
    let id = fields.required("id", Input::parse::<LiveStreamId>);
    let live_chat_id = fields.optional("liveChatId", Input::parse::<LiveChatId>);
    let title = fields.required("title", text);
    let status =
        fields.required("status", |input| input.one_of(&StreamStatus::ALL, StreamStatus::as_str));
    let creator_id = fields.required("creatorId", Input::parse::<UserId>);
    let moderators = |input: Input| input.list(MAX_MODERATORS, Input::parse::<UserId>);
    let moderator_ids = fields.required("moderatorIds", moderators);
    let updated_at = fields.required("updatedAt", Input::parse::<Timestamp>);
    let id = id?;
    Some(LiveStreamSnapshot {
        live_chat_id: live_chat_id.unwrap_or_else(|| id.clone().into()),
        id,
        title: title?,
        status: status?,
        creator_id: creator_id?,
        moderator_ids: moderator_ids?,
        updated_at: updated_at?,
    })
}
