//! The projector as a process.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use event_log::{LogError, LogReader};
use sealing::{MasterKeyError, SealingConfig};
use service::http::BindError;
use service::{Check, Health, StorageConfig, SystemClock};
use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;
use tokio_util::sync::CancellationToken;

use crate::error::chain;
use crate::kafka::{self, KafkaConfig, NoBrokers};
use crate::projections;
use crate::run::{Backoff, CHECK, Projector, UNREADABLE};
use crate::tree::{self, CheckpointConfig, CheckpointConfigError};

/// How the projector reaches its database, and where it shows its health.
#[derive(Debug, Clone, Args)]
pub struct Config {
    /// Where the log and the tables are.
    #[command(flatten)]
    pub storage: StorageConfig,
    /// What opens personal texts.
    #[command(flatten)]
    pub sealing: SealingConfig,
    /// Kafka, where there is one.
    #[command(flatten)]
    pub kafka: KafkaConfig,
    /// Whether checkpoints of the log are signed.
    #[command(flatten)]
    pub checkpoints: CheckpointConfig,
    /// Where health and metrics are served. `LISTEN`, default `127.0.0.1:8083`.
    #[arg(long, env = "LISTEN", default_value = "127.0.0.1:8083", value_name = "ADDRESS")]
    pub listen: SocketAddr,
}

/// Why the projector could not start.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The database's address cannot be read.
    #[error("DATABASE_URL cannot be read")]
    BadUrl(#[source] sqlx::Error),
    /// The log's address cannot be understood.
    #[error("EVENT_LOG cannot be used")]
    BadLog(#[source] LogError),
    /// Personal texts could not be opened.
    #[error("MASTER_KEY_FILE cannot be used")]
    Master(#[from] MasterKeyError),
    /// Kafka is to be used, and it is not said where it is.
    #[error(transparent)]
    NoBrokers(#[from] NoBrokers),
    /// Checkpoints cannot be signed as configured.
    #[error(transparent)]
    Checkpoints(#[from] CheckpointConfigError),
    /// Another process has the port.
    #[error(transparent)]
    Bind(#[from] BindError),
    /// Health and metrics could not be served.
    #[error("health and metrics cannot be served")]
    Http(#[from] io::Error),
    /// The metrics could not be set up.
    #[error("metrics cannot be set up")]
    Metrics(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl Config {
    /// Connections for what is not a projection's own work.
    pub(crate) fn pool(&self) -> Result<PgPool, ServeError> {
        PgPoolOptions::new()
            .max_connections(4)
            .acquire_timeout(Duration::from_secs(5))
            .connect_lazy(&self.storage.database_url)
            .map_err(ServeError::BadUrl)
    }
}

/// Runs every projection and serves their health and metrics until `shutdown`.
pub async fn serve(config: Config, shutdown: CancellationToken) -> Result<(), ServeError> {
    config.kafka.check()?;
    let signing = config.checkpoints.open()?;
    let (pool, master) = (config.pool()?, config.sealing.open()?);
    event_log::check_address(config.storage.log_url()).map_err(ServeError::BadLog)?;
    let health = Health::new();
    health.set(CHECK, Check::bad("not looked at yet".into()));
    let metrics = service::metrics::install().map_err(|error| ServeError::Metrics(error.into()))?;
    let listener = service::http::bind(config.listen).await?;
    let routes = service::health::routes(health.clone()).merge(service::metrics::routes(metrics));
    let http = tokio::spawn(service::http::serve(listener, routes, shutdown.clone()));
    if let Some(reader) = connect(config.storage.log_url(), &health, &shutdown).await {
        let clock = Arc::new(SystemClock);
        let projector = Projector { pool, reader: reader.clone(), master, clock, health };
        let relaying = kafka::run(projector.clone(), config.kafka.clone(), shutdown.clone());
        let growing = tree::run(projector.clone(), signing, shutdown.clone());
        let all = projections::all();
        tokio::join!(kafka::project(projector, config.kafka, all, shutdown), relaying, growing);
        reader.close().await;
    }
    http.await.map_err(io::Error::other)?.map_err(Into::into)
}

/// Waits for the log; `None` when told to stop meanwhile.
async fn connect(
    url: &str,
    health: &Health,
    shutdown: &CancellationToken,
) -> Option<Arc<dyn LogReader>> {
    let mut backoff = Backoff::default();
    loop {
        match event_log::open_reader(url).await {
            Ok(reader) => return Some(reader),
            Err(error) => {
                let (error, pause) = (chain(&error), backoff.next());
                tracing::warn!(error, ?pause, "the log cannot be reached");
                health.set(CHECK, Check::bad(UNREADABLE.into()));
                let pause = tokio::time::sleep(pause);
                shutdown.run_until_cancelled(pause).await?;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;
    use tokio_util::sync::CancellationToken;

    #[tokio::test]
    async fn projections_that_kafka_feeds_need_a_broker() {
        let args = ["projector", "--database-url", "postgres://nobody@127.0.0.1:1/docket"];
        let args = args.iter().chain(&["--master-key-file", "master.key"]);
        let args = args.chain(&["--projector-source", "kafka", "run"]);
        let config = crate::Cli::parse_from(args).config;
        let error = super::serve(config, CancellationToken::new()).await.unwrap_err();
        assert_eq!(error.to_string(), "PROJECTOR_SOURCE=kafka needs KAFKA_BROKERS");
    }

    #[test]
    fn the_password_of_the_database_is_not_shown() {
        let args = ["projector", "--database-url", "postgres://docket:hunter2@db/docket"];
        let args = args.iter().chain(&["--master-key-file", "master.key", "run"]);
        let shown = format!("{:?}", crate::Cli::parse_from(args));
        assert!(shown.contains("StorageConfig") && !shown.contains("hunter2"), "{shown}");
    }
}
