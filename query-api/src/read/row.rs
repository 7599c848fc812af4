//! Columns into the domain's types. What does not fit was not written by us, and is an error.

use std::error::Error;

use chrono::{DateTime, Utc};
use events::{LiveStreamSnapshot, ProfilePhoto, StreamStatus, Timestamp, UserSnapshot};
use serde::Deserialize;
use sqlx::Row;
use sqlx::postgres::PgRow;
use sqlx::types::Json;

/// An id or anything else that is parsed from a text.
pub fn id<T>(row: &PgRow, column: &str) -> Result<T, sqlx::Error>
where
    T: TryFrom<String>,
    T::Error: Error + Send + Sync + 'static,
{
    T::try_from(row.try_get(column)?).map_err(|error| misfit(column, error))
}

/// The same where the column may be null.
pub fn optional_id<T>(row: &PgRow, column: &str) -> Result<Option<T>, sqlx::Error>
where
    T: TryFrom<String>,
    T::Error: Error + Send + Sync + 'static,
{
    let text: Option<String> = row.try_get(column)?;
    text.map(T::try_from).transpose().map_err(|error| misfit(column, error))
}

/// The value whose wire name the column holds.
pub fn name<T: Copy>(
    row: &PgRow,
    column: &str,
    all: &[T],
    name_of: fn(T) -> &'static str,
) -> Result<T, sqlx::Error> {
    let text: &str = row.try_get(column)?;
    let found = all.iter().copied().find(|value| name_of(*value) == text);
    found.ok_or_else(|| misfit(column, UnknownName(text.to_owned())))
}

/// An instant. Columns hold milliseconds, so nothing is cut.
pub fn timestamp(instant: DateTime<Utc>) -> Timestamp {
    instant.into()
}

/// The user in a column made by `to_jsonb(users)`; `None` when the directory has none.
pub fn user(row: &PgRow, column: &str) -> Result<Option<UserSnapshot>, sqlx::Error> {
    let user: Option<Json<User>> = row.try_get(column)?;
    user.map(|Json(user)| user.try_into())
        .transpose()
        .map_err(|error: events::IdError| misfit(column, error))
}

/// The live stream in a column made by `to_jsonb(live_streams)`; `None` when the directory has none.
pub fn live_stream(row: &PgRow, column: &str) -> Result<Option<LiveStreamSnapshot>, sqlx::Error> {
    let stream: Option<Json<LiveStream>> = row.try_get(column)?;
    stream
        .map(|Json(stream)| stream.try_into())
        .transpose()
        .map_err(|error: events::IdError| misfit(column, error))
}

/// The column holds what it never should.
pub fn misfit(column: &str, source: impl Error + Send + Sync + 'static) -> sqlx::Error {
    sqlx::Error::ColumnDecode { index: column.to_owned(), source: Box::new(source) }
}

#[derive(Debug, thiserror::Error)]
#[error("unknown name {0:?}")]
struct UnknownName(String);

/// A row of `directory.users`.
#[derive(Debug, Deserialize)]
struct User {
    id: String,
    channel_id: String,
    username: String,
    name: String,
    surname: String,
    profile_photo: Option<ProfilePhoto>,
    availability_status: String,
    deleted: bool,
    updated_at: DateTime<Utc>,
}

impl TryFrom<User> for UserSnapshot {
    type Error = events::IdError;

    fn try_from(user: User) -> Result<Self, Self::Error> {
        Ok(Self {
            id: user.id.try_into()?,
            channel_id: user.channel_id.try_into()?,
            username: user.username,
            name: user.name,
            surname: user.surname,
            profile_photo: user.profile_photo,
            availability_status: user.availability_status,
            deleted: user.deleted,
            updated_at: user.updated_at.into(),
        })
    }
}

/// A row of `directory.live_streams`.
#[derive(Debug, Deserialize)]
struct LiveStream {
    id: String,
    live_chat_id: String,
    title: String,
    status: StreamStatus,
    creator_id: String,
    moderator_ids: Vec<events::UserId>,
    updated_at: DateTime<Utc>,
}

impl TryFrom<LiveStream> for LiveStreamSnapshot {
    type Error = events::IdError;

    fn try_from(stream: LiveStream) -> Result<Self, Self::Error> {
        Ok(Self {
            id: stream.id.try_into()?,
            live_chat_id: stream.live_chat_id.try_into()?,
            title: stream.title,
            status: stream.status,
            creator_id: stream.creator_id.try_into()?,
            moderator_ids: stream.moderator_ids,
            updated_at: stream.updated_at.into(),
        })
    }
}
