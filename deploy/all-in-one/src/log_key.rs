//! The key that checkpoints of the log are signed with.

use projector::tree::{Signing, log_key};
use projector::{CheckpointConfig, CheckpointConfigError};

use crate::DocketError;
use crate::data_dir::DataDir;

/// The private keys in the data folder.
const KEYS: &str = "log-key";

/// The last checkpoint in the data folder.
const WITNESS: &str = "checkpoint";

/// The key of a log, ours or a configured one.
pub(crate) struct LogKey {
    /// What signs.
    pub(crate) signing: Option<Signing>,
    /// What the newest signatures are verified with.
    pub(crate) public: String,
}

impl LogKey {
    /// The configured one; else the one in the data folder, made at the first start.
    pub(crate) fn open(config: &CheckpointConfig, data_dir: &DataDir) -> Result<Self, DocketError> {
        let mut config = config.clone();
        let file = config.log_key_file.clone().unwrap_or_else(|| data_dir.file(KEYS));
        if config.log_key_file.is_none() {
            if !file.exists() {
                log_key::generate(&origin()?, &file).map_err(CheckpointConfigError::from)?;
            }
            config.log_key_file = Some(file.clone());
        }
        config.checkpoint_witness.get_or_insert_with(|| data_dir.file(WITNESS));
        let signing = config.open()?;
        let public = log_key::show(&file).map_err(CheckpointConfigError::from)?;
        Ok(Self { signing, public: public.into_iter().next().unwrap_or_default() })
    }
}

/// A name that no other log has, since nobody has given it one.
fn origin() -> Result<String, DocketError> {
    let mut random = [0; 4];
    aws_lc_rs::rand::fill(&mut random).map_err(|_| DocketError::NoRandomness)?;
    Ok(format!("localhost/docket-{}", hex::encode(random)))
}
