//! A key pair of our own, for those who have no issuer of tokens yet.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, TimeDelta, Utc};
use events::{Roles, UserId};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde::Serialize;
use web::TokenConfig;
use web::token::TokenAlgorithm;

use crate::data_dir::{DataDir, DataDirError};

/// `iss` and `aud` of our own tokens, where none are configured.
const NAME: &str = "docket";

/// The private key in the data folder, as PKCS #8.
const PRIVATE_KEY: &str = "token-key.pk8";

/// The public key in the data folder, as PEM; other services verify with it.
const PUBLIC_KEY: &str = "token-key.pub.pem";

/// Both scopes of the YouTube dialect, either of which it asks for.
pub const YOUTUBE_SCOPES: &str =
    "https://www.googleapis.com/auth/youtube https://www.googleapis.com/auth/youtube.force-ssl";

/// Signs tokens with the key in the data folder.
pub struct Issuer {
    key: EncodingKey,
    config: TokenConfig,
    fresh: bool,
}

/// Why no token can be signed.
#[derive(Debug, thiserror::Error)]
pub enum IssuerError {
    /// The key cannot be kept.
    #[error(transparent)]
    DataDir(#[from] DataDirError),
    /// The key cannot be read.
    #[error("cannot read {path}", path = path.display())]
    Unreadable {
        /// Where it is.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// What is in its place is no key.
    #[error("{path} holds no ES256 key: remove it, and a new one is made", path = path.display())]
    NotAKey {
        /// Where it is.
        path: PathBuf,
    },
    /// The cryptography failed, which it does not.
    #[error("cannot make a key")]
    Crypto(#[from] aws_lc_rs::error::Unspecified),
    /// A token could not be put together.
    #[error("cannot sign a token")]
    Sign(#[from] jsonwebtoken::errors::Error),
    /// The key that verifies is configured, so the one that signs is elsewhere.
    #[error("tokens are verified with the key that JWT_* names; only its owner can sign them")]
    SignedElsewhere,
}

/// Whom a token is for, and what it allows.
#[derive(Debug, Clone)]
pub struct Grant<'a> {
    /// The caller.
    pub subject: &'a UserId,
    /// His platform roles.
    pub roles: &'a Roles,
    /// The scopes, space separated.
    pub scope: &'a str,
    /// How long it is good.
    pub lifetime: TimeDelta,
}

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    aud: &'a str,
    sub: &'a UserId,
    roles: &'a Roles,
    scope: &'a str,
    iat: i64,
    exp: i64,
}

impl Issuer {
    /// With the key pair of `data_dir`, made if there is none. `configured` may name issuer and
    /// audience, but no key.
    pub fn open(data_dir: &DataDir, configured: &TokenConfig) -> Result<Self, IssuerError> {
        if configured.has_key() {
            return Err(IssuerError::SignedElsewhere);
        }
        let path = data_dir.file(PRIVATE_KEY);
        let kept = read(&path)?;
        let fresh = kept.is_none();
        let private = match kept {
            Some(private) => private,
            None => make(data_dir)?,
        };
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &private)
            .map_err(|_| IssuerError::NotAKey { path })?;
        let public: PublicKeyX509Der<'_> = pair.public_key().as_der()?;
        let public = data_dir.write_secret(PUBLIC_KEY, pem(public.as_ref()).as_bytes())?;
        let or_ours = |name: &Option<String>| Some(name.clone().unwrap_or_else(|| NAME.to_owned()));
        let config = TokenConfig {
            jwt_algorithm: Some(TokenAlgorithm::Es256),
            jwt_public_key_file: Some(public),
            jwt_issuer: or_ours(&configured.jwt_issuer),
            jwt_audience: or_ours(&configured.jwt_audience),
            ..TokenConfig::default()
        };
        Ok(Self { key: EncodingKey::from_ec_der(&private), config, fresh })
    }

    /// How the tokens are verified.
    pub fn config(&self) -> &TokenConfig {
        &self.config
    }

    /// Whether the key pair was made just now.
    pub fn is_fresh(&self) -> bool {
        self.fresh
    }

    /// A token, good from `now`.
    pub fn sign(&self, grant: &Grant<'_>, now: DateTime<Utc>) -> Result<String, IssuerError> {
        let claims = Claims {
            iss: self.config.jwt_issuer.as_deref().unwrap_or_default(),
            aud: self.config.jwt_audience.as_deref().unwrap_or_default(),
            sub: grant.subject,
            roles: grant.roles,
            scope: grant.scope,
            iat: now.timestamp(),
            exp: (now + grant.lifetime).timestamp(),
        };
        Ok(jsonwebtoken::encode(&Header::new(Algorithm::ES256), &claims, &self.key)?)
    }
}

impl fmt::Debug for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Issuer").field("config", &self.config).finish_non_exhaustive()
    }
}

fn read(path: &Path) -> Result<Option<Vec<u8>>, IssuerError> {
    match fs::read(path) {
        Ok(key) => Ok(Some(key)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(IssuerError::Unreadable { path: path.to_path_buf(), source }),
    }
}

fn make(data_dir: &DataDir) -> Result<Vec<u8>, IssuerError> {
    let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)?;
    let private = pair.to_pkcs8v1()?;
    data_dir.write_secret(PRIVATE_KEY, private.as_ref())?;
    Ok(private.as_ref().to_vec())
}

/// A public key as PEM (RFC 7468), 64 characters to the line.
fn pem(der: &[u8]) -> String {
    let encoded = STANDARD.encode(der);
    let mut pem = "-----BEGIN PUBLIC KEY-----\n".to_owned();
    let mut rest = encoded.as_str();
    while !rest.is_empty() {
        let (line, more) = rest.split_at(rest.len().min(64));
        pem.extend([line, "\n"]);
        rest = more;
    }
    pem.push_str("-----END PUBLIC KEY-----\n");
    pem
}
