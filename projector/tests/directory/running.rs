//! Projectors that take the topics in: in this process, or in one of their own that can be killed.

use std::collections::BTreeMap;
use std::process::Stdio;
use std::sync::Arc;

use event_log::memory::MemoryLog;
use projector::{KafkaConfig, Projector};
use serde_json::Value;
use service::{Health, ManualClock};
use sqlx::{AssertSqlSafe, PgPool};
use testing::{Database, eventually};
use tokio::process::{Child, Command};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::broker::Platform;
use crate::keys::master;

/// One in this process.
pub(crate) struct Running {
    pub(crate) health: Health,
    shutdown: CancellationToken,
    task: JoinHandle<()>,
}

impl Running {
    pub(crate) fn start(pool: &PgPool, kafka: &KafkaConfig) -> Self {
        let (health, shutdown) = (Health::new(), CancellationToken::new());
        let now = || "2026-01-15T12:00:00Z".parse().unwrap();
        let projector = Projector {
            pool: pool.clone(),
            reader: Arc::new(MemoryLog::new(now)),
            master: master(),
            clock: Arc::new(ManualClock::new(now())),
            health: health.clone(),
        };
        let run = projector::kafka::run(projector, kafka.clone(), shutdown.clone());
        Self { health, shutdown, task: tokio::spawn(run) }
    }

    /// Stops it, in good order.
    pub(crate) async fn stop(self) {
        self.shutdown.cancel();
        self.task.await.unwrap();
    }
}

/// One in a process of its own. Killed when it is dropped.
pub(crate) fn spawn(database: &Database, kafka: &KafkaConfig) -> Child {
    Command::new(env!("CARGO_BIN_EXE_projector"))
        .args(["--listen=127.0.0.1:0", "run"])
        .env("MASTER_KEY_FILE", crate::keys::FILE)
        .env("DATABASE_URL", &database.url)
        .env("KAFKA_BROKERS", kafka.brokers.as_deref().unwrap())
        .env("KAFKA_TOPIC_PREFIX", &kafka.topic_prefix)
        .env("KAFKA_PARTITIONS", kafka.partitions.to_string())
        .env("RUST_LOG", "off")
        .stdout(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap()
}

/// How far the database says that it has come.
pub(crate) async fn offsets(pool: &PgPool) -> BTreeMap<(String, i32), i64> {
    let rows: Vec<(String, i32, i64)> =
        sqlx::query_as("SELECT topic, partition, next_offset FROM inbound.offsets")
            .fetch_all(pool)
            .await
            .unwrap();
    rows.into_iter().map(|(topic, partition, next)| ((topic, partition), next)).collect()
}

/// Waits until everything that was sent is landed.
pub(crate) async fn landed(pool: &PgPool, platform: &Platform) {
    let ends = platform.ends().await;
    eventually("everything to land", async || (offsets(pool).await == ends).then_some(())).await;
}

/// The rows of a statement as JSON.
pub(crate) async fn query(pool: &PgPool, statement: &str) -> Value {
    let rows = format!("SELECT coalesce(jsonb_agg(to_jsonb(row)), '[]') FROM ({statement}) AS row");
    sqlx::query_scalar(AssertSqlSafe(rows)).fetch_one(pool).await.unwrap()
}

pub(crate) async fn execute(pool: &PgPool, statement: &str) {
    sqlx::raw_sql(AssertSqlSafe(statement.to_owned())).execute(pool).await.unwrap();
}
