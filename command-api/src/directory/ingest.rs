//! Snapshots as the platform sends them over HTTP.

use events::{LiveStreamSnapshot, UserSnapshot};
use tokio::time::timeout;

pub use directory::Applied;

use super::{Directory, DirectoryError};
use crate::database::{PATIENCE, settle};

impl Directory {
    /// Takes in users, all or none.
    pub async fn put_users(&self, users: &[UserSnapshot]) -> Result<Applied, DirectoryError> {
        let mut connection = self.pool.acquire().await?;
        let done = timeout(PATIENCE, directory::put_users(&mut connection, users)).await;
        Ok(settle(connection, done)?)
    }

    /// Takes in a live stream.
    pub async fn put_live_stream(
        &self,
        live_stream: &LiveStreamSnapshot,
    ) -> Result<Applied, DirectoryError> {
        let put = std::slice::from_ref(live_stream);
        let mut connection = self.pool.acquire().await?;
        let done = timeout(PATIENCE, directory::put_live_streams(&mut connection, put)).await;
        Ok(settle(connection, done)?)
    }
}
