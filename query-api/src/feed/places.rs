//! Room for so many feeds.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use events::UserId;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, SemaphorePermit};

use super::config::{FeedConfig, PAGES, TURNS};

/// What all feeds of a process share.
#[derive(Debug)]
pub(crate) struct Feeds {
    config: FeedConfig,
    places: Arc<Semaphore>,
    callers: Arc<Callers>,
    pages: Arc<Semaphore>,
    turns: Semaphore,
}

/// How many feeds each caller has.
#[derive(Debug, Default)]
struct Callers(Mutex<HashMap<UserId, u16>>);

/// There is no room for another feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoPlace {
    /// On this server.
    #[error("all places for feeds are taken")]
    Here,
    /// For this caller, who has so many.
    #[error("the caller has {0} feeds")]
    ForCaller(u16),
}

/// The room of one feed; free again when dropped.
#[derive(Debug)]
pub(super) struct Place {
    caller: UserId,
    callers: Arc<Callers>,
    _permit: OwnedSemaphorePermit,
}

impl Feeds {
    pub(crate) fn new(config: FeedConfig) -> Self {
        Self {
            places: Arc::new(Semaphore::new(config.feed_limit.into())),
            callers: Arc::default(),
            pages: Arc::new(Semaphore::new(PAGES)),
            turns: Semaphore::new(TURNS),
            config,
        }
    }

    pub(super) fn heartbeat(&self) -> Duration {
        self.config.heartbeat
    }

    pub(super) fn patience(&self) -> Duration {
        self.config.patience
    }

    pub(super) fn take(&self, caller: &UserId) -> Result<Place, NoPlace> {
        let permit = Arc::clone(&self.places).try_acquire_owned().map_err(|_| NoPlace::Here)?;
        let most = self.config.feed_limit_per_caller;
        let mut callers = self.callers.lock();
        let count = callers.entry(caller.clone()).or_default();
        if *count >= most {
            return Err(NoPlace::ForCaller(most));
        }
        *count += 1;
        metrics::gauge!("docket_feeds").increment(1);
        let callers = Arc::clone(&self.callers);
        Ok(Place { caller: caller.clone(), callers, _permit: permit })
    }

    /// Waits until another page of history may be in memory.
    pub(super) async fn page(&self) -> Option<OwnedSemaphorePermit> {
        // The semaphore is never closed, so there always is a permit.
        Arc::clone(&self.pages).acquire_owned().await.ok()
    }

    /// Waits until the log may be read for the history of a feed.
    pub(super) async fn turn(&self) -> Option<SemaphorePermit<'_>> {
        // Neither is this one.
        self.turns.acquire().await.ok()
    }
}

impl Callers {
    fn lock(&self) -> MutexGuard<'_, HashMap<UserId, u16>> {
        // A count is whole whatever a panic interrupted.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        metrics::gauge!("docket_feeds").decrement(1);
        let mut callers = self.callers.lock();
        if let Some(count) = callers.get_mut(&self.caller) {
            *count -= 1;
            if *count == 0 {
                callers.remove(&self.caller);
            }
        }
    }
}
