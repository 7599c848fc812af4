//! `youtube#liveChatBan`

use events::{LiveChatId, UserSnapshot};
use serde::Serialize;
use utoipa::ToSchema;

use crate::bans::BanView;

/// A ban from a live stream's chat.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LiveChatBan {
    /// Always `youtube#liveChatBan`.
    kind: &'static str,
    /// Names it: 24 hexadecimal digits.
    id: String,
    snippet: Snippet,
}

/// What the ban is about.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = LiveChatBanSnippet)]
struct Snippet {
    /// The chat.
    live_chat_id: String,
    /// `permanent` or `temporary`.
    r#type: &'static str,
    /// For how long a temporary ban holds: seconds, as a string, the way Google writes 64-bit numbers.
    #[serde(skip_serializing_if = "Option::is_none")]
    ban_duration_seconds: Option<String>,
    banned_user_details: BannedUser,
}

/// Who is banned.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct BannedUser {
    /// The user's channel.
    channel_id: String,
    /// Where it is.
    channel_url: String,
    /// What the user is called.
    display_name: String,
    /// The user's picture, when there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    profile_image_url: Option<String>,
}

impl LiveChatBan {
    /// The ban as this dialect shows it.
    pub(super) fn of(view: &BanView, live_chat_id: &LiveChatId) -> Self {
        let BanView { ban, target, .. } = view;
        let seconds = ban.expires_at.map(|end| end.seconds_since(ban.created_at).to_string());
        Self {
            kind: "youtube#liveChatBan",
            id: ban.id.to_string(),
            snippet: Snippet {
                live_chat_id: live_chat_id.to_string(),
                r#type: if seconds.is_some() { "temporary" } else { "permanent" },
                ban_duration_seconds: seconds,
                banned_user_details: BannedUser::of(target.as_ref()),
            },
        }
    }
}

impl BannedUser {
    fn of(target: Option<&UserSnapshot>) -> Self {
        let channel_id = target.map(|user| user.channel_id.to_string()).unwrap_or_default();
        Self {
            channel_url: format!("https://www.youtube.com/channel/{channel_id}"),
            channel_id,
            display_name: target.map(display_name).unwrap_or_default(),
            profile_image_url: target
                .and_then(|user| user.profile_photo.as_ref())
                .map(|photo| photo.url.clone()),
        }
    }
}

fn display_name(user: &UserSnapshot) -> String {
    let name = format!("{} {}", user.name, user.surname);
    let name = name.trim();
    if name.is_empty() { user.username.clone() } else { name.to_owned() }
}
