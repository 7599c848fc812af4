//! Everything in one process.

use std::net::SocketAddr;
use std::sync::Arc;

use clap::Args;
use service::http::{self, HttpLimits};
use service::{SharedClock, SystemClock, metrics};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use web::WebConfig;

use crate::DocketError;
use crate::data_dir::DataDir;
use crate::demo::{self, Demo};
use crate::roles::{Front, Roles};
use crate::store::{Store, StoreConfig};
use crate::tokens::Issuer;
use crate::welcome::{self, Welcome};

/// What the all-in-one is told at its start.
#[derive(Debug, Clone, Args)]
pub struct AllConfig {
    /// Where commands and queries are served. `LISTEN`, default `127.0.0.1:8080`.
    #[arg(long, env = "LISTEN", default_value = "127.0.0.1:8080", value_name = "ADDRESS")]
    pub listen: SocketAddr,
    /// Where metrics are served. `METRICS_LISTEN`, default any free port of 127.0.0.1.
    #[arg(long, env = "METRICS_LISTEN", default_value = "127.0.0.1:0", value_name = "ADDRESS")]
    pub metrics_listen: SocketAddr,
    /// Start without users, live streams and tokens to play with. `NO_DEMO`, default false.
    #[arg(long, env = "NO_DEMO")]
    pub no_demo: bool,
    /// Where everything is kept.
    #[command(flatten)]
    pub store: StoreConfig,
    /// Tokens, proxies, rate limit.
    #[command(flatten)]
    pub web: WebConfig,
    /// What a listener allows its clients.
    #[command(flatten)]
    pub http: HttpLimits,
}

/// The sockets, taken before anything else is begun.
struct Sockets {
    api: TcpListener,
    metrics: TcpListener,
    base_url: String,
    metrics_url: String,
}

/// Runs every role until `shutdown`, then stops them in order, and the private PostgreSQL last.
pub async fn run(config: AllConfig, shutdown: CancellationToken) -> Result<(), DocketError> {
    let data_dir = DataDir::open(&config.store.data_dir)?;
    // Before the sockets: whoever starts docket twice learns that it runs, not that a port is taken.
    let lock = data_dir.lock()?;
    let sockets = Sockets::bind(&config).await?;
    let mut store = Store::open(&config.store, &data_dir, lock).await?;
    let ran = run_over(&mut store, config, &data_dir, sockets, shutdown).await;
    let closed = store.close().await;
    ran.and(closed)
}

async fn run_over(
    store: &mut Store,
    mut config: AllConfig,
    data_dir: &DataDir,
    sockets: Sockets,
    shutdown: CancellationToken,
) -> Result<(), DocketError> {
    let clock: SharedClock = Arc::new(SystemClock);
    let issuer = issuer(&config, data_dir)?;
    if let Some(issuer) = &issuer {
        config.web.token = issuer.config().clone();
    }
    if !config.no_demo {
        demo::seed(store.url()).await?;
    }
    let demo = match &issuer {
        Some(issuer) if !config.no_demo => Some(sockets.demo(issuer, &clock)?),
        _ => None,
    };
    let recorder = metrics::install().map_err(|error| DocketError::Metrics(error.into()))?;
    let front = Front {
        listener: sockets.api,
        edge: config.web.edge(Arc::clone(&clock)).await?,
        limits: config.http,
        metrics: (sockets.metrics, metrics::routes(recorder)),
    };
    let mut roles = Roles::start(store.url(), front, clock).await?;
    let welcome = Welcome {
        base_url: &sockets.base_url,
        metrics_url: &sockets.metrics_url,
        data_dir,
        postgres: store.private(),
        issuer: issuer.as_ref(),
        demo: demo.as_ref(),
    }
    .text();
    let greeting = async {
        roles.ready().await?;
        match &demo {
            Some(demo) => demo.write(data_dir)?,
            None => data_dir.remove(demo::FILE)?,
        }
        // Whoever started us may have stopped listening, as `head` does; that is no reason to end.
        if let Err(error) = welcome::print(&welcome) {
            tracing::warn!("{}", error.line());
        }
        Ok(())
    };
    let mut ran: Result<(), DocketError> = greeting.await;
    if ran.is_ok() {
        tokio::select! {
            () = shutdown.cancelled() => {}
            error = roles.ended() => ran = Err(error),
            error = store.ended() => ran = Err(error),
        }
    }
    let stopped = roles.stop().await;
    ran.and(stopped)
}

/// Who signs tokens; nobody of us when the key that verifies them is configured.
fn issuer(config: &AllConfig, data_dir: &DataDir) -> Result<Option<Issuer>, DocketError> {
    if config.web.token.has_key() {
        return Ok(None);
    }
    Ok(Some(Issuer::open(data_dir, &config.web.token)?))
}

impl Sockets {
    async fn bind(config: &AllConfig) -> Result<Self, DocketError> {
        let api = bind(config.listen, "--listen").await?;
        let metrics = bind(config.metrics_listen, "--metrics-listen").await?;
        let base_url = welcome::url(api.local_addr()?);
        let metrics_url = welcome::url(metrics.local_addr()?) + "/metrics";
        Ok(Self { api, metrics, base_url, metrics_url })
    }

    fn demo(&self, issuer: &Issuer, clock: &SharedClock) -> Result<Demo, DocketError> {
        let (base_url, metrics_url) = (self.base_url.clone(), self.metrics_url.clone());
        Ok(Demo::new(base_url, metrics_url, issuer, clock.now())?)
    }
}

async fn bind(address: SocketAddr, flag: &'static str) -> Result<TcpListener, DocketError> {
    http::bind(address).await.map_err(|source| DocketError::Bind { flag, source })
}
