//! Room for so many feeds.

use std::sync::Arc;
use std::time::Duration;

use events::UserId;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, SemaphorePermit};

use crate::callers::{Callers, Share};

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
    _share: Share,
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
        let share = self.callers.take(caller, most).ok_or(NoPlace::ForCaller(most))?;
        metrics::gauge!("docket_feeds").increment(1);
        Ok(Place { _share: share, _permit: permit })
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

impl Drop for Place {
    fn drop(&mut self) {
        metrics::gauge!("docket_feeds").decrement(1);
    }
}
