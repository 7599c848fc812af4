//! A projector at work.

use std::sync::Arc;

use event_log::{LogReader, Position};
use projector::{Projection, Projector};
use sealing::MasterKeys;
use service::{Health, ManualClock};
use sqlx::PgPool;
use testing::{Database, wait_until};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::history::{AT, History, time};
use crate::keys::master;

/// A projector at work, until it is stopped or dropped.
pub(crate) struct Running {
    pub(crate) health: Health,
    shutdown: CancellationToken,
    task: JoinHandle<()>,
}

impl Running {
    /// Every projection.
    pub(crate) fn start(pool: &PgPool, reader: Arc<dyn LogReader>) -> Self {
        Self::with(pool, reader, projector::all())
    }

    /// Every projection, with other master keys.
    pub(crate) fn keyed(pool: &PgPool, reader: Arc<dyn LogReader>, master: MasterKeys) -> Self {
        Self::begin(pool, reader, master, projector::all())
    }

    /// Some projections.
    pub(crate) fn with(
        pool: &PgPool,
        reader: Arc<dyn LogReader>,
        projections: Vec<Arc<dyn Projection>>,
    ) -> Self {
        Self::begin(pool, reader, master(), projections)
    }

    fn begin(
        pool: &PgPool,
        reader: Arc<dyn LogReader>,
        master: MasterKeys,
        projections: Vec<Arc<dyn Projection>>,
    ) -> Self {
        let (health, shutdown) = (Health::new(), CancellationToken::new());
        let clock = Arc::new(ManualClock::new(time(AT)));
        let projector =
            Projector { pool: pool.clone(), reader, master, clock, health: health.clone() };
        let task = tokio::spawn(projector::run(projector, projections, shutdown.clone()));
        Self { health, shutdown, task }
    }

    /// Stops it, in good order.
    pub(crate) async fn stop(self) {
        self.shutdown.cancel();
        self.task.await.unwrap();
    }
}

/// Waits until every projection has come as far as the log.
pub(crate) async fn caught_up(pool: &PgPool, log: &dyn LogReader) {
    let Position(head) = log.head().await.unwrap();
    for name in projector::projections::names() {
        wait_until(pool, name, head).await;
    }
}

/// Turns all that was told so far into tables, and stops.
pub(crate) async fn project(database: &Database, history: &History) {
    let running = Running::start(&database.pool, history.reader());
    caught_up(&database.pool, history.reader().as_ref()).await;
    running.stop().await;
}

/// Asserts that every table is what the log says.
pub(crate) async fn assert_true_to_the_log(pool: &PgPool, log: &dyn LogReader) {
    for projection in projector::all() {
        let verified = projector::verify(pool, log, &master(), projection.as_ref()).await.unwrap();
        assert_eq!(verified.live, verified.replayed, "{}", projection.name());
        assert_eq!(verified.differing(), Vec::<&str>::new());
    }
}
