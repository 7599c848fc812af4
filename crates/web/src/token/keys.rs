//! The keys that tokens are verified with.

use std::sync::Arc;

use jsonwebtoken::jwk::{Jwk, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey, DecodingKeyKind};
use quick_cache::sync::Cache;
use serde::Deserialize;
use serde_json::Value;

use super::verifier::Verified;

/// How many verified tokens are remembered, at about 300 bytes each.
const REMEMBERED: usize = 10_000;

/// Keys, and the tokens that they have verified. Other keys come as another set, so nothing that a
/// withdrawn key has signed is remembered.
pub(super) struct KeySet {
    keys: Vec<NamedKey>,
    /// By the SHA-256 of the token.
    pub(super) verified: Cache<[u8; 32], Arc<Verified>>,
}

struct NamedKey {
    name: Option<String>,
    key: DecodingKey,
}

#[derive(Deserialize)]
struct RawSet {
    keys: Vec<Value>,
}

impl KeySet {
    fn new(keys: Vec<NamedKey>) -> Self {
        Self { keys, verified: Cache::new(REMEMBERED) }
    }

    /// One key, whatever a token calls it.
    pub(super) fn one(key: DecodingKey) -> Self {
        Self::new(vec![NamedKey { name: None, key }])
    }

    /// The keys of a JSON Web Key Set that are good for `algorithm`; others are passed over, as the
    /// set may serve other programs too. `None` when it is no key set.
    pub(super) fn from_jwks(json: &[u8], algorithm: Algorithm) -> Option<Self> {
        let set: RawSet = serde_json::from_slice(json).ok()?;
        let jwks = set.keys.into_iter().filter_map(|key| serde_json::from_value(key).ok());
        Some(Self::new(jwks.filter_map(|jwk| named_key(&jwk, algorithm)).collect()))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// The only key, whatever a token calls it.
    pub(super) fn only(&self) -> Option<&DecodingKey> {
        match &self.keys[..] {
            [only] => Some(&only.key),
            _ => None,
        }
    }

    /// The key of this name; without a name, the only key.
    pub(super) fn find(&self, name: Option<&str>) -> Option<&DecodingKey> {
        let Some(name) = name else { return self.only() };
        let found = self.keys.iter().find(|key| key.name.as_deref() == Some(name));
        found.map(|key| &key.key)
    }
}

fn named_key(jwk: &Jwk, algorithm: Algorithm) -> Option<NamedKey> {
    let common = &jwk.common;
    let signs = matches!(common.public_key_use, None | Some(PublicKeyUse::Signature));
    let named = common.key_algorithm.is_none_or(|named| named.to_string().parse() == Ok(algorithm));
    let key = DecodingKey::from_jwk(jwk).ok()?;
    let name = common.key_id.clone();
    (signs && named && fits(&key, algorithm)).then_some(NamedKey { name, key })
}

/// The public key in `pem`, if it fits `algorithm`.
pub(super) fn from_pem(pem: &str, algorithm: Algorithm) -> Option<DecodingKey> {
    let read = match algorithm {
        Algorithm::RS256 => DecodingKey::from_rsa_pem,
        Algorithm::ES256 => DecodingKey::from_ec_pem,
        Algorithm::EdDSA => DecodingKey::from_ed_pem,
        _ => return None,
    };
    read(pem.as_bytes()).ok().filter(|key| fits(key, algorithm))
}

/// Whether a key is of the algorithm's family and size: an uncompressed point on P-256, 32 bytes of
/// Ed25519, or at least 2,048 bits of RSA.
fn fits(key: &DecodingKey, algorithm: Algorithm) -> bool {
    if key.family() != algorithm.family() {
        return false;
    }
    match (algorithm, key.kind()) {
        (Algorithm::ES256, DecodingKeyKind::SecretOrDer(point)) => point.len() == 65,
        (Algorithm::EdDSA, DecodingKeyKind::SecretOrDer(key)) => key.len() == 32,
        (Algorithm::RS256, DecodingKeyKind::SecretOrDer(der)) => der.len() >= 256,
        (Algorithm::RS256, DecodingKeyKind::RsaModulusExponent { n, .. }) => n.len() >= 256,
        _ => false,
    }
}
