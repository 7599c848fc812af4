//! Key sets that rotate, and the server behind them going away.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use service::ManualClock;
use web::token::{TokenAlgorithm, TokenError};
use web::{TokenConfig, Verifier};

use crate::support::{claims, clock, now, token_config};

struct Key {
    name: &'static str,
    pair: Ed25519KeyPair,
}

impl Key {
    fn new(name: &'static str) -> Self {
        Self { name, pair: Ed25519KeyPair::generate().unwrap() }
    }

    fn jwk(&self) -> Value {
        let x = URL_SAFE_NO_PAD.encode(self.pair.public_key());
        json!({"kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": self.name, "x": x})
    }

    fn token(&self) -> String {
        self.token_named(Some(self.name))
    }

    fn token_named(&self, name: Option<&str>) -> String {
        let mut header = Header::new(Algorithm::EdDSA);
        header.kid = name.map(ToOwned::to_owned);
        let mut claims = claims();
        claims["exp"] = json!(now().timestamp() + 1_000_000);
        let key = EncodingKey::from_ed_der(self.pair.to_pkcs8().unwrap().as_ref());
        jsonwebtoken::encode(&header, &claims, &key).unwrap()
    }
}

/// A server of key sets that counts how often it is asked. `None` is an outage.
#[derive(Clone, Default)]
struct Issuer {
    body: Arc<Mutex<Option<String>>>,
    asked: Arc<AtomicUsize>,
}

impl Issuer {
    fn publish(&self, keys: &[&Key]) {
        let keys: Vec<_> = keys.iter().map(|key| key.jwk()).collect();
        self.answer(Some(json!({"keys": keys}).to_string()));
    }

    fn answer(&self, body: Option<String>) {
        *self.body.lock().unwrap() = body;
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    async fn serve(&self) -> String {
        let issuer = self.clone();
        let handler = move || async move {
            issuer.asked.fetch_add(1, Ordering::SeqCst);
            let body = issuer.body.lock().unwrap().clone();
            body.ok_or(StatusCode::SERVICE_UNAVAILABLE)
        };
        let app = Router::new().route("/keys", get(handler));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, app).await });
        format!("http://{address}/keys")
    }
}

fn config(url: String) -> TokenConfig {
    TokenConfig {
        jwt_secret: None,
        jwt_algorithm: Some(TokenAlgorithm::EdDsa),
        jwt_jwks_url: Some(url),
        ..token_config()
    }
}

async fn verifier(issuer: &Issuer) -> (Arc<ManualClock>, Verifier) {
    let clock = clock();
    let config = config(issuer.serve().await);
    (Arc::clone(&clock), Verifier::from_config(&config, clock).await.unwrap())
}

#[tokio::test]
async fn an_unknown_key_is_asked_for_once_a_minute() {
    let (old, new) = (Key::new("old"), Key::new("new"));
    let issuer = Issuer::default();
    issuer.publish(&[&old]);
    let (clock, verifier) = verifier(&issuer).await;
    assert!(verifier.verify(&old.token()).await.is_ok());
    assert_eq!(issuer.asked(), 1);

    // It was asked just now: whatever tokens come, it is left in peace for a minute.
    issuer.publish(&[&old, &new]);
    for _ in 0..10 {
        assert_eq!(verifier.verify(&new.token()).await.unwrap_err(), TokenError::UnknownKey);
    }
    assert_eq!(issuer.asked(), 1);

    clock.advance(TimeDelta::seconds(60));
    let token = new.token();
    let at_once = (0..32).map(|_| verifier.verify(&token));
    for verified in futures_util::future::join_all(at_once).await {
        assert!(verified.is_ok());
    }
    assert_eq!(issuer.asked(), 2);
    assert!(verifier.verify(&old.token()).await.is_ok());
}

