//! The process: its configuration, and its life from start to drain.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use clap::Args;
use event_log::LogError;
use event_log::postgres::PostgresReader;
use service::http::{self, BindError, HttpLimits};
use service::{Health, SystemClock, health};
use tokio_util::sync::CancellationToken;
use web::{TokenConfigError, WebConfig};

use crate::{App, connect, routes};

/// What the read side is told at its start.
#[derive(Debug, Clone, Args)]
pub struct Config {
    /// The PostgreSQL server and database, `postgres://…`, of a user who is a member of
    /// `docket_service`. `DATABASE_URL`, required.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true, value_name = "URL")]
    pub database_url: String,
    /// Connections that answer queries; one more listens. `QUERY_CONNECTIONS`, default 8.
    #[arg(long, env = "QUERY_CONNECTIONS", default_value_t = 8, value_name = "COUNT")]
    pub query_connections: u8,
    /// Where queries are answered. `QUERY_LISTEN`, default `127.0.0.1:8082`.
    #[arg(long, env = "QUERY_LISTEN", default_value = "127.0.0.1:8082", value_name = "ADDRESS")]
    pub query_listen: SocketAddr,
    /// Tokens and proxies.
    #[command(flatten)]
    pub web: WebConfig,
    /// What a listener allows its clients.
    #[command(flatten)]
    pub http: HttpLimits,
}

/// Why the read side cannot serve.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// Nobody's token could be verified.
    #[error("cannot verify tokens")]
    Token(#[from] TokenConfigError),
    /// The URL is none.
    #[error("DATABASE_URL is no PostgreSQL URL; write something like postgres://user@host/docket")]
    DatabaseUrl(#[source] sqlx::Error),
    /// The log cannot be read.
    #[error("cannot read the event log: is PostgreSQL running, and is it migrated?")]
    Log(#[from] LogError),
    /// The address cannot be listened on.
    #[error(transparent)]
    Bind(#[from] BindError),
    /// The listener failed.
    #[error("cannot serve")]
    Serve(#[from] io::Error),
}

/// Answers queries until `shutdown`, then drains.
pub async fn serve(config: Config, shutdown: CancellationToken) -> Result<(), ServeError> {
    let clock: service::SharedClock = Arc::new(SystemClock);
    let edge = config.web.edge(Arc::clone(&clock)).await?;
    let listener = http::bind(config.query_listen).await?;
    let pool = connect(&config.database_url, u32::from(config.query_connections) + 1)
        .map_err(ServeError::DatabaseUrl)?;
    let reader = Arc::new(PostgresReader::connect(&config.database_url).await?);

    let app = App::start(Arc::clone(&reader) as _, pool.clone(), clock, shutdown.clone());
    let health = Health::new();
    app.register(&health);
    let router = web::edge(routes(app.clone()), edge, health::routes(health));
    http::serve_with(listener, router, shutdown, &config.http).await?;

    app.stopped().await;
    reader.close().await;
    pool.close().await;
    Ok(())
}
