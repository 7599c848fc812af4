//! Which tokens are good.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use clap::{Args, ValueEnum};
use jsonwebtoken::Algorithm;

use super::JwksError;

/// Which tokens are good: one key or set of keys, one algorithm, one issuer, one audience.
#[derive(Debug, Clone, Default, Args)]
pub struct TokenConfig {
    /// The one algorithm that tokens are signed with. `JWT_ALGORITHM`; HS256 with a secret, no default
    /// otherwise.
    #[arg(long, env = "JWT_ALGORITHM", value_enum, ignore_case = true, value_name = "NAME")]
    pub jwt_algorithm: Option<TokenAlgorithm>,
    /// The secret of HS256, at least 32 bytes. `JWT_SECRET`, no default.
    #[arg(long, env = "JWT_SECRET", hide_env_values = true, value_name = "TEXT")]
    pub jwt_secret: Option<Secret>,
    /// A file that holds the secret of HS256. `JWT_SECRET_FILE`, no default.
    #[arg(long, env = "JWT_SECRET_FILE", value_name = "FILE")]
    pub jwt_secret_file: Option<PathBuf>,
    /// The public key as PEM. `JWT_PUBLIC_KEY`, no default.
    #[arg(long, env = "JWT_PUBLIC_KEY", value_name = "PEM")]
    pub jwt_public_key: Option<String>,
    /// A file that holds the public key as PEM. `JWT_PUBLIC_KEY_FILE`, no default.
    #[arg(long, env = "JWT_PUBLIC_KEY_FILE", value_name = "FILE")]
    pub jwt_public_key_file: Option<PathBuf>,
    /// A file that holds a JSON Web Key Set; read again for an unknown key. `JWT_JWKS_FILE`, no
    /// default.
    #[arg(long, env = "JWT_JWKS_FILE", value_name = "FILE")]
    pub jwt_jwks_file: Option<PathBuf>,
    /// Where a JSON Web Key Set is served; asked again for an unknown key. `JWT_JWKS_URL`, no default.
    #[arg(long, env = "JWT_JWKS_URL", value_name = "URL")]
    pub jwt_jwks_url: Option<String>,
    /// What a token's `iss` must be. `JWT_ISSUER`, required.
    #[arg(long, env = "JWT_ISSUER", value_name = "NAME")]
    pub jwt_issuer: Option<String>,
    /// What a token's `aud` must be or hold. `JWT_AUDIENCE`, required.
    #[arg(long, env = "JWT_AUDIENCE", value_name = "NAME")]
    pub jwt_audience: Option<String>,
}

/// An algorithm that tokens may be signed with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum TokenAlgorithm {
    /// HMAC with SHA-256.
    #[value(name = "HS256")]
    Hs256,
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    #[value(name = "RS256")]
    Rs256,
    /// ECDSA on P-256 with SHA-256.
    #[value(name = "ES256")]
    Es256,
    /// Ed25519.
    #[value(name = "EdDSA")]
    EdDsa,
}

impl From<TokenAlgorithm> for Algorithm {
    fn from(algorithm: TokenAlgorithm) -> Self {
        match algorithm {
            TokenAlgorithm::Hs256 => Self::HS256,
            TokenAlgorithm::Rs256 => Self::RS256,
            TokenAlgorithm::Es256 => Self::ES256,
            TokenAlgorithm::EdDsa => Self::EdDSA,
        }
    }
}

/// A secret: no log and no message ever shows it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    pub(super) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl From<String> for Secret {
    fn from(secret: String) -> Self {
        Self(secret)
    }
}

impl FromStr for Secret {
    type Err = std::convert::Infallible;