#[tokio::test]
async fn old_keys_stay_through_an_outage() {
    let (old, new) = (Key::new("old"), Key::new("new"));
    let issuer = Issuer::default();
    issuer.publish(&[&old]);
    let (clock, verifier) = verifier(&issuer).await;
    let too_long = format!("{{\"keys\": []}}{}", " ".repeat(256 * 1024));
    let answers = [None, Some("no key set"), Some("{\"keys\": []}"), Some(too_long.as_str())];
    for (nth, answer) in answers.into_iter().enumerate() {
        issuer.answer(answer.map(ToOwned::to_owned));
        clock.advance(TimeDelta::seconds(60));
        assert_eq!(verifier.verify(&new.token()).await.unwrap_err(), TokenError::UnknownKey);
        assert_eq!(issuer.asked(), nth + 2);
        assert!(verifier.verify(&old.token()).await.is_ok());
    }
    issuer.publish(&[&new]);
    clock.advance(TimeDelta::seconds(60));
    assert!(verifier.verify(&new.token()).await.is_ok());
    // What the withdrawn key has signed is not remembered.
    assert_eq!(verifier.verify(&old.token()).await.unwrap_err(), TokenError::UnknownKey);
}

#[tokio::test]
async fn a_withdrawn_key_goes_out_of_use_without_anyone_asking() {
    let (old, new) = (Key::new("old"), Key::new("new"));
    let issuer = Issuer::default();
    issuer.publish(&[&old]);
    let (clock, verifier) = verifier(&issuer).await;
    issuer.publish(&[&new]);
    clock.advance(TimeDelta::minutes(11));
    // The first to come is served at once and sets off the refresh; it shows when that has come.
    let refused = async {
        while verifier.verify(&old.token()).await.is_ok() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(10), refused).await.unwrap();
    assert_eq!(issuer.asked(), 2);
}

#[tokio::test]
async fn a_kid_is_only_a_name() {
    let (one, other) = (Key::new("one"), Key::new("other"));
    let issuer = Issuer::default();
    issuer.publish(&[&one, &other]);
    let (_, verifier) = verifier(&issuer).await;
    let names =
        [None, Some(""), Some("other"), Some("ONE"), Some("../../dev/null"), Some("' OR 1=1 --")];
    for name in names {
        assert!(verifier.verify(&one.token_named(name)).await.is_err(), "{name:?}");
    }
    assert!(verifier.verify(&one.token_named(Some("one"))).await.is_ok());
    assert_eq!(issuer.asked(), 1);
}

#[tokio::test]
async fn keys_that_do_not_fit_are_passed_over() {
    let good = Key::new("good");
    let mut encrypts = Key::new("encrypts").jwk();
    encrypts["use"] = json!("enc");
    let mut other = Key::new("other").jwk();
    other["alg"] = json!("ES256");
    let secret = json!({"kty": "oct", "kid": "secret", "k": URL_SAFE_NO_PAD.encode([7; 32])});
    let strange = json!({"kty": "PQ", "kid": "strange"});
    let keys = json!({"keys": [encrypts, other, secret, strange, 17, good.jwk()]});
    let issuer = Issuer::default();
    issuer.answer(Some(keys.to_string()));
    let (_, verifier) = verifier(&issuer).await;
    assert!(verifier.verify(&good.token()).await.is_ok());
    // Only one fits, so a token need not name it.
    assert!(verifier.verify(&good.token_named(None)).await.is_ok());
    let mut header = Header::new(Algorithm::HS256);
    header.kid = Some("secret".to_owned());
    let forged = jsonwebtoken::encode(&header, &claims(), &EncodingKey::from_secret(&[7; 32]));
    assert!(verifier.verify(&forged.unwrap()).await.is_err());
}

#[tokio::test]
async fn a_start_without_keys_fails() {
    let issuer = Issuer::default();
    let url = issuer.serve().await;
    for answer in [None, Some("{}"), Some("{\"keys\": []}")] {
        issuer.answer(answer.map(ToOwned::to_owned));
        assert!(Verifier::from_config(&config(url.clone()), clock()).await.is_err());
    }
}

#[tokio::test]
async fn a_key_set_may_be_a_file() {
    let (old, new) = (Key::new("old"), Key::new("new"));
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), json!({"keys": [old.jwk()]}).to_string()).unwrap();
    let clock = clock();
    let config = TokenConfig {
        jwt_jwks_url: None,
        jwt_jwks_file: Some(file.path().to_owned()),
        ..config(String::new())
    };
    let verifier = Verifier::from_config(&config, clock.clone()).await.unwrap();
    assert!(verifier.verify(&old.token()).await.is_ok());
    std::fs::write(file.path(), json!({"keys": [new.jwk()]}).to_string()).unwrap();
    clock.advance(TimeDelta::seconds(60));
    assert!(verifier.verify(&new.token()).await.is_ok());
    assert!(verifier.verify(&old.token()).await.is_err());
}
