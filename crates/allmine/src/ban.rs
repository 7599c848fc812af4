//! Bans as answers show them.

use events::ban::{ActionType, Lifted, RevokeCause};
use events::{BanId, LiveStreamId, Timestamp, UserId};
use serde::Serialize;
use utoipa::ToSchema;

use crate::UserSummary;

/// A ban of one user on one live stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Ban {
    /// Names it: 24 hexadecimal digits.
    #[serde(rename = "_id")]
    #[schema(value_type = String, pattern = "^[0-9a-f]{24}$")]
    pub id: BanId,
    /// Who is banned.
    #[schema(value_type = String)]
    pub target_user_id: UserId,
    /// The same, in short.
    pub target_user: UserSummary,
    /// Where the user is banned.
    #[schema(value_type = String)]
    pub live_stream_id: LiveStreamId,
    /// From what the ban keeps: `BLOCK` from stream and chat, `CHAT_ONLY` from the chat.
    #[schema(value_type = String)]
    pub action_type: ActionType,
    /// Why, in the banner's words.
    pub reason: Option<String>,
    /// Who created the ban.
    #[schema(value_type = Option<String>)]
    pub created_by: Option<UserId>,
    /// When somebody ended it; `null` while it lasts, and for a ban whose time ran out.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub deleted_at: Option<Timestamp>,
    /// Who ended it.
    #[schema(value_type = Option<String>)]
    pub deleted_by: Option<UserId>,
    /// When the ban was created.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When the ban last changed, its running out included.
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Timestamp,
    /// When it ends by itself; `null` for never.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expires_at: Option<Timestamp>,
}

impl Ban {
    /// `ban` as it is at `now`, and as `lifted` left it. A ban whose time has run out looks the same
    /// before and after that is on record.
    pub fn of(
        ban: &events::ban::Ban,
        lifted: Option<&Lifted>,
        target: UserSummary,
        now: Timestamp,
    ) -> Self {
        let ended = lifted.filter(|lifted| match lifted.cause {
            RevokeCause::Manual | RevokeCause::Superseded => true,
            RevokeCause::Expired => false,
        });
        let ran_out = ban.expires_at.filter(|end| lifted.is_some() || *end <= now);
        Self {
            id: ban.id,
            target_user_id: ban.target_user_id.clone(),
            target_user: target,
            live_stream_id: ban.live_stream_id.clone(),
            action_type: ban.action_type,
            reason: ban.reason.as_ref().map(|reason| reason.as_str().to_owned()),
            created_by: ban.created_by.clone(),
            deleted_at: ended.map(|lifted| lifted.at),
            deleted_by: ended.and_then(|lifted| lifted.by.clone()),
            created_at: ban.created_at,
            updated_at: ended.map(|lifted| lifted.at).or(ran_out).unwrap_or(ban.created_at),
            expires_at: ban.expires_at,
        }
    }
}
