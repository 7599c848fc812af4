//! Tokens that every test accepts.

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

/// The HS256 secret that signs them; 32 bytes.
pub const SECRET: &str = "docket-tests-only-secret-32bytes";

/// Their `iss`.
pub const ISSUER: &str = "https://issuer.test";

/// Their `aud`.
pub const AUDIENCE: &str = "docket";

/// Their `scope`: both of YouTube's.
pub const SCOPES: &str =
    "https://www.googleapis.com/auth/youtube https://www.googleapis.com/auth/youtube.force-ssl";

/// Their `exp`: 2100-01-01, so that no test depends on the day it runs.
pub const EXPIRES: u64 = 4_102_444_800;

/// A good token for this caller with these platform roles.
pub fn token(sub: &str, roles: &[&str]) -> String {
    sign(&claims(sub, roles))
}

/// The claims of [`token`], to be changed and given to [`sign`].
pub fn claims(sub: &str, roles: &[&str]) -> Value {
    json!({
        "iss": ISSUER, "aud": AUDIENCE, "exp": EXPIRES,
        "sub": sub, "roles": roles, "scope": SCOPES,
    })
}

/// Any claims, rightly signed.
pub fn sign(claims: &Value) -> String {
    let key = EncodingKey::from_secret(SECRET.as_bytes());
    jsonwebtoken::encode(&Header::new(Algorithm::HS256), claims, &key)
        .expect("claims can be signed")
}
