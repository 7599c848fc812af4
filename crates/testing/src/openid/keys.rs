//! What ID tokens are signed with.

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

/// An RSA key pair with a name.
pub(super) struct Key {
    name: &'static str,
    key: EncodingKey,
}

impl Key {
    pub(super) fn generate(name: &'static str) -> Self {
        let pair = KeyPair::generate(KeySize::Rsa2048).expect("an RSA key pair");
        let private = pair.as_der().expect("a private key as PKCS #8");
        // PKCS #8 around PKCS #1: the inner one starts at byte 26 for a key of this size.
        Self { name, key: EncodingKey::from_rsa_der(&private.as_ref()[26..]) }
    }

    pub(super) fn sign(&self, claims: &Value) -> String {
        let mut header = Header::new(Algorithm::RS256);
        header.kid = Some(self.name.to_owned());
        jsonwebtoken::encode(&header, claims, &self.key).expect("claims can be signed")
    }

    /// The public half as a key set.
    pub(super) fn public(&self) -> Value {
        let mut key = Jwk::from_encoding_key(&self.key, Algorithm::RS256).expect("a public key");
        key.common.key_id = Some(self.name.to_owned());
        json!({ "keys": [key] })
    }
}
