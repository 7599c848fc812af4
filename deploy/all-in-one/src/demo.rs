//! A little world to moderate: users, live streams, and tokens of those who play in it.

mod links;
mod world;

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use command_api::Directory;
use command_api::directory::DirectoryError;
use events::time::TimestampError;
use events::{IdError, Role, Roles, UserId};
use query_api::dashboard::Guests;
use serde::Serialize;

use links::Links;

use crate::data_dir::{DataDir, DataDirError};
use crate::tokens::{Grant, Issuer, IssuerError, YOUTUBE_SCOPES};

/// The file in the data folder that scripts read.
pub const FILE: &str = "demo.json";

/// How many hours the tokens are good; each start makes new ones.
pub const TOKEN_HOURS: i64 = 24;

/// Why the demonstration could not be prepared.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// The database cannot be reached.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
    /// The directory did not take the snapshots.
    #[error(transparent)]
    Directory(#[from] DirectoryError),
    /// A token could not be signed.
    #[error(transparent)]
    Issuer(#[from] IssuerError),
    /// `demo.json` cannot be written.
    #[error(transparent)]
    DataDir(#[from] DataDirError),
    /// An id of the demonstration is none.
    #[error("the demonstration's own ids are wrong")]
    Id(#[from] IdError),
    /// A time of the demonstration is none.
    #[error("the demonstration's own times are wrong")]
    Time(#[from] TimestampError),
    /// The system gives no random bytes.
    #[error("there are no random bytes")]
    NoRandomness,
    /// It could not be written as JSON.
    #[error("demo.json cannot be put together")]
    Json(#[from] serde_json::Error),
}

/// What a script needs to play with one of the demonstration's live streams.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Demo {
    /// Where the API is.
    pub base_url: String,
    /// Where the metrics are.
    pub metrics_url: String,
    /// Bearer tokens, good for [`TOKEN_HOURS`].
    pub tokens: Tokens,
    /// Links that sign in to the dashboard, by the part that is played; good until docket ends.
    pub dashboard: BTreeMap<&'static str, String>,
    /// Who follows them.
    #[serde(skip)]
    guests: Guests,
    /// The live stream.
    pub live_stream_id: &'static str,
    /// Its chat.
    pub live_chat_id: &'static str,
    /// Somebody who watches it.
    pub viewer_id: &'static str,
    /// His channel.
    pub viewer_channel_id: &'static str,
    /// Who runs it.
    pub creator_id: &'static str,
    /// His channel.
    pub creator_channel_id: &'static str,
    /// Who moderates it.
    pub stream_moderator_id: &'static str,
}

/// A token for each part that can be played.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "each is the token of the part that it is named after")]
pub struct Tokens {
    pub creator: String,
    pub stream_moderator: String,
    pub viewer: String,
    pub platform_moderator: String,
    pub admin: String,
    pub auditor: String,
    pub service: String,
}

/// Tells the directory of everyone and everything in the demonstration, in the database at `url`. What
/// it knows of later than that stays.
pub async fn seed(url: &str) -> Result<(), DemoError> {
    let pool = command_api::connect(url, 1)?;
    let directory = Directory::connect(pool.clone());
    directory.put_users(&world::users()?).await?;
    for live_stream in world::live_streams()? {
        directory.put_live_stream(&live_stream).await?;
    }
    pool.close().await;
    Ok(())
}

impl Demo {
    /// With tokens that are good from `now`, for the services at these addresses.
    pub fn new(
        base_url: String,
        metrics_url: String,
        issuer: &Issuer,
        now: DateTime<Utc>,
    ) -> Result<Self, DemoError> {
        let token = |subject: &str, roles: &[Role]| -> Result<String, DemoError> {
            let grant = Grant {
                subject: &subject.parse::<UserId>()?,
                roles: &roles.iter().copied().collect::<Roles>(),
                scope: YOUTUBE_SCOPES,
                lifetime: TimeDelta::hours(TOKEN_HOURS),
            };
            Ok(issuer.sign(&grant, now)?)
        };
        let tokens = Tokens {
            creator: token(world::CREATOR, &[])?,
            stream_moderator: token(world::MODERATOR, &[])?,
            viewer: token(world::VIEWER, &[])?,
            platform_moderator: token(world::PLATFORM_MODERATOR, &[Role::Moderator])?,
            admin: token(world::ADMIN, &[Role::Admin])?,
            auditor: token(world::AUDITOR, &[Role::Auditor])?,
            service: token(world::SERVICE, &[Role::Service])?,
        };
        let links = Links::new(&base_url, &tokens).map_err(|_| DemoError::NoRandomness)?;
        Ok(Self {
            guests: links.guests(),
            dashboard: links.urls,
            base_url,
            metrics_url,
            tokens,
            live_stream_id: world::LIVE_STREAM,
            live_chat_id: world::LIVE_CHAT,
            viewer_id: world::VIEWER,
            viewer_channel_id: world::VIEWER_CHANNEL,
            creator_id: world::CREATOR,
            creator_channel_id: world::CREATOR_CHANNEL,
            stream_moderator_id: world::MODERATOR,
        })
    }

    /// Who may sign in to the dashboard by a link.
    pub fn guests(&self) -> Guests {
        self.guests.clone()
    }

    /// Writes it where scripts look for it, for its owner's eyes only.
    pub fn write(&self, data_dir: &DataDir) -> Result<(), DemoError> {
        data_dir.write_secret(FILE, &serde_json::to_vec_pretty(self)?)?;
        Ok(())
    }

    /// A command line that bans a viewer in the Allmine dialect, for ten minutes.
    pub fn allmine_curl(&self) -> String {
        let body = format!(
            r#"{{"targetUserId":"{}","liveStreamId":"{}","reason":"Spam in the chat","durationSeconds":600}}"#,
            world::SPAMMER,
            self.live_stream_id
        );
        self.curl("/api/v1/live-stream-ban", &body)
    }

    /// A command line that bans another viewer in the YouTube dialect, for five minutes. Pasted again,
    /// the new ban takes the place of the old one.
    pub fn youtube_curl(&self) -> String {
        let body = format!(
            r#"{{"snippet":{{"liveChatId":"{}","type":"temporary","banDurationSeconds":"300","bannedUserDetails":{{"channelId":"{}"}}}}}}"#,
            self.live_chat_id,
            world::HECKLER_CHANNEL
        );
        self.curl("/youtube/v3/liveChat/bans?part=id,snippet", &body)
    }

    fn curl(&self, path: &str, body: &str) -> String {
        format!(
            "curl -sS -H 'Authorization: Bearer {}' -H 'Content-Type: application/json' -d '{body}' \
             '{}{path}'",
            self.tokens.creator, self.base_url
        )
    }
}
