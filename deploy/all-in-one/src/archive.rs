//! The log as a file that another installation can load.

use std::path::{Path, PathBuf};

use event_log::archive::{self, ArchiveError, Reader, Summary, Writer};
use event_log::postgres::Loading;
use event_log::{LogId, LogReader, Position};
use service::{Progress, Step, StorageConfig};
use sqlx::{Connection, PgConnection};

use crate::data_dir::DataDir;
use crate::store::{Store, StoreConfig};
use crate::{DocketError, welcome};

/// The name of the standard input and output.
const STANDARD: &str = "-";

/// Writes the log that the services use into the file of this name, running or not.
pub(crate) async fn dump(config: StoreConfig, path: &Path) -> Result<(), DocketError> {
    let data_dir = DataDir::open(&config.data_dir)?;
    let store = Store::attach(&config, &data_dir).await?;
    let done = write(&store.storage(), path).await;
    store.close().await?;
    let Summary { events, root_hash, .. } = done?;
    if path == Path::new(STANDARD) {
        // What is written there is the archive.
        tracing::info!(events, root_hash, "dumped");
        return Ok(());
    }
    welcome::print(&format!("{events} events dumped, root hash {root_hash}"))
}

/// Loads the file of this name into the log that the services use, which must be empty.
pub(crate) async fn load(config: StoreConfig, path: PathBuf) -> Result<(), DocketError> {
    let data_dir = DataDir::open(&config.data_dir)?;
    let store = Store::attach(&config, &data_dir).await?;
    let done = read(&store.storage(), path).await;
    store.close().await?;
    let Summary { events, root_hash, .. } = done?;
    welcome::print(&format!("{events} events loaded, root hash {root_hash}"))
}

async fn write(storage: &StorageConfig, path: &Path) -> Result<Summary, DocketError> {
    let log = event_log::open_reader(storage.log_url()).await?;
    let unwritten = |source| DocketError::Unwritten { path: path.to_owned(), source };
    // Before the head, so that it covers no more than is written.
    let checkpoint = newest_checkpoint(storage, &*log).await?;
    let head = log.head().await?;
    let draft = archive::create(path).map_err(unwritten)?;
    let writer =
        Writer::begin(draft, event_log::positions(storage.log_url())?).map_err(unwritten)?;
    let progress = Progress::begin("dump");
    let end = Some(head.0);
    let told = |events, position: Position| {
        progress.tell(Step { events, position: position.0, end, part: None });
    };
    let done = archive::dump(&*log, head, writer, checkpoint, told).await;
    drop(progress);
    log.close().await;
    let (summary, draft) = done?;
    draft.keep().map_err(unwritten)?;
    Ok(summary)
}

/// The newest checkpoint that was signed over this log, as a signed note; `None` while there is none.
async fn newest_checkpoint(
    storage: &StorageConfig,
    log: &dyn LogReader,
) -> Result<Option<String>, DocketError> {
    let Some(log_id) = LogId::read(log).await? else { return Ok(None) };
    let unusable = |source| DocketError::Database { variable: "DATABASE_URL", source };
    let mut connection = PgConnection::connect(&storage.database_url).await.map_err(unusable)?;
    let checkpoint = sqlx::query_scalar(
        "SELECT checkpoint FROM tree.head, reactors.checkpoints
         WHERE name = 'tree' AND log_id = $1 AND checkpoint IS NOT NULL",
    )
    .bind(log_id.as_str())
    .fetch_optional(&mut connection)
    .await
    .map_err(unusable)?;
    connection.close().await.map_err(unusable)?;
    Ok(checkpoint)
}

async fn read(storage: &StorageConfig, path: PathBuf) -> Result<Summary, DocketError> {
    let opening = tokio::task::spawn_blocking(move || open(path));
    let (archive, consumed) = opening.await.map_err(event_log::postgres::LoadError::from)??;
    let (mut stage, mut loaded) = (Progress::begin("load"), None);
    let told = |loading| match loading {
        Loading::Copied(events) => {
            let part = consumed.part();
            stage.tell(Step { events, position: events, end: None, part });
        }
        Loading::Compared(events) => {
            let end = loaded.get_or_insert_with(|| {
                std::mem::replace(&mut stage, Progress::begin("load: compare")).events()
            });
            stage.tell(Step { events, position: events, end: Some(*end), part: None });
        }
    };
    Ok(event_log::load(storage.log_url(), archive, told).await?)
}

type Opened = (Reader<Box<dyn std::io::BufRead + Send>>, archive::Consumed);

/// Opens the archive; whoever writes into the other end of a pipe may take his time.
fn open(path: PathBuf) -> Result<Opened, DocketError> {
    let (input, consumed) =
        archive::open(&path).map_err(|source| DocketError::Unread { path, source })?;
    let archive =
        Reader::begin(input).map_err(|error: ArchiveError| DocketError::Load(error.into()))?;
    Ok((archive, consumed))
}
