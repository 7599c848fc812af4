//! `/api/v1/live-stream-ban`

use allmine::{Ban, UserSummary};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use events::ban::{ActionType, BanDuration, OverActive};
use events::{BanId, ReportId};
use utoipa::ToSchema;
use web::allmine::Success;
use web::{Fields, Input, JsonBody, Path, Problem};

use crate::App;
use crate::bans::{self, BanView, NewBan, Terms};
use crate::origin::Sender;
use crate::refusal;

/// A ban to be created.
#[derive(ToSchema)]
#[schema(as = CreateBan)]
#[expect(dead_code, reason = "describes what `new_ban` reads")]
#[serde(rename_all = "camelCase")]
pub(crate) struct Body {
    /// Whom.
    target_user_id: String,
    /// Where.
    live_stream_id: String,
    /// From what: `BLOCK` or `CHAT_ONLY`.
    #[schema(default = "BLOCK", pattern = "^(BLOCK|CHAT_ONLY)$")]
    action_type: Option<String>,
    /// Why, in up to 500 characters.
    #[schema(max_length = 500)]
    reason: Option<String>,
    /// For how long; for ever when absent.
    #[schema(minimum = 1, maximum = 31_536_000)]
    duration_seconds: Option<u32>,
    /// The report of this live stream that caused it; only platform staff may name one.
    #[schema(pattern = "^[0-9a-f]{24}$")]
    report_id: Option<String>,
}

/// Ban a user from a live stream
#[utoipa::path(
    post, path = "/api/v1/live-stream-ban", tag = "bans", request_body = Body,
    responses(
        (status = 200, description = "The ban", body = Success<Ban>),
        (status = 400, description = "A field or a header is wrong"),
        (status = 403, description = "The caller may not ban there, or nobody may ban this user"),
        (status = 404, description = "No such live stream, or no such user"),
        (status = 409, description = "The user is banned there already"),
        (status = 422, description = "The idempotency key came with another request before"),
    ),
)]
pub(crate) async fn create_ban(
    State(app): State<App>,
    sender: Sender,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    let new = new_ban(&body)?;
    let answer = bans::create_ban(&app, &sender, &new).await.map_err(refusal::of_ban)?;
    Ok(answer.map(BanView::into_ban).in_envelope(StatusCode::OK, &app))
}

/// Lift a ban
#[utoipa::path(
    delete, path = "/api/v1/live-stream-ban/{id}", tag = "bans",
    params(("id" = String, Path, description = "The ban", pattern = "^[0-9a-f]{24}$")),
    responses(
        (status = 200, description = "The ban, ended", body = Success<Ban>),
        (status = 400, description = "The id is malformed, or a header is wrong"),
        (status = 403, description = "The caller may not lift it"),
        (status = 404, description = "No such ban"),
        (status = 409, description = "It has ended already"),
        (status = 422, description = "The idempotency key came with another request before"),
    ),
)]
pub(crate) async fn revoke_ban(
    State(app): State<App>,
    sender: Sender,
    Path(id): Path<BanId>,
) -> Result<Response, Problem> {
    let answer = bans::revoke_ban(&app, &sender, id).await.map_err(refusal::of_ban)?;
    Ok(answer.map(BanView::into_ban).in_envelope(StatusCode::OK, &app))
}

fn new_ban(body: &[u8]) -> Result<NewBan, Problem> {
    let mut fields = Fields::from_json(body)?;
    let target = fields.required("targetUserId", Input::parse);
    let live_stream = fields.required("liveStreamId", Input::parse);
    let action_type =
        fields.optional("actionType", |input| input.one_of(&ActionType::ALL, ActionType::as_str));
    let reason = fields.optional("reason", |input| input.text(events::Reason::parse)).flatten();
    let seconds =
        fields.optional("durationSeconds", |input| input.integer(1..=BanDuration::MAX_SECONDS));
    let report_id = fields.optional("reportId", Input::parse::<ReportId>);
    let (target_user_id, live_stream_id) = fields.complete(target.zip(live_stream))?;
    let terms = Terms {
        action_type: action_type.unwrap_or_default(),
        reason,
        duration: seconds.and_then(|seconds| BanDuration::from_seconds(seconds.into())),
        report_id,
        over_active: OverActive::Refuse,
    };
    Ok(NewBan { live_stream_id, target_user_id, terms })
}

impl BanView {
    fn into_ban(self) -> Ban {
        let target = UserSummary::of(&self.ban.target_user_id, self.target.as_ref());
        Ban::of(&self.ban, self.lifted.as_ref(), target, self.at)
    }
}
