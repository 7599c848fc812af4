//! An OpenID provider that knows one person, and can be told to do wrong.

mod endpoints;
mod keys;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use aws_lc_rs::digest::{SHA256, digest};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::serve::serve_on;
use keys::Key;

/// What its one client is called.
pub const CLIENT_ID: &str = "docket dashboard";

/// What proves that, and would break where it is not escaped.
pub const CLIENT_SECRET: &str = "s3cret:+/%";

/// A provider that is served until the test's runtime ends.
pub struct Provider {
    /// Where it is, and its name in tokens.
    pub issuer: String,
    shared: Arc<Shared>,
}

struct Shared {
    issuer: String,
    key: Mutex<Key>,
    person: Mutex<Person>,
    codes: Mutex<HashMap<String, Asked>>,
    seen: Mutex<Seen>,
}

/// Who signs in there, and what is said about them.
#[derive(Debug, Clone)]
pub struct Person {
    /// The access token, whatever it is.
    pub access_token: String,
    /// What the ID token says in place of the truth.
    pub claims: Value,
    /// The error that the browser is sent back with, in place of a code.
    pub denied: Option<&'static str>,
    /// The error that a code is answered with, in place of tokens.
    pub refused: Option<&'static str>,
    /// Whether the ID token is signed with a key that the provider does not show.
    pub is_forged: bool,
}

/// What a browser was sent with, until its code comes back.
#[derive(Debug, Clone)]
struct Asked {
    redirect_uri: String,
    nonce: String,
    challenge: String,
}

/// What it was asked.
#[derive(Debug, Clone, Default)]
pub struct Seen {
    /// How often it described itself.
    pub discoveries: usize,
    /// Query parameters of each browser that was sent here.
    pub authorizations: Vec<HashMap<String, String>>,
    /// Each exchange of a code: the form, and how the client said who it is.
    pub exchanges: Vec<(HashMap<String, String>, Option<String>)>,
}

impl Provider {
    /// Starts it on a free port; `access_token` is what the person gets.
    pub async fn start(access_token: String) -> Self {
        Self::start_on("127.0.0.1:0", access_token).await
    }

    /// Starts it at this address, `HOST:PORT`.
    pub async fn start_on(address: &str, access_token: String) -> Self {
        let listener = TcpListener::bind(address).await.expect("the provider's address is free");
        let port = listener.local_addr().expect("a bound socket has an address").port();
        let (host, _) = address.split_once(':').expect("a host and a port");
        let issuer = format!("http://{host}:{port}");
        let person = Person {
            access_token,
            claims: json!({}),
            denied: None,
            refused: None,
            is_forged: false,
        };
        let shared = Arc::new(Shared {
            issuer: issuer.clone(),
            key: Mutex::new(Key::generate("first")),
            person: Mutex::new(person),
            codes: Mutex::default(),
            seen: Mutex::default(),
        });
        serve_on(listener, endpoints::routes(Arc::clone(&shared)));
        Self { issuer, shared }
    }

    /// Changes what is said about the person.
    pub fn tell(&self, change: impl FnOnce(&mut Person)) {
        change(&mut lock(&self.shared.person));
    }

    /// Signs with another key from now on, and shows only that.
    pub fn rotate(&self) {
        *lock(&self.shared.key) = Key::generate("second");
    }

    /// What it was asked until now.
    pub fn seen(&self) -> Seen {
        lock(&self.shared.seen).clone()
    }
}

/// SHA-256 of these bytes.
pub fn sha256(bytes: &[u8]) -> Vec<u8> {
    digest(&SHA256, bytes).as_ref().to_vec()
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
