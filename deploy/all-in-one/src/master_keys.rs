//! The master keys of this docket: those that are configured, or its own.
//!
//! **Architecture Invariant:** no new key is made beside a database whose texts another one protects. Whoever
//! has lost the key must learn so, while it may still be found.

use std::path::PathBuf;

use sealing::store::{check, names, usage};
use sealing::{KeyError, MasterKeyError, MasterKeys, NAME_MAX, SealingConfig};
use sqlx::PgPool;

use crate::data_dir::{DataDir, DataDirError};
use crate::store::{self, Store, StoreConfig};

/// The file in the data folder, where no other is configured.
pub const FILE: &str = "master.key";

/// What the first key of our own is called.
const FIRST: &str = "local-1";

/// Why there are no master keys.
#[derive(Debug, thiserror::Error)]
pub enum MasterKeysError {
    /// The file cannot be used.
    #[error(transparent)]
    File(#[from] MasterKeyError),
    /// A new file cannot be written.
    #[error(transparent)]
    DataDir(#[from] DataDirError),
    /// The file is gone that the database was used with.
    #[error(
        "{path} is missing, and the database holds {keys} keys of persons that {names} protects: put the file \
         back, or name it with MASTER_KEY_FILE; without it their texts cannot be read",
        path = path.display()
    )]
    Lost {
        /// Where it should be.
        path: PathBuf,
        /// How many.
        keys: i64,
        /// The names of the master keys that wrap them.
        names: String,
    },
    /// The file is another one than the database was used with.
    #[error("the master keys in {} are not those of this database", path.display())]
    Other {
        /// Which file.
        path: PathBuf,
        /// What does not fit.
        source: KeyError,
    },
    /// The database cannot be asked.
    #[error("cannot compare the master keys with those of the database")]
    Database(#[from] sqlx::Error),
}

/// Where the master keys of whoever works over `store` are, once it is known that they fit it.
pub async fn config(
    config: &StoreConfig,
    data_dir: &DataDir,
    store: &Store,
) -> Result<SealingConfig, MasterKeysError> {
    let pool = store::patient_pool(&store.storage().database_url, 1)?;
    let found = find(config, data_dir, &pool).await;
    pool.close().await;
    found
}

async fn find(
    config: &StoreConfig,
    data_dir: &DataDir,
    pool: &PgPool,
) -> Result<SealingConfig, MasterKeysError> {
    let own = data_dir.file(FILE);
    let path = config.master_key_file.clone().unwrap_or_else(|| own.clone());
    let is_new = config.master_key_file.is_none() && !own.exists();
    if is_new {
        make(data_dir, pool).await?;
    }
    match check(pool, &MasterKeys::open(&path)?).await {
        Ok(()) => Ok(SealingConfig { master_key_file: path }),
        Err(KeyError::Database(error)) => Err(error.into()),
        Err(source) => {
            if is_new {
                // Somebody else has begun to use the database at the same moment.
                data_dir.remove(FILE)?;
            }
            Err(MasterKeysError::Other { path, source })
        }
    }
}

/// Makes a key of our own, unless the database was used with another.
async fn make(data_dir: &DataDir, pool: &PgPool) -> Result<(), MasterKeysError> {
    let used = usage(pool).await?;
    if !used.is_empty() {
        let keys = used.iter().map(|(_, keys)| keys).sum();
        let names: Vec<String> = used.into_iter().map(|(name, _)| name).collect();
        let path = data_dir.file(FILE);
        return Err(MasterKeysError::Lost { path, keys, names: names.join(", ") });
    }
    // A name that was used once, for a key that is lost with nothing in it, is not used again.
    let name = unused_name(FIRST, &names(pool).await?);
    data_dir.write_secret(FILE, MasterKeys::generate(&name)?.as_bytes())?;
    Ok(())
}

/// `name` where nobody uses it, else the same with the first number behind it that makes it new.
pub(crate) fn unused_name(name: &str, used: &[String]) -> String {
    if !used.iter().any(|other| other == name) {
        return name.to_owned();
    }
    let stem = name.trim_end_matches(|c: char| c.is_ascii_digit()).trim_end_matches('-');
    // Room for a number, however long the name is.
    let stem: String = stem.chars().take(NAME_MAX - 6).collect();
    let numbered = |number: usize| format!("{stem}-{number}");
    // Of so many, one at least is new.
    let mut candidates = (2..used.len() + 3).map(numbered);
    candidates.find(|name| !used.contains(name)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::unused_name;

    #[test]
    fn a_name_is_numbered_on_until_nobody_uses_it() {
        let used: Vec<String> = ["local-1", "local-2", "key"].map(String::from).into();
        assert_eq!(unused_name("local-1", &used), "local-3");
        assert_eq!(unused_name("local-7", &used), "local-7");
        assert_eq!(unused_name("key", &used), "key-2");
        assert!(unused_name(&"n".repeat(64), &used).len() <= 64);
    }
}
