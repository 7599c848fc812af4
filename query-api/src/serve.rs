//! The read side as a process, from its start to its drain.

use std::io;
use std::sync::Arc;

use event_log::LogError;
use service::http::{BindError, bind, serve_with};
use service::{Health, SharedClock, SystemClock};
use tokio_util::sync::CancellationToken;

use crate::dashboard::{Dashboard, Guests, OidcConfigError};
use crate::{App, Config, connect, extra, routes};

/// Why the read side does not run, or no longer.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The log cannot be reached.
    #[error(
        "cannot reach the event log: check EVENT_LOG or DATABASE_URL, and that the database is migrated"
    )]
    Log(#[from] LogError),
    /// The database's address is none.
    #[error("cannot use DATABASE_URL")]
    Database(#[from] sqlx::Error),
    /// The master keys cannot be used.
    #[error("MASTER_KEY_FILE cannot be used")]
    Master(#[from] sealing::MasterKeyError),
    /// Tokens cannot be verified.
    #[error(transparent)]
    Token(#[from] web::TokenConfigError),
    /// An address cannot be listened on.
    #[error(transparent)]
    Bind(#[from] BindError),
    /// Metrics cannot be recorded.
    #[error("metrics cannot be recorded")]
    Metrics(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// There is no client for commands.
    #[error("commands cannot be sent")]
    Commands(#[from] reqwest::Error),
    /// Nobody could sign in at the provider.
    #[error(transparent)]
    Provider(#[from] OidcConfigError),
    /// A listener broke.
    #[error("a listener broke")]
    Io(#[from] io::Error),
    /// What follows the log or the checkpoints has ended.
    #[error("a task that follows the log or the checkpoints has ended")]
    Ended,
}

/// Answers queries until `shutdown`, then drains.
pub async fn serve(config: Config, shutdown: CancellationToken) -> Result<(), ServeError> {
    let clock: SharedClock = Arc::new(SystemClock);
    let provider = config.dashboard.provider(Arc::clone(&clock))?;
    let edge = config.web.edge(Arc::clone(&clock)).await?;
    let metrics = service::metrics::install().map_err(|error| ServeError::Metrics(error.into()))?;
    let master = config.sealing.open()?;
    let pool = connect(&config.storage.database_url, u32::from(config.query_connections) + 1)?;
    let reader = event_log::open_reader(config.storage.log_url()).await?;
    let queries = bind(config.listen).await?;
    let scrapes = bind(config.metrics_listen).await?;

    // Ends with `shutdown`, and with any part that ends before it.
    let end = shutdown.child_token();
    let reading = Arc::clone(&reader);
    let app = App::start_with(config.feed, reading, pool.clone(), master, clock, end.clone());
    let health = Health::new();
    app.register(&health);
    let dashboard = Dashboard::new(
        app.clone(),
        Arc::clone(&edge.verifier),
        &config.command_api_url,
        Guests::default(),
        provider,
    )?;
    let extra = extra(dashboard, &edge, &config.push, &end);
    let extra = extra.merge(service::health::routes(health));
    let router = web::edge(routes(app.clone()), edge, extra);
    tracing::info!(address = %config.listen, "serving queries");

    let served = tokio::try_join!(
        serve_with(queries, router, end.clone(), &config.http),
        serve_with(scrapes, service::metrics::routes(metrics), end.clone(), &config.http),
    );
    // A listener that broke takes the rest with it.
    end.cancel();
    app.stopped().await;
    reader.close().await;
    pool.close().await;
    served?;
    if shutdown.is_cancelled() { Ok(()) } else { Err(ServeError::Ended) }
}
