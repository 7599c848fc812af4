//! From a token to the caller it speaks for.

use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use events::{Actor, Role, Timestamp, UserId};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde::Deserialize;
use service::SharedClock;
use sha2::{Digest, Sha256};

use super::config::KeySource;
use super::jwks::{Jwks, Source};
use super::keys::{KeySet, from_pem};
use super::{TokenConfig, TokenConfigError};
use crate::{Caller, Scopes};

/// The longest token, in bytes. Real ones have a tenth of that.
const MAX_TOKEN: usize = 8 * 1024;
/// How far the issuer's clock may be from ours, in seconds.
const LEEWAY: f64 = 60.0;
/// The shortest HS256 secret, in bytes: as long as the hash (RFC 7518 §3.2).
const MIN_SECRET: usize = 32;

/// Why a token is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Longer than any real token.
    #[error("longer than {MAX_TOKEN} bytes")]
    TooLong,
    /// No key of ours has the name that it gives.
    #[error("signed with an unknown key")]
    UnknownKey,
    /// It demands extensions to be understood, and we know none.
    #[error("has critical extensions")]
    Critical,
    /// Its time is over.
    #[error("expired")]
    Expired,
    /// Its time has not come.
    #[error("not valid yet")]
    Immature,
    /// Its subject can be no user.
    #[error("its subject is no user id")]
    Subject,
    /// Malformed, signed by somebody else, or meant for somebody else.
    #[error("refused")]
    Refused(#[from] jsonwebtoken::errors::Error),
}

/// Verifies tokens.
///
/// A verified token is remembered by its hash until its key set changes: its times are checked every
/// time, its signature once.
pub struct Verifier {
    keys: Keys,
    validation: Validation,
    clock: SharedClock,
}

enum Keys {
    Fixed(Arc<KeySet>),
    Changing(Arc<Jwks>),
}

/// What a token says, its signature aside.
pub(super) struct Verified {
    caller: Arc<Caller>,
    expires: f64,
    not_before: Option<f64>,
}

#[derive(Deserialize)]
struct Claims {
    sub: String,
    exp: f64,
    nbf: Option<f64>,
    #[serde(default)]
    roles: Vec<String>,
    #[serde(default)]
    scope: String,
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verifier")
            .field("algorithms", &self.validation.algorithms)
            .finish_non_exhaustive()
    }
}

impl Verifier {
    /// A verifier as configured; reads the key, or fetches the key set.
    pub async fn from_config(
        config: &TokenConfig,
        clock: SharedClock,
    ) -> Result<Self, TokenConfigError> {
        let (variable, source) = config.source()?;
        let algorithm = config.algorithm(variable, &source)?.into();
        let validation = validation(config, algorithm)?;
        let jwks = |error| TokenConfigError::Jwks(variable, error);
        let keys = match source {
            KeySource::Secret(secret) if secret.as_bytes().len() < MIN_SECRET => {
                return Err(TokenConfigError::WeakSecret(variable));
            }
            KeySource::Secret(secret) => Keys::fixed(DecodingKey::from_secret(secret.as_bytes())),
            KeySource::PublicKey(pem) => {
                let key = from_pem(&pem, algorithm).ok_or(TokenConfigError::NotAKey(variable))?;
                Keys::fixed(key)
            }
            KeySource::JwksFile(file) => {
                Keys::changing(Source::File(file), algorithm, &clock).await.map_err(jwks)?
            }
            KeySource::JwksUrl(url) => {
                let source = Source::url(url).map_err(jwks)?;
                Keys::changing(source, algorithm, &clock).await.map_err(jwks)?
            }
        };
        Ok(Self { keys, validation, clock })
    }

    /// Whom the token speaks for.
    pub async fn verify(&self, token: &str) -> Result<Arc<Caller>, TokenError> {
        if token.len() > MAX_TOKEN {
            return Err(TokenError::TooLong);
        }
        let id = Sha256::digest(token).into();
        let keys = self.keys.current();
        if let Some(known) = keys.verified.get(&id) {
            return self.in_time(&known);
        }
        let (keys, verified) = self.check(keys, token).await?;
        let caller = self.in_time(&verified);
        keys.verified.insert(id, Arc::new(verified));
        caller
    }