    fn from_str(secret: &str) -> Result<Self, Self::Err> {
        Ok(Self(secret.to_owned()))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

/// Why no token can be verified: each in one line that says what to do.
#[derive(Debug, thiserror::Error)]
pub enum TokenConfigError {
    /// Nothing to verify tokens with.
    #[error(
        "no key to verify tokens with: set one of JWT_SECRET, JWT_SECRET_FILE, JWT_PUBLIC_KEY, \
         JWT_PUBLIC_KEY_FILE, JWT_JWKS_FILE and JWT_JWKS_URL"
    )]
    NoKey,
    /// Which of them counts would be a guess.
    #[error("{0} and {1} are both set: set one of them")]
    SeveralKeys(&'static str, &'static str),
    /// Needed, and absent.
    #[error("{0} is not set: {1}")]
    Missing(&'static str, &'static str),
    /// The algorithm does not go with the key.
    #[error("JWT_ALGORITHM does not go with {0}: {1}")]
    WrongAlgorithm(&'static str, &'static str),
    /// Short secrets are guessed.
    #[error("the secret in {0} is shorter than 32 bytes: make one with `openssl rand -base64 48`")]
    WeakSecret(&'static str),
    /// The file cannot be read.
    #[error("{0} names {1}, which cannot be read: {2}")]
    File(&'static str, PathBuf, #[source] io::Error),
    /// What should be a key is none, or is of another sort than the algorithm needs.
    #[error("{0} holds no public key in PEM that fits JWT_ALGORITHM")]
    NotAKey(&'static str),
    /// The key set cannot be had.
    #[error("{0}: {1}")]
    Jwks(&'static str, #[source] JwksError),
}

/// Where the key comes from, with the variable that says so.
#[derive(Debug)]
pub(super) enum KeySource {
    Secret(Secret),
    PublicKey(String),
    JwksFile(PathBuf),
    JwksUrl(String),
}

impl TokenConfig {
    /// Whether any key is configured.
    pub fn has_key(&self) -> bool {
        self.set_variables().next().is_some()
    }

    fn set_variables(&self) -> impl Iterator<Item = &'static str> {
        let set = [
            ("JWT_SECRET", self.jwt_secret.is_some()),
            ("JWT_SECRET_FILE", self.jwt_secret_file.is_some()),
            ("JWT_PUBLIC_KEY", self.jwt_public_key.is_some()),
            ("JWT_PUBLIC_KEY_FILE", self.jwt_public_key_file.is_some()),
            ("JWT_JWKS_FILE", self.jwt_jwks_file.is_some()),
            ("JWT_JWKS_URL", self.jwt_jwks_url.is_some()),
        ];
        set.into_iter().filter_map(|(name, set)| set.then_some(name))
    }

    /// The one key source that is configured, and the variable that names it.
    pub(super) fn source(&self) -> Result<(&'static str, KeySource), TokenConfigError> {
        let mut variables = self.set_variables();
        let variable = variables.next().ok_or(TokenConfigError::NoKey)?;
        if let Some(second) = variables.next() {
            return Err(TokenConfigError::SeveralKeys(variable, second));
        }
        let source = if let Some(secret) = &self.jwt_secret {
            KeySource::Secret(secret.clone())
        } else if let Some(file) = &self.jwt_secret_file {
            KeySource::Secret(Secret(read(variable, file)?.trim_end().to_owned()))
        } else if let Some(key) = &self.jwt_public_key {
            KeySource::PublicKey(key.clone())
        } else if let Some(file) = &self.jwt_public_key_file {
            KeySource::PublicKey(read(variable, file)?)
        } else if let Some(file) = &self.jwt_jwks_file {
            KeySource::JwksFile(file.clone())
        } else {
            KeySource::JwksUrl(self.jwt_jwks_url.clone().unwrap_or_default())
        };
        Ok((variable, source))
    }

    /// The one algorithm for this source.
    pub(super) fn algorithm(
        &self,
        variable: &'static str,
        source: &KeySource,
    ) -> Result<TokenAlgorithm, TokenConfigError> {
        let symmetric = matches!(source, KeySource::Secret(_));
        match self.jwt_algorithm {
            None | Some(TokenAlgorithm::Hs256) if symmetric => Ok(TokenAlgorithm::Hs256),
            None => Err(TokenConfigError::Missing("JWT_ALGORITHM", "RS256, ES256 or EdDSA")),
            Some(_) if symmetric => {
                Err(TokenConfigError::WrongAlgorithm(variable, "a secret means HS256"))
            }
            Some(TokenAlgorithm::Hs256) => {
                Err(TokenConfigError::WrongAlgorithm(variable, "HS256 needs a secret"))
            }
            Some(algorithm) => Ok(algorithm),
        }
    }
}

fn read(variable: &'static str, file: &Path) -> Result<String, TokenConfigError> {
    let refused = |error| TokenConfigError::File(variable, file.to_owned(), error);
    fs::read_to_string(file).map_err(refused)
}
