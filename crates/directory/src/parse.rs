//! A snapshot's JSON (contract §7): a member that is `null` counts as absent, unknown ones are ignored.

mod members;

use events::json::{self, JsonError};
use events::snapshot::{MAX_MODERATORS, ProfilePhoto, StreamStatus};
use events::{LiveStreamSnapshot, UserSnapshot};
use serde_json::Value;

pub use members::Mistake;
use members::{Members, boolean, list, parsed, text};

/// Bytes of a snapshot's JSON at most: twice what a live stream with the most moderators takes, each with
/// the longest id.
pub const MAX_BYTES: usize = 256 * 1024;

/// Why bytes are no snapshot. The first thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// Longer than any snapshot.
    #[error("longer than {MAX_BYTES} bytes")]
    TooLong,
    /// No JSON.
    #[error(transparent)]
    Json(#[from] JsonError),
    /// JSON, but no object.
    #[error("not a JSON object")]
    NotAnObject,
    /// A member is not what it should be.
    #[error("{member}: {mistake}")]
    Member {
        /// Its name.
        member: &'static str,
        /// What is wrong with it.
        mistake: Mistake,
    },
}

/// The user whom `bytes` describe.
pub fn user(bytes: &[u8]) -> Result<UserSnapshot, Unreadable> {
    let mut members = members(bytes)?;
    let id = members.required("id", parsed)?;
    let channel_id = members.optional("channelId", parsed)?;
    Ok(UserSnapshot {
        channel_id: channel_id.unwrap_or_else(|| events::UserId::clone(&id).into()),
        id,
        username: members.required("username", text)?,
        name: members.required("name", text)?,
        surname: members.required("surname", text)?,
        profile_photo: members.optional("profilePhoto", photo)?,
        availability_status: members.required("availabilityStatus", text)?,
        deleted: members.optional("deleted", boolean)?.unwrap_or_default(),
        updated_at: members.required("updatedAt", parsed)?,
    })
}

/// The live stream that `bytes` describe.
pub fn live_stream(bytes: &[u8]) -> Result<LiveStreamSnapshot, Unreadable> {
    let mut members = members(bytes)?;
    let id = members.required("id", parsed)?;
    let live_chat_id = members.optional("liveChatId", parsed)?;
    Ok(LiveStreamSnapshot {
        live_chat_id: live_chat_id.unwrap_or_else(|| events::LiveStreamId::clone(&id).into()),
        id,
        title: members.required("title", text)?,
        status: members.required("status", status)?,
        creator_id: members.required("creatorId", parsed)?,
        moderator_ids: members.required("moderatorIds", |value| list(value, MAX_MODERATORS))?,
        updated_at: members.required("updatedAt", parsed)?,
    })
}

fn members(bytes: &[u8]) -> Result<Members, Unreadable> {
    if bytes.len() > MAX_BYTES {
        return Err(Unreadable::TooLong);
    }
    match json::parse(bytes)? {
        Value::Object(members) => Ok(Members(members)),
        _ => Err(Unreadable::NotAnObject),
    }
}

fn photo(value: Value) -> Result<ProfilePhoto, Mistake> {
    let photo: ProfilePhoto = serde_json::from_value(value).map_err(|_| Mistake::Malformed)?;
    photo.check()?;
    Ok(photo)
}

fn status(value: Value) -> Result<StreamStatus, Mistake> {
    let Value::String(name) = value else { return Err(Mistake::Unknown) };
    let found = StreamStatus::ALL.into_iter().find(|status| status.as_str() == name);
    found.ok_or(Mistake::Unknown)
}
