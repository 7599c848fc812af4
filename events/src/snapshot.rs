//! The latest that the platform told us of users and live streams.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{ChannelId, LiveChatId, LiveStreamId, TextError, Timestamp, UserId, schema};

/// Code points of a name, a title or an address at most. None of them holds a control character.
pub const MAX_TEXT: usize = 2000;
/// Moderators of one live stream at most.
pub const MAX_MODERATORS: usize = 1000;

/// Whether one of the platform's texts, which are neither trimmed nor normalised, is short enough and
/// free of control characters.
pub fn check_text(text: &str) -> Result<(), TextError> {
    if let Some(found) = text.chars().find(|c| c.is_control()) {
        return Err(TextError::ControlCharacter { found });
    }
    if text.chars().nth(MAX_TEXT).is_some() {
        return Err(TextError::TooLong { max: MAX_TEXT });
    }
    Ok(())
}

/// A user as the platform last described them.
#[derive(Debug, Clone, PartialEq, Eq, JsonSchema)]
#[schemars(rename_all = "camelCase")]
pub struct UserSnapshot {
    /// The platform's id.
    pub id: UserId,
    /// The name in the YouTube dialect; equals `id` when the platform gave none.
    #[schemars(with = "Option<ChannelId>")]
    pub channel_id: ChannelId,
    /// The handle to sign in with.
    #[schemars(schema_with = "schema::platform_text")]
    pub username: String,
    /// Given name.
    #[schemars(schema_with = "schema::platform_text")]
    pub name: String,
    /// Family name.
    #[schemars(schema_with = "schema::platform_text")]
    pub surname: String,
    /// The picture, if there is one.
    pub profile_photo: Option<ProfilePhoto>,
    /// What the platform says of the user's presence, for instance `online`.
    #[schemars(schema_with = "schema::platform_text")]
    pub availability_status: String,
    /// Whether the platform has removed the user; not unless it says so.
    #[schemars(with = "Option<bool>")]
    pub deleted: bool,
    /// When the platform last changed it; the later snapshot wins.
    pub updated_at: Timestamp,
}

/// A picture and its smaller variants.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProfilePhoto {
    /// The platform's id of the file.
    #[serde(rename = "_id")]
    #[schemars(schema_with = "schema::platform_text")]
    pub id: String,
    /// Where the picture is.
    #[schemars(schema_with = "schema::platform_text")]
    pub url: String,
    /// Its media type.
    #[serde(rename = "type")]
    #[schemars(schema_with = "schema::platform_text")]
    pub media_type: String,
    /// Width in pixels to the place of that variant.
    #[serde(default)]
    #[schemars(schema_with = "schema::platform_texts")]
    pub variants: BTreeMap<String, String>,
    /// When the platform stored it.
    pub created_at: Timestamp,
    /// When the platform last changed it.
    pub updated_at: Timestamp,
}

impl ProfilePhoto {
    /// Whether each of its texts passes [`check_text`].
    pub fn check(&self) -> Result<(), TextError> {
        let variants = self.variants.iter().flat_map(|(width, url)| [width, url]);
        let texts = [&self.id, &self.url, &self.media_type];
        texts.into_iter().chain(variants).try_for_each(|text| check_text(text))
    }
}

/// A live stream as the platform last described it.
#[derive(Debug, Clone, PartialEq, Eq, JsonSchema)]
#[schemars(rename_all = "camelCase")]
pub struct LiveStreamSnapshot {
    /// The platform's id.
    pub id: LiveStreamId,
    /// Its chat's name in the YouTube dialect; equals `id` when the platform gave none.
    #[schemars(with = "Option<LiveChatId>")]
    pub live_chat_id: LiveChatId,
    /// What its creator calls it.
    #[schemars(schema_with = "schema::platform_text")]
    pub title: String,
    /// Where it is in its life.
    pub status: StreamStatus,
    /// Who runs it.
    pub creator_id: UserId,
    /// Who moderates it for the creator.
    #[schemars(extend("maxItems" = MAX_MODERATORS))]
    pub moderator_ids: Vec<UserId>,
    /// When the platform last changed it; the later snapshot wins.
    pub updated_at: Timestamp,
}

impl LiveStreamSnapshot {
    /// What `user` is to this live stream. Who created it is its creator, listed as moderator or not.
    pub fn relation(&self, user: &UserId) -> Relation {
        if *user == self.creator_id {
            Relation::Creator
        } else if self.moderator_ids.contains(user) {
            Relation::Moderator
        } else {
            Relation::Outsider
        }
    }
}

/// What a user is to a live stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Relation {
    /// Created it.
    Creator,
    /// Moderates it.
    Moderator,
    /// Neither.
    Outsider,
}

/// Where a live stream is in its life (contract §3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StreamStatus {
    /// On air.
    Active,
    /// Over.
    Ended,
    /// Announced.
    Scheduled,
    /// About to go on air.
    Preparing,
    /// Announced and never begun.
    Expired,
    /// Called off by the one who runs it.
    CancelledByHost,
    /// Called off by who was to join it.
    CancelledByGuest,
}

impl StreamStatus {
    /// Every status.
    pub const ALL: [Self; 7] = [
        Self::Active,
        Self::Ended,
        Self::Scheduled,
        Self::Preparing,
        Self::Expired,
        Self::CancelledByHost,
        Self::CancelledByGuest,
    ];

    /// The status as it goes over the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Ended => "ended",
            Self::Scheduled => "scheduled",
            Self::Preparing => "preparing",
            Self::Expired => "expired",
            Self::CancelledByHost => "cancelled_by_host",
            Self::CancelledByGuest => "cancelled_by_guest",
        }
    }
}
