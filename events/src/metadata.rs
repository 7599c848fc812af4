//! Who caused an event, when, and from where.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ulid::Ulid;

use crate::personal::{PersonalField, Sealed};
use crate::{Roles, Timestamp, UserId, schema};

/// What is stored beside every event's data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Metadata {
    /// Who caused it; nobody, `null`, when Docket itself did, as with a ban that ran out.
    pub actor: Option<UserId>,
    /// The actor's platform roles at that moment.
    #[serde(default)]
    pub roles: Roles,
    /// The API through which it came.
    pub dialect: Dialect,
    /// `X-Platform`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub platform: Option<Platform>,
    /// `X-App-Version`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub app_version: Option<String>,
    /// `X-Device-ID`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device_id: Option<String>,
    /// `X-Timezone`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timezone: Option<String>,
    /// `User-Agent`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_agent: Option<String>,
    /// The client's address, past trusted proxies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::address")]
    pub client_ip: Option<IpAddr>,
    /// What all events of one request share.
    pub correlation_id: CorrelationId,
    /// The event that led to this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::ulid")]
    pub causation_id: Option<Ulid>,
    /// The command that led to this event; all events of one decision share it.
    #[schemars(schema_with = "schema::ulid")]
    pub command_id: Ulid,
    /// When it was decided.
    pub occurred_at: Timestamp,
    /// What the request asked, hashed, when it came with an `Idempotency-Key`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_fingerprint: Option<String>,
    /// Personal texts of the event and of this metadata, each sealed with a key of the person it is about.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(skip)]
    pub sealed: BTreeMap<PersonalField, Sealed>,
}

/// The API through which a command came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Dialect {
    /// The Allmine live-stream API.
    Allmine,
    /// YouTube's `liveChatBans`.
    Youtube,
    /// None: Docket's own process manager.
    System,
}

/// The client program's kind, from `X-Platform`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Platform {
    /// A browser.
    #[default]
    Web,
    /// An app on iOS.
    MobileIos,
    /// An app on Android.
    MobileAndroid,
    /// The platform's own administration.
    Admin,
    /// A program.
    Api,
    /// The client does not know.
    Unknown,
    /// Any of them.
    All,
}

impl Platform {
    /// Every platform.
    pub const ALL: [Self; 7] = [
        Self::Web,
        Self::MobileIos,
        Self::MobileAndroid,
        Self::Admin,
        Self::Api,
        Self::Unknown,
        Self::All,
    ];

    /// The name in the header.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Web => "web",
            Self::MobileIos => "mobile_ios",
            Self::MobileAndroid => "mobile_android",
            Self::Admin => "admin",
            Self::Api => "api",
            Self::Unknown => "unknown",
            Self::All => "all",
        }
    }

    /// The name in an answer's `metadata.platform` (contract §3).
    pub fn shown(self) -> &'static str {
        match self {
            Self::MobileIos => "ios",
            Self::MobileAndroid => "android",
            Self::Web | Self::Admin | Self::Api | Self::Unknown | Self::All => self.as_str(),
        }
    }
}

/// What ties together all that one request caused: a ULID of ours, or the caller's `X-Request-ID`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(into = "String", try_from = "String")]
#[schemars(extend("pattern" = format!("^[!-~]{{1,{}}}$", Self::MAX)))]
pub struct CorrelationId(String);

/// The text is no correlation id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be 1 to 128 visible ASCII characters")]
pub struct CorrelationIdError;

impl CorrelationId {
    /// The longest, in characters.
    pub const MAX: usize = 128;

    /// The id as it goes over the wire.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<Ulid> for CorrelationId {
    fn from(id: Ulid) -> Self {
        Self(id.to_string())
    }
}

impl FromStr for CorrelationId {
    type Err = CorrelationIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::try_from(text.to_owned())
    }
}

impl TryFrom<String> for CorrelationId {
    type Error = CorrelationIdError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let fits =
            (1..=Self::MAX).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
        if fits { Ok(Self(text)) } else { Err(CorrelationIdError) }
    }
}

impl From<CorrelationId> for String {
    fn from(id: CorrelationId) -> Self {
        id.0
    }
}
