//! What clients are told: Socket.IO's events, and what each says.

use events::ban::{ActionType, BanEvent, RevokeCause};
use events::{Event, Reason, Timestamp, UserId};
use serde::Serialize;

use crate::tail::Content;

/// One event of Socket.IO. Its form is what clients of the Allmine API know, without an envelope.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub(super) enum Message {
    Banned(UserBanned),
    Revoked(UserBanRevoked),
}

/// Somebody was banned, or the ban on them was replaced by this one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct UserBanned {
    target_user_id: UserId,
    target_user: TargetUser,
    action_type: ActionType,
    reason: Option<Reason>,
    timestamp: Timestamp,
}

/// Somebody is no longer banned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct UserBanRevoked {
    target_user_id: UserId,
    timestamp: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct TargetUser {
    #[serde(rename = "_id")]
    id: UserId,
    /// Empty when the directory does not know the user, as in every answer.
    username: String,
}

impl Message {
    /// What is told of an event; of most nothing is.
    pub(super) fn of(content: &Content) -> Option<Self> {
        let timestamp = content.metadata.occurred_at;
        let target_user_id = content.target_id.clone()?;
        match &content.event {
            Event::Ban(BanEvent::Created(ban)) => {
                let described = content.target.as_ref();
                let target_user = TargetUser {
                    id: target_user_id.clone(),
                    username: described.map(|user| user.username.clone()).unwrap_or_default(),
                };
                let (action_type, reason) = (ban.action_type, ban.reason.clone());
                let told =
                    UserBanned { target_user_id, target_user, action_type, reason, timestamp };
                Some(Self::Banned(told))
            }
            Event::Ban(BanEvent::Revoked(ban)) => match ban.cause {
                RevokeCause::Manual | RevokeCause::Expired => {
                    Some(Self::Revoked(UserBanRevoked { target_user_id, timestamp }))
                }
                // The ban that takes its place was appended with it: nobody was free in between.
                RevokeCause::Superseded => None,
            },
            Event::Report(_) => None,
        }
    }

    /// The name of the event.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Banned(_) => "userBanned",
            Self::Revoked(_) => "userBanRevoked",
        }
    }
}
