//! Keys of every algorithm, and configurations that must not start.

use std::sync::Arc;

use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair,
    KeyPair, RsaKeyPair,
};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use web::token::{Secret, TokenAlgorithm, TokenError};
use web::{TokenConfig, Verifier};

use crate::support::{claims, clock, token_config};

fn pem(public_key_der: &[u8]) -> String {
    let text = STANDARD.encode(public_key_der);
    format!("-----BEGIN PUBLIC KEY-----\n{text}\n-----END PUBLIC KEY-----\n")
}

/// An algorithm, a fresh key pair's public half as PEM, and what signs with the other.
fn pairs() -> [(TokenAlgorithm, Algorithm, String, EncodingKey); 3] {
    let rsa = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
    let rsa_public = AsDer::<PublicKeyX509Der<'_>>::as_der(rsa.public_key()).unwrap();
    let rsa_private = rsa.as_der().unwrap();
    let ec = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
    let point = AsDer::<PublicKeyX509Der<'_>>::as_der(ec.public_key()).unwrap();
    let ed = Ed25519KeyPair::generate().unwrap();
    let ed_key = AsDer::<PublicKeyX509Der<'_>>::as_der(ed.public_key()).unwrap();
    [
        (
            TokenAlgorithm::Rs256,
            Algorithm::RS256,
            pem(rsa_public.as_ref()),
            // PKCS #8 around PKCS #1: the inner one starts at byte 26 for a key of this size.
            EncodingKey::from_rsa_der(&rsa_private.as_ref()[26..]),
        ),
        (
            TokenAlgorithm::Es256,
            Algorithm::ES256,
            pem(point.as_ref()),
            EncodingKey::from_ec_der(ec.to_pkcs8v1().unwrap().as_ref()),
        ),
        (
            TokenAlgorithm::EdDsa,
            Algorithm::EdDSA,
            pem(ed_key.as_ref()),
            EncodingKey::from_ed_der(ed.to_pkcs8().unwrap().as_ref()),
        ),
    ]
}

fn with_key(algorithm: TokenAlgorithm, pem: &str) -> TokenConfig {
    TokenConfig {
        jwt_secret: None,
        jwt_algorithm: Some(algorithm),
        jwt_public_key: Some(pem.to_owned()),
        ..token_config()
    }
}

#[tokio::test]
async fn every_algorithm_verifies_its_own_tokens_only() {
    for (name, algorithm, pem, signer) in pairs() {
        let config = with_key(name, &pem);
        let verifier = Verifier::from_config(&config, clock()).await.unwrap();
        let token = jsonwebtoken::encode(&Header::new(algorithm), &claims(), &signer).unwrap();
        let caller = verifier.verify(&token).await.unwrap();
        assert_eq!(caller.actor.id.as_str(), "673ac9e2c93fe18d3fdd23f1");

        // The public key is public: whoever signs with it as if it were a secret gets nowhere.
        let text = pem.trim().as_bytes();
        for secret in [pem.as_bytes(), text, &STANDARD.decode(body(&pem)).unwrap()] {
            let key = EncodingKey::from_secret(secret);
            let forged = jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims(), &key);
            let refused = verifier.verify(&forged.unwrap()).await.unwrap_err();
            assert!(matches!(refused, TokenError::Refused(_)), "{refused:?}");
        }
        for (other, other_algorithm, _, signer) in pairs() {
            let token = jsonwebtoken::encode(&Header::new(other_algorithm), &claims(), &signer);
            let refused = verifier.verify(&token.unwrap()).await.unwrap_err();
            assert!(matches!(refused, TokenError::Refused(_)), "{name:?} took {other:?}");
        }
    }
}

fn body(pem: &str) -> String {
    pem.lines().filter(|line| !line.starts_with('-')).collect()
}

