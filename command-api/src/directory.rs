//! The platform's users and live streams: the latest snapshot of each.
//!
//! Reading is coalesced across requests, writing keeps whichever snapshot is the newest.

mod ingest;
mod look_up;
mod rows;

use std::sync::Arc;

use event_log::batcher::{BatchError, Batcher};
use sqlx::PgPool;

pub use ingest::Applied;
pub(crate) use look_up::{Found, Wanted};

/// Look-ups that may wait at once before further ones are refused.
const QUEUE: usize = 8192;
/// Look-ups that one statement serves at most.
const BATCH: usize = 512;

/// The users and live streams that the platform told us of. Clones share everything.
#[derive(Debug, Clone)]
pub struct Directory {
    pool: PgPool,
    look_ups: Batcher<Wanted, Arc<Found>, Arc<sqlx::Error>>,
}

/// Why the directory did not answer.
#[derive(Debug, Clone, thiserror::Error)]
pub enum DirectoryError {
    /// Too many look-ups wait already.
    #[error("the directory's queue is full")]
    Overloaded,
    /// The database cannot be reached, or cannot do it now.
    #[error("the directory is unavailable")]
    Unavailable(#[source] Arc<sqlx::Error>),
    /// A row holds what no snapshot can.
    #[error("the directory holds a malformed row")]
    Malformed(#[source] Arc<sqlx::Error>),
    /// It was shut down.
    #[error("the directory is closed")]
    Closed,
}

impl Directory {
    /// The directory in the database behind `pool`. Must be called inside a runtime.
    pub fn connect(pool: PgPool) -> Self {
        let connection = pool.clone();
        let look_ups = Batcher::spawn("directory", QUEUE, BATCH, move |wanted: Vec<Wanted>| {
            let pool = connection.clone();
            async move {
                let found = Arc::new(look_up::fetch(&pool, &wanted).await.map_err(Arc::new)?);
                Ok(vec![found; wanted.len()])
            }
        });
        Self { pool, look_ups }
    }

    /// What the directory knows of what is `wanted`, and of what others wanted at the same moment.
    pub(crate) async fn look_up(&self, wanted: Wanted) -> Result<Arc<Found>, DirectoryError> {
        self.look_ups.call(wanted).await.map_err(|error| match error {
            BatchError::Full => DirectoryError::Overloaded,
            BatchError::Stopped => DirectoryError::Closed,
            BatchError::Failed(cause) => cause.into(),
        })
    }
}

impl From<Arc<sqlx::Error>> for DirectoryError {
    fn from(error: Arc<sqlx::Error>) -> Self {
        match *error {
            sqlx::Error::Decode(_) => Self::Malformed(error),
            _ => Self::Unavailable(error),
        }
    }
}

impl From<sqlx::Error> for DirectoryError {
    fn from(error: sqlx::Error) -> Self {
        Arc::new(error).into()
    }
}
