//! Where the master keys are.

use std::path::PathBuf;

use clap::Args;

use crate::{MasterKeyError, MasterKeys};

/// The keys that personal texts are sealed under.
#[derive(Debug, Clone, Args)]
pub struct SealingConfig {
    /// The file with the master keys that wrap the keys of persons, as `docket master-key generate` makes
    /// it. `MASTER_KEY_FILE`, required.
    #[arg(long, env = "MASTER_KEY_FILE", value_name = "FILE")]
    pub master_key_file: PathBuf,
}

impl SealingConfig {
    /// Reads them.
    pub fn open(&self) -> Result<MasterKeys, MasterKeyError> {
        MasterKeys::open(&self.master_key_file)
    }
}
