//! How many may be under way, and how many may wait.

use std::sync::Arc;

use tokio::sync::{Semaphore, SemaphorePermit, TryAcquireError};
use tokio::time::{Instant, timeout_at};
use tokio_util::task::TaskTracker;
use tokio_util::task::task_tracker::TaskTrackerToken;

use super::failure::CallError;
use crate::LogError;

#[derive(Debug)]
pub(super) struct Gate {
    /// For those under way and those who wait.
    room: Semaphore,
    under_way: Semaphore,
    inside: TaskTracker,
}

/// Being under way.
pub(super) struct Pass<'a> {
    _room: SemaphorePermit<'a>,
    _under_way: SemaphorePermit<'a>,
    _inside: TaskTrackerToken,
}

impl Gate {
    pub(super) fn new(under_way: usize, waiting: usize) -> Self {
        let under_way = under_way.max(1);
        let room = Semaphore::new((under_way + waiting).min(Semaphore::MAX_PERMITS));
        Self { room, under_way: Semaphore::new(under_way), inside: TaskTracker::new() }
    }

    /// Waits for its turn, unless too many do so already.
    pub(super) async fn enter(&self, until: Instant) -> Result<Pass<'_>, LogError> {
        let room = self.room.try_acquire().map_err(|error| match error {
            TryAcquireError::NoPermits => LogError::Overloaded,
            TryAcquireError::Closed => CallError::Closed.into(),
        })?;
        let inside = self.inside.token();
        let turn = timeout_at(until, self.under_way.acquire()).await;
        let under_way = turn
            .map_err(|elapsed| LogError::Unavailable(Arc::new(elapsed)))?
            .map_err(|_closed| CallError::Closed)?;
        Ok(Pass { _room: room, _under_way: under_way, _inside: inside })
    }

    /// Lets nobody in any more, and waits until all are out.
    pub(super) async fn close(&self) {
        self.room.close();
        self.inside.close();
        self.inside.wait().await;
    }
}
