//! Bearer tokens: signed JWTs (RFC 7519) that say who calls.
//!
//! The algorithm is fixed by configuration and never taken from a token, so a token can neither
//! choose `none` nor have a public key taken for an HMAC secret. A token's `kid` is only ever compared
//! with the names of keys that we hold.

mod config;
mod jwks;
mod keys;
mod verifier;

pub use config::{Secret, TokenAlgorithm, TokenConfig, TokenConfigError};
pub use jwks::JwksError;
pub use verifier::{TokenError, Verifier};
