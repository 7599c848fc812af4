//! Personal texts are sealed before they are appended, and opened after they were read: here, once, so that
//! no use case knows of it.
//!
//! The keys of persons are fetched for many commands at once, and are not kept: one that was destroyed opens
//! nothing from that moment on.
//!
//! **Architecture Invariant:** no text is ever appended plain because its key could not be had.

mod bare;
mod keys;

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use event_log::NewEvent;
use event_log::batcher::{BatchError, Batcher};
use sealing::{Durability, Each, KeyError, MasterKeys, SealError};
use service::StorageConfig;
use sqlx::PgPool;
use ulid::Ulid;

pub(crate) use bare::{Bare, Unopened, key_ids, open};

use crate::history::StreamError;

/// Commands that may wait for keys at once before further ones are refused.
const QUEUE: usize = 8192;
/// Commands that keys are fetched for at once at most.
const BATCH: usize = 512;

/// Seals and opens personal texts with the keys of persons. Clones share everything.
#[derive(Clone)]
pub struct Sealing {
    pool: PgPool,
    master: MasterKeys,
    subjects: Batcher<BTreeSet<String>, Arc<Each<String>>, SealingError>,
}

/// Why the keys of persons are not to be had.
#[derive(Debug, Clone, thiserror::Error)]
pub enum SealingError {
    /// The database cannot be reached, or cannot do it now.
    #[error(transparent)]
    Unavailable(Arc<KeyError>),
    /// A key is there and cannot be used.
    #[error("a person's key cannot be used")]
    Unusable(#[from] SealError),
    /// Keys cannot be made.
    #[error(transparent)]
    Broken(Arc<KeyError>),
    /// Too many commands wait already.
    #[error("the queue for the keys of persons is full")]
    Overloaded,
    /// The process is shutting down.
    #[error("no keys are fetched any more")]
    Stopped,
}

impl Sealing {
    /// With the keys that the database behind `pool` holds, wrapped by these. Must be called inside a
    /// runtime.
    pub fn spawn(pool: PgPool, master: MasterKeys) -> Self {
        Self::keeping(pool, master, Durability::AtOnce)
    }

    /// [`Self::spawn`] for whoever appends to the log that `storage` names. Where that is in the database
    /// behind `pool`, a new person's key costs no flush of its own: what it seals is on disk only after it is.
    pub fn spawn_for(storage: &StorageConfig, pool: PgPool, master: MasterKeys) -> Self {
        let durability = if storage.log_url() == storage.database_url {
            Durability::WithWhatFollows
        } else {
            Durability::AtOnce
        };
        Self::keeping(pool, master, durability)
    }

    fn keeping(pool: PgPool, master: MasterKeys, durability: Durability) -> Self {
        let (its_pool, its_master) = (pool.clone(), master.clone());
        let subjects = Batcher::spawn("keys", QUEUE, BATCH, move |asked| {
            let (pool, master) = (its_pool.clone(), its_master.clone());
            async move { keys::of_subjects(&pool, &master, asked, durability).await }
        });
        Self { pool, master, subjects }
    }

    /// The events as the log takes them, their personal texts sealed. Whoever has no key yet gets one.
    pub(crate) async fn seal(&self, events: Vec<Bare>) -> Result<Vec<NewEvent>, StreamError> {
        let keys = self.of_subjects(events.iter().flat_map(Bare::subjects).collect()).await?;
        events.into_iter().map(|event| event.seal(&keys)).collect()
    }

    async fn of_subjects(
        &self,
        subjects: BTreeSet<String>,
    ) -> Result<Arc<Each<String>>, SealingError> {
        if subjects.is_empty() {
            return Ok(Arc::default());
        }
        self.subjects.call(subjects).await.map_err(|error| match error {
            BatchError::Full => SealingError::Overloaded,
            BatchError::Stopped => SealingError::Stopped,
            BatchError::Failed(error) => error,
        })
    }

    /// The keys of these ids, as far as they have not been destroyed. Whoever asks does so for many
    /// commands already.
    pub(crate) async fn by_id(&self, ids: &BTreeSet<Ulid>) -> Result<Each<Ulid>, SealingError> {
        keys::by_id(&self.pool, &self.master, ids).await
    }
}

impl From<KeyError> for SealingError {
    fn from(error: KeyError) -> Self {
        match error {
            KeyError::Database(_) | KeyError::Contended => Self::Unavailable(Arc::new(error)),
            KeyError::Unusable(error) => Self::Unusable(error),
            KeyError::Random => Self::Broken(Arc::new(error)),
        }
    }
}

impl fmt::Debug for Sealing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sealing").field("master", &self.master).finish_non_exhaustive()
    }
}
