//! A relay at work.

use std::sync::Arc;

use event_log::{LogReader, Position};
use projector::Projector;
use projector::kafka::{self, KafkaConfig, Relay};
use service::{Health, ManualClock};
use sqlx::PgPool;
use testing::eventually;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::history::{AT, time};
use crate::keys::master;

/// A relay at work, until it is stopped.
pub(crate) struct Relaying {
    pub(crate) health: Health,
    shutdown: CancellationToken,
    task: JoinHandle<()>,
}

/// Topics of the test's own on the broker at `brokers`.
pub(crate) fn config(brokers: String) -> KafkaConfig {
    let (brokers, topic_prefix) = (Some(brokers), testing::kafka::prefix());
    KafkaConfig { brokers, topic_prefix, ..KafkaConfig::default() }
}

impl Relaying {
    pub(crate) fn start(pool: &PgPool, reader: Arc<dyn LogReader>, kafka: &KafkaConfig) -> Self {
        let (health, shutdown) = (Health::new(), CancellationToken::new());
        let clock = Arc::new(ManualClock::new(time(AT)));
        let projector = Projector {
            pool: pool.clone(),
            reader,
            master: master(),
            clock,
            health: health.clone(),
        };
        let task = tokio::spawn(kafka::run(projector, kafka.clone(), shutdown.clone()));
        Self { health, shutdown, task }
    }

    pub(crate) async fn stop(self) {
        self.shutdown.cancel();
        self.task.await.unwrap();
    }
}

/// Waits until everything up to `position` is relayed.
pub(crate) async fn relayed(pool: &PgPool, position: Position) {
    eventually(&format!("the relay to reach {position}"), async || {
        (reached(pool).await >= position).then_some(())
    })
    .await;
}

/// How far it is.
pub(crate) async fn reached(pool: &PgPool) -> Position {
    let position: Option<i64> =
        sqlx::query_scalar("SELECT position FROM reactors.checkpoints WHERE name = $1")
            .bind(Relay::NAME)
            .fetch_optional(pool)
            .await
            .unwrap();
    Position(position.unwrap_or(0).unsigned_abs())
}

/// How often it was taken over.
pub(crate) async fn owner(pool: &PgPool) -> i64 {
    let owner = sqlx::query_scalar("SELECT owner FROM reactors.checkpoints WHERE name = $1")
        .bind(Relay::NAME)
        .fetch_optional(pool);
    owner.await.unwrap().unwrap_or(0)
}
