//! The service as a process of its own.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use event_log::{EventLog, LogError};
use sealing::{KeyError, MasterKeyError, store};
use serde_json::json;
use service::http::{BindError, bind, serve_with};
use service::{Check, Health, SharedClock, SystemClock};
use sqlx::PgPool;
use tokio::task::JoinError;
use tokio_util::sync::CancellationToken;

use crate::{App, Config, Directory, Sealing, database, expiry, routes};

/// Why the service does not run, or no longer.
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
    /// There are no master keys.
    #[error("cannot use MASTER_KEY_FILE")]
    MasterKeys(#[from] MasterKeyError),
    /// The master keys are not those of the database.
    #[error("the keys in MASTER_KEY_FILE do not fit the database")]
    Keys(#[from] KeyError),
    /// Tokens cannot be verified.
    #[error(transparent)]
    Token(#[from] web::TokenConfigError),
    /// An address cannot be listened on.
    #[error(transparent)]
    Bind(#[from] BindError),
    /// Metrics cannot be recorded.
    #[error("metrics cannot be recorded")]
    Metrics(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A listener broke.
    #[error("a listener broke")]
    Io(#[from] io::Error),
    /// A task beside the listeners ended, which none should.
    #[error("{0} ended by itself")]
    Ended(&'static str),
    /// A task beside the listeners broke.
    #[error("{0} broke")]
    Broke(&'static str, #[source] JoinError),
}

/// Connections for look-ups and for the expiry of bans.
const CONNECTIONS: u32 = 4;

/// How often the log is asked whether it is there.
const PROBE: Duration = Duration::from_secs(2);

/// Serves commands, and ends bans that have run out, until `shutdown`.
pub async fn serve(config: Config, shutdown: CancellationToken) -> Result<(), ServeError> {
    let clock: SharedClock = Arc::new(SystemClock);
    let edge = config.web.edge(Arc::clone(&clock)).await?;
    let metrics = service::metrics::install().map_err(|error| ServeError::Metrics(error.into()))?;
    let log = event_log::open(config.storage.log_url()).await?;
    let pool = database::connect(&config.storage.database_url, CONNECTIONS)?;
    let sealing = sealing_of(&config, &pool).await?;
    let app = App::new(Arc::clone(&log), Directory::connect(pool.clone()), sealing, clock);

    let health = Health::new();
    let extra = service::health::routes(health.clone());
    let router = web::edge(routes(app.clone()), edge, extra);
    let commands = bind(config.listen).await?;
    let scrapes = bind(config.metrics_listen).await?;
    tracing::info!(address = %config.listen, "serving commands");

    let expiring = expiry::run(app, pool.clone(), health.clone(), shutdown.clone());
    let probing = probe(Arc::clone(&log), health, shutdown.clone());
    let scraping = service::metrics::routes(metrics);
    let served = tokio::try_join!(
        listen(serve_with(commands, router, shutdown.clone(), &config.http)),
        listen(serve_with(scrapes, scraping, shutdown.clone(), &config.http)),
        beside("the expiry of bans", expiring, &shutdown),
        beside("the look at the log", probing, &shutdown),
    );
    // Whichever broke takes the rest with it.
    shutdown.cancel();
    log.close().await;
    pool.close().await;
    served?;
    Ok(())
}

/// With the master keys of the configuration, once it is known that they are those of the database. One
/// that cannot be asked now is no reason not to start: nothing is lost to wrong keys, for each command that
/// needs them is refused.
async fn sealing_of(config: &Config, pool: &PgPool) -> Result<Sealing, ServeError> {
    let master = config.sealing.open()?;
    match store::check(pool, &master).await {
        Err(KeyError::Database(error)) => {
            let error: &dyn std::error::Error = &error;
            tracing::warn!(error, "the master keys are not compared with those of the database");
        }
        checked => checked?,
    }
    Ok(Sealing::spawn_for(&config.storage, pool.clone(), master))
}

async fn listen(serving: impl Future<Output = io::Result<()>>) -> Result<(), ServeError> {
    Ok(serving.await?)
}

/// Runs `task` until `shutdown`. Without it the service would only look as if it worked.
async fn beside(
    name: &'static str,
    task: impl Future<Output = ()> + Send + 'static,
    shutdown: &CancellationToken,
) -> Result<(), ServeError> {
    match tokio::spawn(task).await {
        Ok(()) if shutdown.is_cancelled() => Ok(()),
        Ok(()) => Err(ServeError::Ended(name)),
        Err(error) => Err(ServeError::Broke(name, error)),
    }
}

async fn probe(log: Arc<dyn EventLog>, health: Health, shutdown: CancellationToken) {
    let asking = async {
        loop {
            let check = match log.head().await {
                Ok(head) => Check::good(json!({ "head": head.to_string() })),
                Err(error) => Check::bad(json!({ "error": error.to_string() })),
            };
            health.set("event-log", check);
            tokio::time::sleep(PROBE).await;
        }
    };
    let _ = shutdown.run_until_cancelled(asking).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_task_that_breaks_or_ends_by_itself_is_noticed() {
        let shutdown = CancellationToken::new();
        let broke = beside("it", async { panic!("a bug") }, &shutdown).await.unwrap_err();
        assert_eq!(broke.to_string(), "it broke");
        let ended = beside("it", async {}, &shutdown).await.unwrap_err();
        assert_eq!(ended.to_string(), "it ended by itself");
        shutdown.cancel();
        beside("it", async {}, &shutdown).await.unwrap();
    }
}
