//! Identities. The platform mints the ids of users and live streams; ours name their event stream.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Why a text is no id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// A platform id has 1 to 128 characters of `[A-Za-z0-9_.=-]`.
    #[error("must be 1 to 128 characters of A-Z a-z 0-9 _ . = -")]
    NotAPlatformId,
    /// A ban or report id has 24 lower-case hex digits.
    #[error("must be 24 lower-case hexadecimal digits")]
    NotAnObjectId,
}

/// The longest id that a platform may mint, in characters (contract §1).
pub const MAX_PLATFORM_ID: usize = 128;

/// What a platform id may hold beside letters and digits. The hyphen is last, so that the same text
/// stands in a regular expression's brackets.
const PUNCTUATION: &str = "_.=-";

fn is_platform_id(text: &str) -> bool {
    (1..=MAX_PLATFORM_ID).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || PUNCTUATION.as_bytes().contains(&b))
}

fn platform_id_pattern() -> String {
    format!("^[A-Za-z0-9{PUNCTUATION}]{{1,{MAX_PLATFORM_ID}}}$")
}

macro_rules! platform_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[derive(Serialize, Deserialize, JsonSchema)]
        #[serde(into = "String", try_from = "String")]
        #[schemars(extend("pattern" = platform_id_pattern()))]
        pub struct $name(String);

        impl $name {
            /// The id as the platform wrote it.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::try_from(text.to_owned())
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                if is_platform_id(&text) { Ok(Self(text)) } else { Err(IdError::NotAPlatformId) }
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

platform_id! {
    /// A user, as the platform names them.
    UserId
}
platform_id! {
    /// A user, as the YouTube dialect names them; equals the user id when the platform gives none.
    ChannelId
}
platform_id! {
    /// A live stream, as the platform names it.
    LiveStreamId
}
platform_id! {
    /// A live stream's chat, as the YouTube dialect names it; equals the stream id when none is given.
    LiveChatId
}

impl From<UserId> for ChannelId {
    fn from(id: UserId) -> Self {
        Self(id.0)
    }
}

impl From<LiveStreamId> for LiveChatId {
    fn from(id: LiveStreamId) -> Self {
        Self(id.0)
    }
}

/// Bytes of a [`StreamKey`].
const KEY: usize = 10;
/// Bytes of a ban's or report's id: the key of its event stream, and its number there.
const ID: usize = KEY + size_of::<u16>();

/// The ten bytes that name an event stream: the start of `SHA-256(kind NUL liveStreamId NUL userId)`.
pub type StreamKey = [u8; KEY];

/// So many bytes in lower-case hexadecimal digits.
fn hex_pattern(prefix: &str, bytes: usize) -> String {
    format!("^{prefix}[0-9a-f]{{{}}}$", 2 * bytes)
}

fn stream_key(kind: &str, live_stream: &LiveStreamId, user: &UserId) -> StreamKey {
    let mut hash = Sha256::new();
    for (nth, part) in [kind, live_stream.as_str(), user.as_str()].into_iter().enumerate() {
        if nth > 0 {
            hash.update([0]);
        }
        hash.update(part);
    }
    let digest = hash.finalize();
    std::array::from_fn(|i| digest[i])
}

macro_rules! object_id {
    ($(#[$doc:meta])* $name:ident, $kind:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[derive(Serialize, Deserialize, JsonSchema)]
        #[serde(into = "String", try_from = "String")]
        #[schemars(extend("pattern" = hex_pattern("", ID)))]
        pub struct $name([u8; ID]);

        impl $name {
            /// The first id for this user on this live stream.
            pub fn first(live_stream: &LiveStreamId, user: &UserId) -> Self {
                Self::of(Self::key(live_stream, user), 1)
            }

            /// The next id on the same event stream; `None` after the 65,535th.
            pub fn next(self) -> Option<Self> {
                self.ordinal().checked_add(1).map(|ordinal| Self::of(self.stream_key(), ordinal))
            }

            /// What names the event stream of this user on this live stream.
            pub fn key(live_stream: &LiveStreamId, user: &UserId) -> StreamKey {
                stream_key($kind, live_stream, user)
            }

            /// The id with this stream key and ordinal.
            pub fn of(key: StreamKey, ordinal: u16) -> Self {
                let mut bytes = [0; ID];
                bytes[..KEY].copy_from_slice(&key);
                bytes[KEY..].copy_from_slice(&ordinal.to_be_bytes());
                Self(bytes)
            }

            /// The how-manieth on its event stream, from 1.
            pub fn ordinal(self) -> u16 {
                u16::from_be_bytes([self.0[KEY], self.0[KEY + 1]])
            }

            /// The part of the id that names its event stream.
            pub fn stream_key(self) -> StreamKey {
                std::array::from_fn(|i| self.0[i])
            }

            /// The name of the event stream that holds it.
            pub fn stream(self) -> String {
                format!(concat!($kind, "-{}"), hex::encode(self.stream_key()))
            }

            /// What the names of such event streams match.
            pub fn stream_pattern() -> String {
                hex_pattern(concat!($kind, "-"), KEY)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                let mut bytes = [0; ID];
                let lower = !text.bytes().any(|b| b.is_ascii_uppercase());
                match hex::decode_to_slice(text, &mut bytes) {
                    Ok(()) if lower => Ok(Self(bytes)),
                    Ok(()) | Err(_) => Err(IdError::NotAnObjectId),
                }
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.to_string()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&hex::encode(self.0))
            }
        }
    };
}

object_id! {
    /// A ban: 24 hex digits that name the event stream of one user's bans on one live stream, and
    /// which of them it is.
    BanId, "ban"
}
object_id! {
    /// A report: 24 hex digits that name the event stream of one reporter's reports of one live
    /// stream, and which of them it is.
    ReportId, "report"
}
