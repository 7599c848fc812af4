//! Who asks.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use events::{Actor, Timestamp};

use crate::{Kind, Problem};

/// A caller whose token is good.
///
/// The edge verifies every request to a route before its handler runs; this only hands over what it
/// found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// Who, with which platform roles.
    pub actor: Actor,
    /// What the token may be used for.
    pub scopes: Scopes,
    /// From when on the token is refused. An answer without an end ends then.
    pub expires: Timestamp,
}

/// What a token may be used for, from its claim `scope`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Scopes {
    youtube: bool,
}

impl Scopes {
    const YOUTUBE: [&'static str; 2] = [
        "https://www.googleapis.com/auth/youtube",
        "https://www.googleapis.com/auth/youtube.force-ssl",
    ];

    /// Reads the claim: scopes separated by spaces.
    pub fn parse(claim: &str) -> Self {
        Self { youtube: claim.split(' ').any(|scope| Self::YOUTUBE.contains(&scope)) }
    }

    /// Whether the YouTube dialect may be spoken with it.
    pub fn allow_youtube(self) -> bool {
        self.youtube
    }
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let caller = parts.extensions.get::<Arc<Caller>>();
        caller.map(|caller| Caller::clone(caller)).ok_or_else(|| Kind::Unauthenticated.into())
    }
}
