//! `docket subject-keys`: takes the keys of persons along to another installation, so that it can read the
//! sealed texts of a log that was loaded there.
//!
//! They are kept out of dumps: whoever is erased afterwards would live on in those.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use clap::Subcommand;
use sealing::store::{ImportError, Imported, PortableKey, export, import};

use crate::cli::Logged;
use crate::data_dir::DataDir;
use crate::master_keys::{self, MasterKeysError};
use crate::store::{self, Store, StoreConfig};
use crate::{DocketError, welcome};

/// Only its owner may read the file.
const MODE: u32 = 0o600;

/// What can be done with the keys of persons.
#[derive(Debug, Subcommand)]
pub enum SubjectKeys {
    /// Write the keys of all persons into a new file, wrapped with the master key. Destroy the file when it
    /// has served: it outlives erasures.
    Export(#[command(flatten)] Box<At>),
    /// Take the keys in a file in. The master key must be the one that they were exported with.
    Import(#[command(flatten)] Box<At>),
}

/// A file of keys, and the database that they are from or for.
#[derive(Debug, clap::Args)]
pub struct At {
    /// The file.
    file: PathBuf,
    #[command(flatten)]
    store: Logged<StoreConfig>,
}

/// Why the keys went nowhere.
#[derive(Debug, thiserror::Error)]
pub enum SubjectKeysError {
    /// The file cannot be read or written.
    #[error("cannot use {}", path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A line is no key.
    #[error("line {line} of {} is no key of a person", path.display())]
    Malformed {
        /// Which file.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
    },
    /// The keys cannot be taken in; none was.
    #[error("no key was imported")]
    Import(#[from] ImportError),
    /// The keys cannot be read.
    #[error("the keys of persons cannot be read")]
    Export(#[source] sqlx::Error),
}

/// Does it.
pub(crate) async fn run(command: SubjectKeys) -> Result<(), DocketError> {
    let is_export = matches!(command, SubjectKeys::Export(_));
    let (SubjectKeys::Export(at) | SubjectKeys::Import(at)) = command;
    let At { file, store } = *at;
    let config = store.begin()?;
    let data_dir = DataDir::open(&config.data_dir)?;
    let store = Store::attach(&config, &data_dir).await?;
    let done = async {
        let sealing = master_keys::config(&config, &data_dir, &store).await?;
        let master = sealing.open().map_err(MasterKeysError::from)?;
        let pool = store::patient_pool(&store.storage().database_url, 1)
            .map_err(SubjectKeysError::Export)?;
        let done = if is_export {
            write(&pool, &file).await.map(|keys| format!("{keys} keys of persons exported"))
        } else {
            let read = read(&file);
            match read {
                Ok(keys) => import(&pool, &master, &keys).await.map(told).map_err(Into::into),
                Err(error) => Err(error),
            }
        };
        pool.close().await;
        Ok::<_, DocketError>(done?)
    };
    let done = done.await;
    store.close().await?;
    welcome::print(&done?)
}

fn told(Imported { imported, found, erased }: Imported) -> String {
    format!(
        "{imported} keys of persons imported, {found} were there already, {erased} were destroyed here and \
         stay so"
    )
}

async fn write(pool: &sqlx::PgPool, path: &Path) -> Result<u64, SubjectKeysError> {
    let unusable = |source| SubjectKeysError::File { path: path.to_owned(), source };
    let file = OpenOptions::new().write(true).create_new(true).mode(MODE).open(path);
    let mut file = BufWriter::new(file.map_err(unusable)?);
    let (mut last, mut written) = (None, 0);
    loop {
        let keys = export(pool, last.as_ref()).await.map_err(SubjectKeysError::Export)?;
        if keys.is_empty() {
            break;
        }
        written += keys.len() as u64;
        for key in &keys {
            serde_json::to_writer(&mut file, key).map_err(io::Error::from).map_err(unusable)?;
            file.write_all(b"\n").map_err(unusable)?;
        }
        last = keys.into_iter().last();
    }
    let file = file.into_inner().map_err(io::IntoInnerError::into_error).map_err(unusable)?;
    file.sync_all().map_err(unusable)?;
    Ok(written)
}

fn read(path: &Path) -> Result<Vec<PortableKey>, SubjectKeysError> {
    let unusable = |source| SubjectKeysError::File { path: path.to_owned(), source };
    let file = BufReader::new(File::open(path).map_err(unusable)?);
    let mut keys = vec![];
    for (line, text) in (1..).zip(file.lines()) {
        let key = serde_json::from_str(&text.map_err(unusable)?);
        let malformed = |_| SubjectKeysError::Malformed { path: path.to_owned(), line };
        keys.push(key.map_err(malformed)?);
    }
    Ok(keys)
}