    async fn check(
        &self,
        keys: Arc<KeySet>,
        token: &str,
    ) -> Result<(Arc<KeySet>, Verified), TokenError> {
        let header = decode_header(token)?;
        if header.crit.is_some() {
            return Err(TokenError::Critical);
        }
        let name = header.kid.as_deref();
        let keys = self.keys.knowing(keys, name).await;
        let key = self.keys.find(&keys, name).ok_or(TokenError::UnknownKey)?;
        let verified = decode::<Claims>(token, key, &self.validation)?.claims.try_into()?;
        Ok((keys, verified))
    }

    fn in_time(&self, verified: &Verified) -> Result<Arc<Caller>, TokenError> {
        #[expect(clippy::cast_precision_loss, reason = "exact for the next 285,000 years")]
        let now = self.clock.now().timestamp_millis() as f64 / 1000.0;
        if verified.expires + LEEWAY <= now {
            return Err(TokenError::Expired);
        }
        if verified.not_before.is_some_and(|start| start - LEEWAY > now) {
            return Err(TokenError::Immature);
        }
        Ok(Arc::clone(&verified.caller))
    }
}

fn validation(config: &TokenConfig, algorithm: Algorithm) -> Result<Validation, TokenConfigError> {
    let set = |value: &Option<String>| value.clone().filter(|value| !value.is_empty());
    let issuer = set(&config.jwt_issuer)
        .ok_or(TokenConfigError::Missing("JWT_ISSUER", "what a token's iss must be"))?;
    let audience = set(&config.jwt_audience)
        .ok_or(TokenConfigError::Missing("JWT_AUDIENCE", "what a token's aud must hold"))?;
    let mut validation = Validation::new(algorithm);
    validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    validation.set_issuer(&[issuer]);
    validation.set_audience(&[audience]);
    // Times are compared with our own clock.
    validation.validate_exp = false;
    validation.validate_nbf = false;
    Ok(validation)
}

impl Keys {
    fn fixed(key: DecodingKey) -> Self {
        Self::Fixed(Arc::new(KeySet::one(key)))
    }

    async fn changing(
        source: Source,
        algorithm: Algorithm,
        clock: &SharedClock,
    ) -> Result<Self, super::JwksError> {
        let jwks = Jwks::load(source, algorithm, Arc::clone(clock)).await?;
        Ok(Self::Changing(Arc::new(jwks)))
    }

    fn current(&self) -> Arc<KeySet> {
        match self {
            Self::Fixed(keys) => Arc::clone(keys),
            Self::Changing(jwks) => jwks.keys(),
        }
    }

    /// `keys`, or newer ones when they lack this name.
    async fn knowing(&self, keys: Arc<KeySet>, name: Option<&str>) -> Arc<KeySet> {
        match self {
            Self::Changing(jwks) if keys.find(name).is_none() => jwks.refreshed().await,
            Self::Fixed(_) | Self::Changing(_) => keys,
        }
    }

    fn find<'a>(&self, keys: &'a KeySet, name: Option<&str>) -> Option<&'a DecodingKey> {
        match self {
            Self::Fixed(_) => keys.only(),
            Self::Changing(_) => keys.find(name),
        }
    }
}

impl TryFrom<Claims> for Verified {
    type Error = TokenError;

    fn try_from(claims: Claims) -> Result<Self, TokenError> {
        let id: UserId = claims.sub.parse().map_err(|_| TokenError::Subject)?;
        let roles = claims.roles.iter().filter_map(|name| Role::parse(name)).collect();
        let scopes = Scopes::parse(&claims.scope);
        let expires = instant(claims.exp + LEEWAY);
        let caller = Arc::new(Caller { actor: Actor { id, roles }, scopes, expires });
        Ok(Self { caller, expires: claims.exp, not_before: claims.nbf })
    }
}

/// So many seconds after 1970; the end of time when it lies beyond it.
fn instant(seconds: f64) -> Timestamp {
    #[expect(clippy::cast_possible_truncation, reason = "what is too large is cut to the largest")]
    let milliseconds = (seconds * 1000.0).ceil() as i64;
    DateTime::from_timestamp_millis(milliseconds).unwrap_or(DateTime::<Utc>::MAX_UTC).into()
}
