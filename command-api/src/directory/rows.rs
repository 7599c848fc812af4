//! Rows of the directory's tables, as JSON.

use events::{
    ChannelId, LiveChatId, LiveStreamId, LiveStreamSnapshot, ProfilePhoto, StreamStatus, Timestamp,
    UserId, UserSnapshot,
};
use serde::Deserialize;

/// A row of `directory.users`, as JSON.
#[derive(Debug, Deserialize)]
struct UserRow {
    id: UserId,
    channel_id: ChannelId,
    username: String,
    name: String,
    surname: String,
    profile_photo: Option<ProfilePhoto>,
    availability_status: String,
    deleted: bool,
    updated_at: Timestamp,
}

impl From<UserRow> for UserSnapshot {
    fn from(row: UserRow) -> Self {
        Self {
            id: row.id,
            channel_id: row.channel_id,
            username: row.username,
            name: row.name,
            surname: row.surname,
            profile_photo: row.profile_photo,
            availability_status: row.availability_status,
            deleted: row.deleted,
            updated_at: row.updated_at,
        }
    }
}

/// A row of `directory.live_streams`, as JSON.
#[derive(Debug, Deserialize)]
struct LiveStreamRow {
    id: LiveStreamId,
    live_chat_id: LiveChatId,
    title: String,
    status: StreamStatus,
    creator_id: UserId,
    moderator_ids: Vec<UserId>,
    updated_at: Timestamp,
}

impl From<LiveStreamRow> for LiveStreamSnapshot {
    fn from(row: LiveStreamRow) -> Self {
        Self {
            id: row.id,
            live_chat_id: row.live_chat_id,
            title: row.title,
            status: row.status,
            creator_id: row.creator_id,
            moderator_ids: row.moderator_ids,
            updated_at: row.updated_at,
        }
    }
}

/// The user in a row of `directory.users`.
pub(super) fn user(row: &str) -> Result<UserSnapshot, serde_json::Error> {
    serde_json::from_str::<UserRow>(row).map(UserSnapshot::from)
}

/// The live stream in a row of `directory.live_streams`.
pub(super) fn live_stream(row: &str) -> Result<LiveStreamSnapshot, serde_json::Error> {
    serde_json::from_str::<LiveStreamRow>(row).map(LiveStreamSnapshot::from)
}
