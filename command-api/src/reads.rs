//! What commands read before they decide: event streams, opened, and snapshots, for many commands at once.
//!
//! All go through one batcher, so that they keep one beat: commands that were read together go
//! on together, and the batches behind this one stay large too.

use std::sync::Arc;

use event_log::batcher::{BatchError, Batcher};
use event_log::{EventLog, LogError, RecordedEvent, StreamName};
use sealing::Each;
use ulid::Ulid;

use crate::aggregate::Aggregate;
use crate::directory::{DirectoryError, Found, Wanted};
use crate::history::{History, StreamError};
use crate::sealing::{SealingError, key_ids};
use crate::{Directory, Sealing};

/// Commands that may wait at once before further ones are refused.
const QUEUE: usize = 8192;
/// Commands that are read for at once at most.
const BATCH: usize = 512;

/// Reads for many commands at once. Clones share the queue.
#[derive(Debug, Clone)]
pub(crate) struct Reads(Batcher<Need, Read, ReadError>);

/// What one command needs.
struct Need {
    stream: Option<StreamName>,
    wanted: Option<Wanted>,
}

/// What there is of it.
struct Read {
    recorded: Vec<RecordedEvent>,
    /// Those that open what is sealed in the events, among others.
    keys: Arc<Each<Ulid>>,
    found: Arc<Found>,
}

/// Why something could not be read.
#[derive(Debug, Clone, thiserror::Error)]
pub(crate) enum ReadError {
    /// The event stream.
    #[error(transparent)]
    Stream(#[from] StreamError),
    /// The snapshots.
    #[error(transparent)]
    Directory(#[from] DirectoryError),
    /// Too many commands wait already.
    #[error("the queue of reads is full")]
    Overloaded,
    /// The process is shutting down.
    #[error("nothing is read any more")]
    Stopped,
}

impl Reads {
    /// Reads from `log`, which `sealing` opens, and `directory`. Must be called inside a runtime.
    pub(crate) fn spawn(log: Arc<dyn EventLog>, sealing: Sealing, directory: Directory) -> Self {
        Self(Batcher::spawn("reads", QUEUE, BATCH, move |needs| {
            let (log, sealing, directory) = (Arc::clone(&log), sealing.clone(), directory.clone());
            async move { read(&*log, &sealing, &directory, needs).await }
        }))
    }

    /// The history of `stream`.
    pub(crate) async fn load<D: Aggregate>(
        &self,
        stream: StreamName,
    ) -> Result<History<D>, ReadError> {
        let need = Need { stream: Some(stream.clone()), wanted: None };
        let Read { recorded, keys, .. } = self.call(need).await?;
        Ok(History::of(stream, &recorded, &keys)?)
    }

    /// What the directory knows of what is `wanted`.
    pub(crate) async fn look_up(&self, wanted: Wanted) -> Result<Arc<Found>, ReadError> {
        Ok(self.call(Need { stream: None, wanted: Some(wanted) }).await?.found)
    }

    /// Both at the same time.
    pub(crate) async fn load_and_look_up<D: Aggregate>(
        &self,
        stream: StreamName,
        wanted: Wanted,
    ) -> Result<(History<D>, Arc<Found>), ReadError> {
        let need = Need { stream: Some(stream.clone()), wanted: Some(wanted) };
        let Read { recorded, keys, found } = self.call(need).await?;
        Ok((History::of(stream, &recorded, &keys)?, found))
    }

    async fn call(&self, need: Need) -> Result<Read, ReadError> {
        self.0.call(need).await.map_err(|error| match error {
            BatchError::Full => ReadError::Overloaded,
            BatchError::Stopped => ReadError::Stopped,
            BatchError::Failed(error) => error,
        })
    }
}

impl From<LogError> for ReadError {
    fn from(error: LogError) -> Self {
        Self::Stream(error.into())
    }
}

impl From<SealingError> for ReadError {
    fn from(error: SealingError) -> Self {
        Self::Stream(error.into())
    }
}

async fn read(
    log: &dyn EventLog,
    sealing: &Sealing,
    directory: &Directory,
    needs: Vec<Need>,
) -> Result<Vec<Read>, ReadError> {
    let (streams, wanted): (Vec<_>, Vec<_>) =
        needs.into_iter().map(|need| (need.stream, need.wanted)).unzip();
    let names: Vec<_> = streams.iter().flatten().cloned().collect();
    let wanted: Vec<_> = wanted.into_iter().flatten().collect();
    let histories = async {
        if names.is_empty() {
            return Ok((vec![], Each::new()));
        }
        let histories = log.read_streams(&names).await?;
        let keys = sealing.by_id(&key_ids(histories.iter().flatten())).await?;
        Ok::<_, ReadError>((histories, keys))
    };
    let found = async {
        if wanted.is_empty() {
            Ok(Found::default())
        } else {
            Ok(directory.look_up(&wanted).await?)
        }
    };
    let ((histories, keys), found) = tokio::try_join!(histories, found)?;

    let (mut histories, keys, found) = (histories.into_iter(), Arc::new(keys), Arc::new(found));
    let mut answer = |stream: Option<StreamName>| {
        let recorded = stream.and_then(|_| histories.next()).unwrap_or_default();
        Read { recorded, keys: Arc::clone(&keys), found: Arc::clone(&found) }
    };
    Ok(streams.into_iter().map(&mut answer).collect())
}
