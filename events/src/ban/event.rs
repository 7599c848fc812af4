//! What can happen to a ban, as it is stored.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{BanId, LiveStreamId, Reason, ReportId, Timestamp, UserId};

/// What can happen to a ban.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BanEvent {
    /// A user was banned from a live stream.
    Created(BanCreated),
    /// A ban ended.
    Revoked(BanRevoked),
}

/// A user was banned from a live stream. Who did it, and when, is in the metadata.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct BanCreated {
    /// Names the ban and its event stream.
    pub ban_id: BanId,
    /// Where the user is banned.
    pub live_stream_id: LiveStreamId,
    /// Who is banned.
    pub target_user_id: UserId,
    /// From what the ban keeps.
    pub action_type: ActionType,
    /// Why, in the banner's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// When it ends by itself; never when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// The report that caused it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub report_id: Option<ReportId>,
}

/// A ban ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct BanRevoked {
    /// The ban that ended.
    pub ban_id: BanId,
    /// Why it ended.
    pub cause: RevokeCause,
}

/// From what a ban keeps a user.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ActionType {
    /// From the stream and its chat.
    #[default]
    Block,
    /// From the chat.
    ChatOnly,
}

impl ActionType {
    /// Every action type.
    pub const ALL: [Self; 2] = [Self::Block, Self::ChatOnly];

    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Block => "BLOCK",
            Self::ChatOnly => "CHAT_ONLY",
        }
    }
}

/// Why a ban ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum RevokeCause {
    /// Somebody lifted it.
    Manual,
    /// Its time ran out.
    Expired,
    /// A new ban took its place.
    Superseded,
}

impl RevokeCause {
    /// The name in the log and in tables.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Manual => "manual",
            Self::Expired => "expired",
            Self::Superseded => "superseded",
        }
    }
}

/// How long a temporary ban lasts: 1 second to 365 days (contract §3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BanDuration(u32);

impl BanDuration {
    /// The longest, in seconds: 365 days.
    pub const MAX_SECONDS: u32 = 31_536_000;
    /// What YouTube takes when a temporary ban names no duration: 300 seconds.
    pub const YOUTUBE_DEFAULT: Self = Self(300);

    /// A duration of `seconds`; `None` outside 1 to [`Self::MAX_SECONDS`].
    pub fn from_seconds(seconds: u64) -> Option<Self> {
        let seconds = u32::try_from(seconds).ok()?;
        (1..=Self::MAX_SECONDS).contains(&seconds).then_some(Self(seconds))
    }

    /// The duration in seconds.
    pub fn seconds(self) -> u32 {
        self.0
    }
}
