//! A key set that its issuer changes now and then.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::Algorithm;
use service::SharedClock;
use tokio::sync::Mutex;

use super::keys::KeySet;

/// The source is asked at most so often, whatever tokens claim.
const SECONDS_BETWEEN: i64 = 60;
/// A set older than this is asked for again, so that a withdrawn key goes out of use.
const MAX_AGE: TimeDelta = TimeDelta::minutes(10);
/// A source that takes longer is down.
const TIME_OUT: Duration = Duration::from_secs(5);
/// More than a hundred keys; what is longer is no key set.
const MAX_BYTES: usize = 256 * 1024;

/// Why a key set cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum JwksError {
    /// The file cannot be read.
    #[error("cannot read the key set from {0}: {1}")]
    File(PathBuf, #[source] io::Error),
    /// The server cannot be reached, or answers no success.
    #[error("cannot fetch the key set: {0}")]
    Fetch(#[source] reqwest::Error),
    /// The answer is longer than any key set.
    #[error("the key set is longer than {MAX_BYTES} bytes")]
    TooLong,
    /// The answer holds no key that fits.
    #[error("the key set holds no key for the configured algorithm")]
    NoKeys,
}

#[derive(Debug)]
pub(super) enum Source {
    File(PathBuf),
    Url(String, reqwest::Client),
}

impl Source {
    pub(super) fn url(url: String) -> Result<Self, JwksError> {
        // A redirect could lead anywhere, also into our own network.
        let client = reqwest::Client::builder()
            .timeout(TIME_OUT)
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(JwksError::Fetch)?;
        Ok(Self::Url(url, client))
    }

    async fn read(&self) -> Result<Vec<u8>, JwksError> {
        match self {
            Self::File(path) => {
                let read = tokio::fs::read(path).await;
                read.map_err(|error| JwksError::File(path.clone(), error))
            }
            Self::Url(url, client) => fetch(client, url).await,
        }
    }
}

async fn fetch(client: &reqwest::Client, url: &str) -> Result<Vec<u8>, JwksError> {
    let answer = client.get(url).send().await.and_then(reqwest::Response::error_for_status);
    let mut answer = answer.map_err(JwksError::Fetch)?;
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(JwksError::Fetch)? {
        if body.len() + chunk.len() > MAX_BYTES {
            return Err(JwksError::TooLong);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// The key set in use, and when to ask for another.
pub(super) struct Jwks {
    source: Source,
    algorithm: Algorithm,
    clock: SharedClock,
    current: ArcSwap<Loaded>,
    /// When the source was last asked. Who holds the lock is asking.
    asked: Mutex<DateTime<Utc>>,
}

struct Loaded {
    keys: Arc<KeySet>,
    at: DateTime<Utc>,
}

impl Jwks {
    pub(super) async fn load(
        source: Source,
        algorithm: Algorithm,
        clock: SharedClock,
    ) -> Result<Self, JwksError> {
        let now = clock.now();
        let keys = Arc::new(read(&source, algorithm).await?);
        let current = ArcSwap::from_pointee(Loaded { keys, at: now });
        Ok(Self { source, algorithm, clock, current, asked: Mutex::new(now) })
    }

    /// The keys in use. When they have grown old, asks for others meanwhile.
    pub(super) fn keys(self: &Arc<Self>) -> Arc<KeySet> {
        let loaded = self.current.load();
        if self.clock.now() - loaded.at > MAX_AGE && self.may_ask() {
            let jwks = Arc::clone(self);
            tokio::spawn(async move { jwks.refreshed().await });
        }
        Arc::clone(&loaded.keys)
    }

    fn may_ask(&self) -> bool {
        self.asked.try_lock().is_ok_and(|asked| self.is_over(*asked))
    }

    fn is_over(&self, asked: DateTime<Utc>) -> bool {
        (self.clock.now() - asked).num_seconds().abs() >= SECONDS_BETWEEN
    }

    /// The keys after asking for others, unless that was done within the last minute. Callers at the
    /// same time wait for the one that asks. An outage leaves the old keys in use.
    pub(super) async fn refreshed(&self) -> Arc<KeySet> {
        let mut asked = self.asked.lock().await;
        if self.is_over(*asked) {
            *asked = self.clock.now();
            match read(&self.source, self.algorithm).await {
                Ok(keys) => {
                    let loaded = Loaded { keys: Arc::new(keys), at: self.clock.now() };
                    self.current.store(Arc::new(loaded));
                }
                Err(error) => tracing::warn!(%error, "the old token keys stay in use"),
            }
        }
        Arc::clone(&self.current.load().keys)
    }
}

async fn read(source: &Source, algorithm: Algorithm) -> Result<KeySet, JwksError> {
    let keys = KeySet::from_jwks(&source.read().await?, algorithm).ok_or(JwksError::NoKeys)?;
    if keys.is_empty() { Err(JwksError::NoKeys) } else { Ok(keys) }
}
