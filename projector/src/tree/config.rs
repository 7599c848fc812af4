//! Whether checkpoints are signed, and how.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::keys::{KeyError, Keys};

/// How checkpoints of the log are signed.
#[derive(Debug, Clone, Args)]
pub struct CheckpointConfig {
    /// The log's private keys, one a line, the current one first; all of them sign. `docket log-key` makes
    /// the file. `LOG_KEY_FILE`, default none: nothing is signed.
    #[arg(long, env = "LOG_KEY_FILE", value_name = "FILE")]
    pub log_key_file: Option<PathBuf>,
    /// Where the last checkpoint is kept outside the database, so that none is signed that contradicts it.
    /// On a disk that outlives the process, shared by all that have the keys. `CHECKPOINT_WITNESS`, required
    /// with `LOG_KEY_FILE`.
    #[arg(long, env = "CHECKPOINT_WITNESS", value_name = "FILE")]
    pub checkpoint_witness: Option<PathBuf>,
    /// Seconds from one checkpoint to the next, while events come. `CHECKPOINT_INTERVAL`, default 1.
    #[arg(long, env = "CHECKPOINT_INTERVAL", default_value_t = 1, value_name = "SECONDS",
        value_parser = clap::value_parser!(u64).range(0..=86_400))]
    pub checkpoint_interval: u64,
}

/// Nothing is signed.
impl Default for CheckpointConfig {
    fn default() -> Self {
        Self { log_key_file: None, checkpoint_witness: None, checkpoint_interval: 1 }
    }
}

/// Why checkpoints cannot be signed as configured.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointConfigError {
    /// There are keys, and it is not said where the last checkpoint is kept.
    #[error("LOG_KEY_FILE needs CHECKPOINT_WITNESS")]
    NoWitness,
    /// The keys cannot be used.
    #[error("LOG_KEY_FILE cannot be used")]
    Keys(#[from] KeyError),
}

/// What checkpoints are signed with.
#[derive(Debug)]
pub struct Signing {
    pub(super) keys: Keys,
    pub(super) witness: PathBuf,
    pub(super) interval: Duration,
}

impl CheckpointConfig {
    /// Reads the keys, where there are any.
    pub fn open(&self) -> Result<Option<Signing>, CheckpointConfigError> {
        let Some(file) = &self.log_key_file else { return Ok(None) };
        let witness = self.checkpoint_witness.clone().ok_or(CheckpointConfigError::NoWitness)?;
        let interval = Duration::from_secs(self.checkpoint_interval);
        Ok(Some(Signing { keys: Keys::read(file)?, witness, interval }))
    }
}
