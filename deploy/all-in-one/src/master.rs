//! The master key of the data folder: it wraps the keys of persons.

use sealing::{MasterKeys, SealingConfig};

use crate::DocketError;
use crate::data_dir::DataDir;

/// The name of its file, and of its first key.
const NAME: &str = "master.key";

/// Where it is, made if need be.
pub(crate) fn sealing(data_dir: &DataDir) -> Result<SealingConfig, DocketError> {
    let master_key_file = data_dir.file(NAME);
    if !master_key_file.exists() {
        data_dir.write_secret(NAME, MasterKeys::generate("first")?.as_bytes())?;
    }
    Ok(SealingConfig { master_key_file })
}
