//! Where a service keeps what it knows.

use std::fmt;

use clap::Args;

/// The database and the event log.
#[derive(Clone, Args)]
pub struct StorageConfig {
    /// The database, as a user who is a member of `docket_service`. `DATABASE_URL`, required.
    #[arg(long, env = "DATABASE_URL", value_name = "URL", hide_env_values = true)]
    pub database_url: String,
    /// The event log: `postgres://…`, or `esdb://…` for EventStoreDB. `EVENT_LOG`, default
    /// `DATABASE_URL`.
    #[arg(long, env = "EVENT_LOG", value_name = "URL", hide_env_values = true)]
    pub event_log: Option<String>,
}

impl StorageConfig {
    /// Where the event log is.
    pub fn log_url(&self) -> &str {
        self.event_log.as_deref().unwrap_or(&self.database_url)
    }
}

/// Shows no address: each holds a password.
impl fmt::Debug for StorageConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StorageConfig").finish_non_exhaustive()
    }
}
