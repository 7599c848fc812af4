//! What every query shares.

use std::fmt;
use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::Response;
use event_log::{LogReader, Position};
use events::Timestamp;
use sealing::MasterKeys;
use serde::Serialize;
use service::SharedClock;
use sqlx::PgPool;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use ulid::Ulid;

use crate::access::{self, Access};
use crate::audit::Recorder;
use crate::feed::{FeedConfig, Feeds};
use crate::freshness::{self, Checkpoints, ReadModel};
use crate::tail::{Source, Tail};

/// The read side. Clones share it.
#[derive(Clone)]
pub struct App(Arc<Inner>);

struct Inner {
    pool: PgPool,
    master: MasterKeys,
    reader: Arc<dyn LogReader>,
    recorder: Recorder,
    clock: SharedClock,
    access: Arc<Access>,
    checkpoints: Arc<Checkpoints>,
    tail: Tail,
    source: Source,
    feeds: Feeds,
    tasks: TaskTracker,
}

/// What the read side can be told beside where everything is.
#[derive(Debug)]
pub struct Settings {
    /// What answers `access`.
    pub access: Access,
    /// How many feeds there may be.
    pub feed: FeedConfig,
}

impl Default for Settings {
    fn default() -> Self {
        Access::new(access::MAX_STALENESS).into()
    }
}

impl From<Access> for Settings {
    fn from(access: Access) -> Self {
        Self { access, feed: FeedConfig::default() }
    }
}

impl From<FeedConfig> for Settings {
    fn from(feed: FeedConfig) -> Self {
        Self { feed, ..Self::default() }
    }
}

impl fmt::Debug for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inner").field("pool", &self.pool).finish_non_exhaustive()
    }
}

impl App {
    /// Starts to follow the log and the checkpoints, until `shutdown`. Needs neither to be reachable
    /// yet. Must be called inside a runtime.
    ///
    /// A follower that ends unasked, which only a panic makes it do, cancels `shutdown`: nothing would
    /// tell that what it kept up to date stands still.
    pub fn start(
        reader: Arc<dyn LogReader>,
        pool: PgPool,
        master: MasterKeys,
        clock: SharedClock,
        shutdown: CancellationToken,
    ) -> Self {
        Self::start_with(Settings::default(), reader, pool, master, clock, shutdown)
    }

    /// [`Self::start`] with other settings.
    pub fn start_with(
        settings: impl Into<Settings>,
        reader: Arc<dyn LogReader>,
        pool: PgPool,
        master: MasterKeys,
        clock: SharedClock,
        shutdown: CancellationToken,
    ) -> Self {
        let Settings { access, feed } = settings.into();
        let (access, checkpoints) = (Arc::new(access), Arc::new(Checkpoints::default()));
        let tasks = TaskTracker::new();
        let source = Source::new(pool.clone(), master.clone(), Arc::clone(&reader));
        let (tail, publishing) = Tail::new(source.clone(), shutdown.clone());
        tasks.spawn(last(publishing, shutdown.clone()));
        let follow = access::follow(
            Arc::clone(&access),
            tail.clone(),
            Arc::clone(&reader),
            pool.clone(),
            Arc::clone(&clock),
            shutdown.clone(),
        );
        tasks.spawn(last(follow, shutdown.clone()));
        let follow = freshness::follow(Arc::clone(&checkpoints), pool.clone(), shutdown.clone());
        tasks.spawn(last(follow, shutdown));
        tasks.close();
        let recorder = Recorder::start(&pool);
        Self(Arc::new(Inner {
            pool,
            master,
            reader,
            recorder,
            clock,
            access,
            checkpoints,
            tail,
            source,
            feeds: Feeds::new(feed),
            tasks,
        }))
    }

    /// Waits until the tasks behind it have ended, which they do on shutdown.
    pub async fn stopped(&self) {
        self.0.tasks.wait().await;
        self.0.recorder.close().await;
    }

    /// Does `task` until it ends, which [`Self::stopped`] waits for. `shutdown` is cancelled when it
    /// does, however it ends.
    pub(crate) fn spawn(
        &self,
        task: impl Future<Output = ()> + Send + 'static,
        shutdown: CancellationToken,
    ) {
        self.0.tasks.spawn(last(task, shutdown));
    }

    /// A fresh id.
    pub(crate) fn new_id(&self) -> Ulid {
        service::new_id(self.0.clock.as_ref())
    }

    /// The log.
    pub(crate) fn reader(&self) -> &dyn LogReader {
        self.0.reader.as_ref()
    }

    /// Records what auditors read.
    pub(crate) fn recorder(&self) -> &Recorder {
        &self.0.recorder
    }

    /// The present instant, to the millisecond.
    pub fn now(&self) -> Timestamp {
        self.0.clock.now().into()
    }

    /// A good answer.
    pub fn success(&self, data: impl Serialize) -> Response {
        web::allmine::success(StatusCode::OK, data, self.0.clock.now())
    }

    pub(crate) fn pool(&self) -> &PgPool {
        &self.0.pool
    }

    /// What opens the keys of persons.
    pub(crate) fn master(&self) -> &MasterKeys {
        &self.0.master
    }

    pub(crate) fn access(&self) -> &Arc<Access> {
        &self.0.access
    }

    pub(crate) fn checkpoints(&self) -> &Arc<Checkpoints> {
        &self.0.checkpoints
    }

    /// The end of the log as it grows.
    pub fn tail(&self) -> &Tail {
        &self.0.tail
    }

    /// What completes events that are read from the log.
    pub(crate) fn source(&self) -> &Source {
        &self.0.source
    }

    pub(crate) fn feeds(&self) -> &Feeds {
        &self.0.feeds
    }

    /// How far `model` has come, or further.
    pub(crate) fn position(&self, model: ReadModel) -> Position {
        match model {
            ReadModel::Table(projection) => self.checkpoints().position(projection),
            ReadModel::Memory => self.access().position(),
        }
    }

    /// Waits until `model` has come to `position`; for ever, when it never does.
    pub(crate) async fn reach(&self, model: ReadModel, position: Position) {
        match model {
            ReadModel::Table(projection) => self.checkpoints().reach(projection, position).await,
            ReadModel::Memory => self.access().reach(position).await,
        }
    }
}

impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("App").finish_non_exhaustive()
    }
}

/// Does `task`; `shutdown` is cancelled when it ends, however it ends.
async fn last(task: impl Future<Output = ()>, shutdown: CancellationToken) {
    let guard = shutdown.drop_guard();
    task.await;
    drop(guard);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_ends_all() {
        let shutdown = CancellationToken::new();
        let panicking = last(async { panic!("a fault of ours") }, shutdown.clone());
        tokio::spawn(panicking).await.unwrap_err();
        assert!(shutdown.is_cancelled());
    }
}
