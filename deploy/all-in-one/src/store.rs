//! Where everything is kept: the configured database, or a private one.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use service::StorageConfig;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{ConnectOptions, Connection, PgPool};

use crate::DocketError;
use crate::data_dir::{DataDir, DataDirLock};
use crate::private_postgres::{PrivatePostgres, Urls};

/// Where things are kept.
#[derive(Clone, Args)]
pub struct StoreConfig {
    /// The folder of the private PostgreSQL, the keys of the tokens, of the log and of texts, the last
    /// checkpoint and demo.json. `DATA_DIR`, default
    /// `./.data`.
    #[arg(long, env = "DATA_DIR", default_value = "./.data", value_name = "FOLDER")]
    pub data_dir: PathBuf,
    /// A PostgreSQL to use instead of the private one. `DATABASE_URL`, default none.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true, value_name = "URL")]
    pub database_url: Option<String>,
    /// The event log, where it is not in that PostgreSQL: `postgres://…`, or `esdb://…` for
    /// EventStoreDB. `EVENT_LOG`, default the same PostgreSQL.
    #[arg(long, env = "EVENT_LOG", hide_env_values = true, value_name = "URL")]
    pub event_log: Option<String>,
    /// The file with the master keys that wrap the keys of persons. `MASTER_KEY_FILE`, default `master.key`
    /// in the data folder, made at the first start.
    #[arg(long, env = "MASTER_KEY_FILE", value_name = "FILE")]
    pub master_key_file: Option<PathBuf>,
    /// The same PostgreSQL as the role that owns the schema, for the migrations.
    /// `MIGRATION_DATABASE_URL`, default `DATABASE_URL`.
    #[arg(long, env = "MIGRATION_DATABASE_URL", hide_env_values = true, value_name = "URL")]
    pub migration_database_url: Option<String>,
}

/// A database that is there and has the present schema.
#[derive(Debug)]
pub struct Store {
    urls: Urls,
    event_log: Option<String>,
    private: Option<PrivatePostgres>,
    // The last to go: nobody else may have the folder before PostgreSQL has stopped.
    _lock: Option<DataDirLock>,
}

impl Store {
    /// For the one process that uses the data folder, and so holds its `lock`.
    pub async fn open(
        config: &StoreConfig,
        data_dir: &DataDir,
        lock: DataDirLock,
    ) -> Result<Self, DocketError> {
        let (urls, private) = if let Some(urls) = config.given() {
            (urls, None)
        } else {
            let postgres = PrivatePostgres::start(&data_dir.file("postgres")).await?;
            (postgres.urls(), Some(postgres))
        };
        let event_log = config.event_log.clone();
        let store = Self { urls, event_log, private, _lock: Some(lock) };
        match migrate(config, &store.urls).await {
            Ok(()) => Ok(store),
            Err(error) => {
                store.close().await?;
                Err(error)
            }
        }
    }

    /// For a helper beside that process, whose PostgreSQL it uses if it runs.
    pub async fn attach(config: &StoreConfig, data_dir: &DataDir) -> Result<Self, DocketError> {
        let running = match config.given() {
            Some(urls) => Some(urls),
            None if data_dir.is_locked()? => PrivatePostgres::running(&data_dir.file("postgres"))?,
            None => None,
        };
        match running {
            Some(urls) => {
                let event_log = config.event_log.clone();
                Ok(Self { urls, event_log, private: None, _lock: None })
            }
            None => Self::open(config, data_dir, data_dir.lock()?).await,
        }
    }

    /// Where the services keep everything.
    pub fn storage(&self) -> StorageConfig {
        StorageConfig { database_url: self.urls.service.clone(), event_log: self.event_log.clone() }
    }

    /// The private server, if there is one.
    pub fn private(&self) -> Option<&PrivatePostgres> {
        self.private.as_ref()
    }

    /// Ends when the private server does, which it should not.
    pub async fn ended(&mut self) -> DocketError {
        match &mut self.private {
            Some(postgres) => postgres.ended().await.into(),
            None => std::future::pending().await,
        }
    }

    /// Stops the private server.
    pub async fn close(self) -> Result<(), DocketError> {
        match self.private {
            Some(postgres) => Ok(postgres.stop().await?),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for StoreConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The addresses hold passwords.
        f.debug_struct("StoreConfig").field("data_dir", &self.data_dir).finish_non_exhaustive()
    }
}

impl StoreConfig {
    /// The configured database.
    fn given(&self) -> Option<Urls> {
        let service = self.database_url.clone()?;
        let owner = self.migration_database_url.clone().unwrap_or_else(|| service.clone());
        Some(Urls { owner, service })
    }

    fn migration_variable(&self) -> &'static str {
        match self.migration_database_url {
            Some(_) => "MIGRATION_DATABASE_URL",
            None => "DATABASE_URL",
        }
    }
}

/// A few connections for what nobody waits for and may take its time, as the projector makes them.
pub fn patient_pool(url: &str, connections: u32) -> Result<PgPool, sqlx::Error> {
    let pool = PgPoolOptions::new().max_connections(connections);
    pool.acquire_timeout(Duration::from_secs(5)).connect_lazy(url)
}

async fn migrate(config: &StoreConfig, urls: &Urls) -> Result<(), DocketError> {
    let variable = config.migration_variable();
    let unusable = |source| DocketError::Database { variable, source };
    let options: PgConnectOptions = urls.owner.parse().map_err(unusable)?;
    // Otherwise every start is told that what is there is there.
    let options = options.options([("client_min_messages", "warning")]);
    // A pool would try again for a while, and then only say that it timed out.
    let reachable = options.connect().await.map_err(unusable)?;
    reachable.close().await.map_err(unusable)?;
    let pool = PgPoolOptions::new().max_connections(1).connect_lazy_with(options);
    migrations::run(&pool).await?;
    pool.close().await;
    Ok(())
}
