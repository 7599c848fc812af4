//! Members at work in this process.

use std::sync::Arc;

use event_log::{LogReader, Position};
use projector::{KafkaConfig, Projection, Projector, kafka};
use service::{Health, ManualClock};
use sqlx::PgPool;
use testing::wait_until;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::history::{AT, time};
use crate::keys::master;

/// A projector that Kafka feeds, until it is stopped or dropped.
pub(crate) struct Member {
    pub(crate) health: Health,
    shutdown: CancellationToken,
    task: JoinHandle<()>,
}

impl Member {
    /// Every projection.
    pub(crate) fn start(pool: &PgPool, log: Arc<dyn LogReader>, config: &KafkaConfig) -> Self {
        Self::with(pool, log, config, projector::all())
    }

    /// Some projections.
    pub(crate) fn with(
        pool: &PgPool,
        reader: Arc<dyn LogReader>,
        config: &KafkaConfig,
        projections: Vec<Arc<dyn Projection>>,
    ) -> Self {
        let (health, shutdown) = (Health::new(), CancellationToken::new());
        let clock = Arc::new(ManualClock::new(time(AT)));
        let projector = Projector {
            pool: pool.clone(),
            reader,
            master: master(),
            clock,
            health: health.clone(),
        };
        let fed = kafka::project(projector, config.clone(), projections, shutdown.clone());
        let task = tokio::spawn(fed);
        Self { health, shutdown, task }
    }

    /// Stops it, in good order.
    pub(crate) async fn stop(self) {
        self.shutdown.cancel();
        self.task.await.unwrap();
    }
}

/// Waits until every projection has come to `position` in all partitions.
pub(crate) async fn reached(pool: &PgPool, Position(position): Position) {
    for name in projector::projections::names() {
        wait_until(pool, name, position).await;
    }
}

/// Asserts that every table is what the log says.
pub(crate) async fn assert_true_to_the_log(pool: &PgPool, log: &dyn LogReader) {
    for projection in projector::all() {
        let verified = projector::verify(pool, log, &master(), projection.as_ref()).await.unwrap();
        assert_eq!(verified.live, verified.replayed, "{}", projection.name());
        assert_eq!(verified.position, log.head().await.unwrap());
    }
}

/// A projector that the log feeds, until it is stopped or dropped.
pub(crate) struct LogFed {
    shutdown: CancellationToken,
    task: JoinHandle<()>,
}

impl LogFed {
    /// Every projection.
    pub(crate) fn start(pool: &PgPool, reader: Arc<dyn LogReader>) -> Self {
        let shutdown = CancellationToken::new();
        let clock = Arc::new(ManualClock::new(time(AT)));
        let projector = Projector {
            pool: pool.clone(),
            reader,
            master: master(),
            clock,
            health: Health::new(),
        };
        let running = projector::run(projector, projector::all(), shutdown.clone());
        Self { shutdown, task: tokio::spawn(running) }
    }

    /// Stops it, in good order.
    pub(crate) async fn stop(self) {
        self.shutdown.cancel();
        self.task.await.unwrap();
    }
}
