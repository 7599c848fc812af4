//! `docket master-key`: makes master keys, and replaces them without touching an event.
//!
//! A rotation puts a new key first into the file, then has every person's key wrapped anew. Services that
//! run notice the file by themselves, each of its keys opens what it wrapped, and so no command fails. To
//! retire the old keys is a step of its own: backups of the database still need them.

mod file;

use std::path::{Path, PathBuf};

use clap::Subcommand;
use sealing::store::{check, names, retire, rewrap, usage};
use sealing::{KeyError, MasterKeyError, MasterKeys};
use sqlx::PgPool;

use crate::cli::Logged;
use crate::data_dir::DataDir;
use crate::master_keys::unused_name;
use crate::store::{self, Store, StoreConfig};
use crate::{DocketError, welcome};

/// What can be done with master keys.
#[derive(Debug, Subcommand)]
pub enum MasterKey {
    /// Write a new file with one key.
    Generate {
        /// A file that is not there yet.
        file: PathBuf,
        /// What the key is called.
        #[arg(long, default_value = "master-1", value_name = "NAME")]
        name: String,
    },
    /// Put a new key first into the file, and wrap the key of every person with it. Cut short, it is
    /// finished by the next try.
    Rotate {
        /// Where services have copies of the file: only put a new key last, which wraps nothing yet. Once
        /// all have it, rotate without this flag, and give them the file again.
        #[arg(long)]
        prepare: bool,
        #[command(flatten)]
        on: Box<On>,
    },
    /// Drop every key but the first from the file. Backups of the database from before the rotation can be
    /// read with the old file only.
    Retire(#[command(flatten)] Box<On>),
    /// Tell the names of the keys, and how many persons' keys each wraps.
    Show(#[command(flatten)] Box<On>),
}

/// A file of master keys, and the database that they are for.
#[derive(Debug, clap::Args)]
pub struct On {
    /// The file that `MASTER_KEY_FILE` names.
    file: PathBuf,
    #[command(flatten)]
    store: Logged<StoreConfig>,
}

/// Why nothing was done.
#[derive(Debug, thiserror::Error)]
pub enum MasterKeyCommandError {
    /// The file cannot be used.
    #[error(transparent)]
    File(#[from] MasterKeyError),
    /// The database and the file do not go together, or the database cannot do it.
    #[error("cannot use the master keys in {}", path.display())]
    Keys {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: KeyError,
    },
    /// An old key is needed still.
    #[error("nothing is retired, for {}: run `docket master-key rotate` first", told(.0))]
    InUse(Vec<(String, i64)>),
    /// The database cannot be asked.
    #[error("the keys of persons cannot be counted")]
    Database(#[from] sqlx::Error),
}

fn told(used: &[(String, i64)]) -> String {
    let each = used.iter().map(|(name, keys)| format!("{name} still wraps {keys} keys of persons"));
    each.collect::<Vec<_>>().join(", ")
}

/// Does it.
pub(crate) async fn run(command: MasterKey) -> Result<(), DocketError> {
    match command {
        MasterKey::Generate { file, name } => {
            file::create(&file, &MasterKeys::generate(&name).map_err(MasterKeyCommandError::from)?)
                .map_err(MasterKeyCommandError::from)?;
            welcome::print(&format!(
                "{} holds the master key {name}: keep a copy of it apart from the \
                 database, without it no sealed text can be read",
                file.display()
            ))
        }
        MasterKey::Rotate { prepare, on } => {
            on.with(async |path, pool| rotate(path, pool, prepare).await).await
        }
        MasterKey::Retire(on) => on.with(retire_all).await,
        MasterKey::Show(on) => on.with(show).await,
    }
}

impl On {
    /// Has `work` done with the database, and prints what it tells.
    async fn with(
        self,
        work: impl AsyncFnOnce(&Path, &PgPool) -> Result<String, MasterKeyCommandError>,
    ) -> Result<(), DocketError> {
        let config = self.store.begin()?;
        // Before a database is looked for: whoever misspelt the name learns that.
        MasterKeys::open(&self.file).map_err(MasterKeyCommandError::from)?;
        let data_dir = DataDir::open(&config.data_dir)?;
        let store = Store::attach(&config, &data_dir).await?;
        let pool = store::patient_pool(&store.storage().database_url, 1)
            .map_err(MasterKeyCommandError::from)?;
        let done = work(&self.file, &pool).await;
        pool.close().await;
        store.close().await?;
        welcome::print(&done?)
    }
}

/// The keys in the file, which must be those of the database.
async fn fitting(path: &Path, pool: &PgPool) -> Result<MasterKeys, MasterKeyCommandError> {
    let keys = MasterKeys::open(path)?;
    check(pool, &keys).await.map_err(unusable(path))?;
    Ok(keys)
}

async fn rotate(
    path: &Path,
    pool: &PgPool,
    only_prepare: bool,
) -> Result<String, MasterKeyCommandError> {
    let keys = fitting(path, pool).await?;
    let (first, known) = (keys.current(), names(pool).await?);
    let prepared = keys.names().into_iter().skip(1).find(|name| !known.contains(name));
    if only_prepare {
        if let Some(name) = prepared {
            return Ok(format!("{name} was prepared before"));
        }
        let name = add(path, &keys, &known, file::put_last)?;
        return Ok(format!("{name} is prepared: rotate again once every service has the file"));
    }
    let is_begun = usage(pool).await?.iter().any(|(name, _)| *name != first);
    match prepared {
        _ if is_begun => {}
        Some(name) => file::move_first(path, &name)?,
        None => {
            add(path, &keys, &known, file::put_first)?;
        }
    }
    let keys = MasterKeys::open(path)?;
    let wrapped = rewrap(pool, &keys).await.map_err(unusable(path))?;
    let current = keys.current();
    let begun = if is_begun { ", as was begun before" } else { "" };
    Ok(format!("{current} has wrapped {wrapped} keys of persons anew{begun}"))
}

/// Adds a key to the file, under a name that was never used.
fn add(
    path: &Path,
    keys: &MasterKeys,
    known: &[String],
    put: impl Fn(&Path, &str) -> Result<(), MasterKeyError>,
) -> Result<String, MasterKeyCommandError> {
    let name = unused_name(&keys.current(), &[known, &keys.names()].concat());
    put(path, &MasterKeys::generate(&name)?)?;
    Ok(name)
}

async fn retire_all(path: &Path, pool: &PgPool) -> Result<String, MasterKeyCommandError> {
    let keys = fitting(path, pool).await?;
    let used = retire(pool, &keys).await.map_err(unusable(path))?;
    if !used.is_empty() {
        return Err(MasterKeyCommandError::InUse(used));
    }
    file::keep_first(path)?;
    let current = keys.current();
    match keys.names().as_slice() {
        [_, retired @ ..] if !retired.is_empty() => {
            Ok(format!("retired {}; {current} is the only master key", retired.join(", ")))
        }
        _ => Ok(format!("{current} is the only master key")),
    }
}

async fn show(path: &Path, pool: &PgPool) -> Result<String, MasterKeyCommandError> {
    let (keys, used) = (MasterKeys::open(path)?, usage(pool).await?);
    let names = keys.names();
    let current = keys.current();
    let line = |name: &String| {
        let count = used.iter().find(|(other, _)| other == name).map_or(0, |(_, count)| *count);
        let standing = match (*name == current, names.contains(name)) {
            (true, _) => "current",
            (false, true) => "old",
            (false, false) => "MISSING from the file",
        };
        format!("{name}\t{standing}\twraps {count} keys of persons")
    };
    let missing = used.iter().map(|(name, _)| name).filter(|name| !names.contains(name));
    Ok(names.iter().chain(missing).map(line).collect::<Vec<_>>().join("\n"))
}

fn unusable(path: &Path) -> impl FnOnce(KeyError) -> MasterKeyCommandError {
    let path = path.to_path_buf();
    move |source| MasterKeyCommandError::Keys { path, source }
}
