//! What an insert takes.

use std::str::FromStr;

use events::ban::BanDuration;
use utoipa::ToSchema;
use web::{Fields, Problem, Reason, YouTubeReason};

use crate::bans::NewChatBan;

/// A ban to be inserted.
#[derive(ToSchema)]
#[schema(as = InsertLiveChatBan)]
#[expect(dead_code, reason = "describes what `parse` reads")]
pub(crate) struct Body {
    snippet: BodySnippet,
}

/// What the ban shall be.
#[derive(ToSchema)]
#[schema(as = InsertLiveChatBanSnippet)]
#[expect(dead_code, reason = "describes what `parse` reads")]
#[serde(rename_all = "camelCase")]
struct BodySnippet {
    /// The chat.
    live_chat_id: String,
    /// `permanent` or `temporary`.
    r#type: String,
    /// For how long a temporary ban holds, 1 to 31,536,000 seconds; a number or a string of digits.
    #[schema(default = "300")]
    ban_duration_seconds: Option<String>,
    banned_user_details: BodyBannedUser,
}

/// Who shall be banned.
#[derive(ToSchema)]
#[schema(as = InsertLiveChatBanUser)]
#[expect(dead_code, reason = "describes what `parse` reads")]
#[serde(rename_all = "camelCase")]
struct BodyBannedUser {
    /// The user's channel.
    channel_id: String,
}

/// Reads a ban to be inserted; every mistake has the name that YouTube gives it.
pub(super) fn parse(body: &[u8]) -> Result<NewChatBan, Problem> {
    let mut fields = Fields::from_json(body)?;
    let mut snippet = fields.nested("snippet");
    let chat = id(&mut snippet, "snippet.liveChatId", "liveChatIdRequired", "invalidLiveChatId");
    let temporary = snippet.required("type", |input| {
        input.one_of(&[true, false], |temporary| if temporary { "temporary" } else { "permanent" })
    });
    let seconds = snippet.optional("banDurationSeconds", |input| match temporary {
        Some(false) => Err(Reason::new("command-duration-of-permanent")),
        Some(true) | None => input.integer_or_digits(1..=BanDuration::MAX_SECONDS),
    });
    let mut user = snippet.nested("bannedUserDetails");
    let path = "snippet.bannedUserDetails.channelId";
    let channel = id(&mut user, path, "bannedUserChannelIdRequired", "invalidChannelId");
    snippet.absorb(user);
    fields.absorb(snippet);

    let ((live_chat_id, channel_id), temporary) =
        fields.complete(chat.zip(channel).zip(temporary))?;
    let duration = seconds.and_then(|seconds| BanDuration::from_seconds(seconds.into()));
    let duration = temporary.then(|| duration.unwrap_or(BanDuration::YOUTUBE_DEFAULT));
    Ok(NewChatBan { live_chat_id, channel_id, duration })
}

/// An id with YouTube's names for an absent or empty one, and for a malformed one.
fn id<T: FromStr>(
    fields: &mut Fields,
    path: &'static str,
    missing: &'static str,
    malformed: &'static str,
) -> Option<T>
where
    Reason: From<T::Err>,
{
    let name = path.rsplit('.').next().unwrap_or(path);
    let absent = || Reason::new("required").youtube(YouTubeReason::live_chat(missing));
    let wrong = |reason: Reason| reason.youtube(YouTubeReason::live_chat(malformed));
    if fields.is_absent(name) {
        fields.refuse(absent().at(path));
        return None;
    }
    fields.optional(name, |input| match input.string() {
        Ok(text) if text.is_empty() => Err(absent()),
        Ok(text) => text.parse().map_err(|error| wrong(Reason::from(error))),
        Err(reason) => Err(wrong(reason)),
    })
}
