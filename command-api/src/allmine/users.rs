//! `/internal/v1/users`

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use events::{ChannelId, ProfilePhoto, Timestamp, UserId, UserSnapshot};
use serde::Serialize;
use utoipa::ToSchema;
use web::allmine::{Success, success};
use web::{Caller, Fields, Input, JsonBody, Path, Problem, Reason};

use super::snapshots::{PutAnswer, answer, may_write, same_id, text};
use crate::App;
use crate::directory::Applied;
use crate::refusal;

/// Users in one batch at most (contract §7).
const MAX_BATCH: usize = 1000;
/// Bytes of a batch's body at most: 4 KiB for each user.
pub(crate) const MAX_BATCH_BYTES: usize = MAX_BATCH * 4096;

/// A user's snapshot.
#[derive(ToSchema)]
#[schema(as = UserSnapshot)]
#[expect(dead_code, reason = "describes what `user` reads")]
#[serde(rename_all = "camelCase")]
pub(crate) struct Body {
    /// The id in the path.
    id: String,
    /// The user's name in the YouTube dialect; `id` when absent.
    channel_id: Option<String>,
    /// The handle that the user signs in with.
    username: String,
    /// Given name.
    name: String,
    /// Family name.
    surname: String,
    /// The user's picture.
    profile_photo: Option<allmine::ProfilePhoto>,
    /// What the platform says of the user's presence.
    availability_status: String,
    /// Whether the platform has removed the user.
    #[schema(default = false)]
    deleted: Option<bool>,
    /// When the platform last changed the user; the latest snapshot stays.
    #[schema(format = DateTime)]
    updated_at: String,
}

/// Users' snapshots.
#[derive(ToSchema)]
#[schema(as = UserSnapshots)]
#[expect(dead_code, reason = "describes what `put_users` reads")]
pub(crate) struct BatchBody {
    /// In any order.
    #[schema(min_items = 1, max_items = 1000)]
    users: Vec<Body>,
}

/// What became of users' snapshots.
#[derive(Serialize, ToSchema)]
pub(crate) struct BatchAnswer {
    /// So many are what the directory has now.
    applied: u64,
    /// So many were older than what it had.
    ignored: u64,
}

/// Tell of a user
#[utoipa::path(
    put, path = "/internal/v1/users/{id}", tag = "directory", request_body = Body,
    params(("id" = String, Path, description = "The user")),
    responses(
        (status = 200, description = "Whether it was news", body = Success<PutAnswer>),
        (status = 400, description = "A field or a header is wrong"),
        (status = 403, description = "The caller is no service of the platform"),
    ),
)]
pub(crate) async fn put_user(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<UserId>,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    may_write(&caller)?;
    let mut fields = Fields::from_json(&body)?;
    let user = user(&mut fields);
    same_id(&mut fields, user.as_ref().map(|user| &user.id), &id);
    let user = fields.complete(user)?;
    answer(&app, app.directory.put_users(&[user]).await)
}

/// Tell of up to 1,000 users
///
/// All of them are taken in, or none. A bare list is taken for `{"users": [...]}`.
#[utoipa::path(
    post, path = "/internal/v1/users:batch", tag = "directory", request_body = BatchBody,
    responses(
        (status = 200, description = "How many were news", body = Success<BatchAnswer>),
        (status = 400, description = "A field or a header is wrong; nothing is taken in"),
        (status = 403, description = "The caller is no service of the platform"),
    ),
)]
pub(crate) async fn put_users(
    State(app): State<App>,
    caller: Caller,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    may_write(&caller)?;
    let mut fields = Fields::from_json_or_list(&body, "users")?;
    let mut users = Vec::new();
    for mut one in fields.each("users", MAX_BATCH) {
        users.extend(user(&mut one));
        fields.absorb(one);
    }
    fields.finish()?;
    let done = app.directory.put_users(&users).await.map_err(refusal::unanswered)?;
    let Applied { applied, ignored } = done;
    Ok(success(StatusCode::OK, BatchAnswer { applied, ignored }, app.clock.now()))
}

fn user(fields: &mut Fields) -> Option<UserSnapshot> {
    let id = fields.required("id", Input::parse::<UserId>);
    let channel_id = fields.optional("channelId", Input::parse::<ChannelId>);
    let username = fields.required("username", text);
    let name = fields.required("name", text);
    let surname = fields.required("surname", text);
    let profile_photo = fields.optional("profilePhoto", photo);
    let availability_status = fields.required("availabilityStatus", text);
    let deleted = fields.optional("deleted", Input::boolean).unwrap_or_default();
    let updated_at = fields.required("updatedAt", Input::parse::<Timestamp>);
    let id = id?;
    Some(UserSnapshot {
        channel_id: channel_id.unwrap_or_else(|| id.clone().into()),
        id,
        username: username?,
        name: name?,
        surname: surname?,
        profile_photo,
        availability_status: availability_status?,
        deleted,
        updated_at: updated_at?,
    })
}

fn photo(input: Input) -> Result<ProfilePhoto, Reason> {
    let photo: ProfilePhoto = input.structure()?;
    photo.check()?;
    Ok(photo)
}
