//! What is to go wrong.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use tokio::sync::watch;
use tonic::metadata::MetadataMap;
use tonic::{Code, Status};

/// The faults of one node.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    /// Calls wait until it is `false` again.
    pub(crate) hang: watch::Sender<bool>,
    /// How many appends are to be committed and then cut off instead of answered.
    pub(crate) lost_answers: AtomicU64,
    /// How many appends are to be committed before the node stops; 0 for no end.
    pub(crate) dies_after: AtomicU64,
    /// How many calls are to be answered that the server is too busy.
    pub(crate) busy: AtomicU64,
    /// Counts the times that subscriptions were ended.
    pub(crate) subscriptions_ended: watch::Sender<u64>,
    credentials: Mutex<Option<String>>,
}

/// One less; `false` when there was none.
pub(crate) fn take_one(from: &AtomicU64) -> bool {
    from.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok()
}

impl Faults {
    pub(crate) fn require(&self, user: &str, password: &str) {
        let encoded = BASE64_STANDARD.encode(format!("{user}:{password}"));
        *self.credentials() = Some(format!("Basic {encoded}"));
    }

    /// Returns when the node does not hang.
    pub(crate) async fn hang(&self) {
        let mut hang = self.hang.subscribe();
        // The sender outlives the call, so the wait can only end well.
        drop(hang.wait_for(|hang| !hang).await);
    }

    /// What every call goes through before it does anything.
    pub(crate) async fn pass(&self, metadata: &MetadataMap) -> Result<(), Status> {
        self.hang().await;
        if take_one(&self.busy) {
            return Err(Status::unavailable("Server Is Too Busy"));
        }
        match &*self.credentials() {
            None => Ok(()),
            Some(required) => match metadata.get("authorization") {
                Some(given) if given.as_bytes() == required.as_bytes() => Ok(()),
                Some(_) => Err(Status::unauthenticated("")),
                None => Err(exception(
                    Code::PermissionDenied,
                    "Access Denied",
                    &[("exception", "access-denied")],
                )),
            },
        }
    }

    fn credentials(&self) -> MutexGuard<'_, Option<String>> {
        self.credentials.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a follower answers to those who want the leader.
pub(crate) fn not_leader(leader: u16) -> Status {
    exception(
        Code::NotFound,
        "Leader info available",
        &[
            ("exception", "not-leader"),
            ("leader-endpoint-host", "127.0.0.1"),
            ("leader-endpoint-port", &leader.to_string()),
        ],
    )
}

/// A status with the trailers by which clients tell one from another.
pub(crate) fn exception(code: Code, message: &str, trailers: &[(&'static str, &str)]) -> Status {
    let mut metadata = MetadataMap::new();
    for (name, value) in trailers {
        if let Ok(value) = value.parse() {
            metadata.insert(*name, value);
        }
    }
    Status::with_metadata(code, message, metadata)
}