#[tokio::test]
async fn a_key_of_another_sort_stops_the_start() {
    for (name, _, pem, _) in pairs() {
        for other in [TokenAlgorithm::Rs256, TokenAlgorithm::Es256, TokenAlgorithm::EdDsa] {
            let started = Verifier::from_config(&with_key(other, &pem), clock()).await;
            assert_eq!(started.is_ok(), other == name, "{name:?} as {other:?}");
        }
    }
    let p384 = EcdsaKeyPair::generate(&ECDSA_P384_SHA384_FIXED_SIGNING).unwrap();
    let p384 = AsDer::<PublicKeyX509Der<'_>>::as_der(p384.public_key()).unwrap();
    let config = with_key(TokenAlgorithm::Es256, &pem(p384.as_ref()));
    assert!(Verifier::from_config(&config, clock()).await.is_err());
}

async fn refusal(config: TokenConfig) -> String {
    Verifier::from_config(&config, clock()).await.unwrap_err().to_string()
}

#[tokio::test]
async fn a_start_that_could_verify_nothing_says_what_to_set() {
    let none = TokenConfig { jwt_secret: None, ..token_config() };
    let weak = Secret::from("thirty-one bytes are not enough".to_owned());
    let file = tempfile::NamedTempFile::new().unwrap();
    let refusals = [
        refusal(none.clone()).await,
        refusal(TokenConfig { jwt_secret: Some(weak), ..token_config() }).await,
        refusal(TokenConfig { jwt_secret_file: Some(file.path().into()), ..none.clone() }).await,
        refusal(TokenConfig { jwt_public_key: Some("x".into()), ..token_config() }).await,
        refusal(TokenConfig { jwt_public_key: Some("x".into()), ..none.clone() }).await,
        refusal(with_key(TokenAlgorithm::Rs256, "x")).await,
        refusal(with_key(TokenAlgorithm::Hs256, "x")).await,
        refusal(TokenConfig { jwt_algorithm: Some(TokenAlgorithm::Rs256), ..token_config() }).await,
        refusal(TokenConfig { jwt_issuer: None, ..token_config() }).await,
        refusal(TokenConfig { jwt_audience: Some(String::new()), ..token_config() }).await,
        refusal(TokenConfig { jwt_secret_file: Some("/nowhere/key".into()), ..none }).await,
    ];
    insta::assert_json_snapshot!(refusals, @r#"
    [
      "no key to verify tokens with: set one of JWT_SECRET, JWT_SECRET_FILE, JWT_PUBLIC_KEY, JWT_PUBLIC_KEY_FILE, JWT_JWKS_FILE and JWT_JWKS_URL",
      "the secret in JWT_SECRET is shorter than 32 bytes: make one with `openssl rand -base64 48`",
      "the secret in JWT_SECRET_FILE is shorter than 32 bytes: make one with `openssl rand -base64 48`",
      "JWT_SECRET and JWT_PUBLIC_KEY are both set: set one of them",
      "JWT_ALGORITHM is not set: RS256, ES256 or EdDSA",
      "JWT_PUBLIC_KEY holds no public key in PEM that fits JWT_ALGORITHM",
      "JWT_ALGORITHM does not go with JWT_PUBLIC_KEY: HS256 needs a secret",
      "JWT_ALGORITHM does not go with JWT_SECRET: a secret means HS256",
      "JWT_ISSUER is not set: what a token's iss must be",
      "JWT_AUDIENCE is not set: what a token's aud must hold",
      "JWT_SECRET_FILE names /nowhere/key, which cannot be read: No such file or directory (os error 2)"
    ]
    "#);
}

#[tokio::test]
async fn a_secret_in_a_file_may_end_in_a_newline() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), format!("{}\n", crate::support::SECRET)).unwrap();
    let file = Some(file.path().to_owned());
    let config = TokenConfig { jwt_secret: None, jwt_secret_file: file, ..token_config() };
    let verifier = Verifier::from_config(&config, clock()).await.unwrap();
    assert!(verifier.verify(&crate::support::token()).await.is_ok());
}

#[tokio::test]
async fn nothing_prints_a_secret() {
    let config = token_config();
    let verifier = Arc::new(Verifier::from_config(&config, clock()).await.unwrap());
    for text in [format!("{config:?}"), format!("{verifier:?}")] {
        assert!(!text.contains("thirty-two bytes"), "{text}");
    }
}
