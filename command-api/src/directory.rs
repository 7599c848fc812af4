//! The platform's users and live streams: the latest snapshot of each.
//!
//! A look-up serves many requests at once, writing keeps whichever snapshot is the newest.

mod ingest;
mod look_up;
mod rows;

use std::sync::Arc;

use sqlx::PgPool;

pub use ingest::Applied;
pub(crate) use look_up::{Found, Wanted};

/// The users and live streams that the platform told us of. Clones share everything.
#[derive(Debug, Clone)]
pub struct Directory {
    pool: PgPool,
}

/// Why the directory did not answer.
#[derive(Debug, Clone, thiserror::Error)]
pub enum DirectoryError {
    /// The database cannot be reached, or cannot do it now.
    #[error("the directory is unavailable")]
    Unavailable(#[source] Arc<sqlx::Error>),
    /// A row holds what no snapshot can.
    #[error("the directory holds a malformed row")]
    Malformed(#[source] Arc<sqlx::Error>),
}

impl Directory {
    /// The directory in the database behind `pool`.
    pub fn connect(pool: PgPool) -> Self {
        Self { pool }
    }

    /// The database that it is in.
    pub(crate) fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// What the directory knows of everything that is `wanted`, in one statement.
    pub(crate) async fn look_up(&self, wanted: &[Wanted]) -> Result<Found, DirectoryError> {
        Ok(look_up::fetch(&self.pool, wanted).await?)
    }
}

impl From<sqlx::Error> for DirectoryError {
    fn from(error: sqlx::Error) -> Self {
        match error {
            sqlx::Error::Decode(_) => Self::Malformed(Arc::new(error)),
            _ => Self::Unavailable(Arc::new(error)),
        }
    }
}
