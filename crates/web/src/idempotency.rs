//! Headers of commands and queries that services read for themselves.

use std::convert::Infallible;

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::http::request::Parts;

use crate::client::single;
use crate::{Problem, Reason, YouTubeReason};

/// `Idempotency-Key`: the same key with the same request is the same command. Taken as
/// `Option<IdempotencyKey>`; 400 when it is malformed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    const HEADER: &'static str = "Idempotency-Key";

    /// The key as the caller made it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<S: Sync> OptionalFromRequestParts<S> for IdempotencyKey {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Problem> {
        let malformed = || {
            let youtube = YouTubeReason::global("invalidHeader").header(Self::HEADER);
            Reason::new("idempotency-key-malformed").at(Self::HEADER).youtube(youtube)
        };
        let Some(key) = single(&parts.headers, Self::HEADER).map_err(|_| malformed())? else {
            return Ok(None);
        };
        let printable = key.bytes().all(|b| b.is_ascii_graphic() || b == b' ');
        let fits = printable && (1..=255).contains(&key.len());
        if fits { Ok(Some(Self(key.to_owned()))) } else { Err(malformed().into()) }
    }
}

/// `Last-Event-ID`, as it came: whoever streams events knows what it means. What cannot be read as one text came as
/// the empty one, which no event is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastEventId(pub Option<String>);

impl LastEventId {
    /// The header's name, for the reason why it is refused.
    pub const HEADER: &'static str = "Last-Event-ID";
}

impl<S: Sync> FromRequestParts<S> for LastEventId {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let value = single(&parts.headers, Self::HEADER).unwrap_or(Some(""));
        Ok(Self(value.map(ToOwned::to_owned)))
    }
}

/// `X-Min-Position`, as it came: the log of the service knows what it means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MinPosition(pub Option<String>);

impl MinPosition {
    /// The header's name, for the reason why it is refused.
    pub const HEADER: &'static str = "X-Min-Position";

    /// Why a position that no log gave is refused.
    pub fn malformed() -> Reason {
        let youtube = YouTubeReason::global("invalidHeader").header(Self::HEADER);
        Reason::new("not-a-position").at(Self::HEADER).youtube(youtube)
    }
}

impl<S: Sync> FromRequestParts<S> for MinPosition {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let value = single(&parts.headers, Self::HEADER).map_err(|_| Self::malformed())?;
        Ok(Self(value.map(ToOwned::to_owned)))
    }
}
