//! Everything in one process.

use std::net::SocketAddr;
use std::sync::Arc;

use clap::Args;
use projector::{CheckpointConfig, KafkaConfig};
use query_api::PushConfig;
use query_api::dashboard::{DashboardConfig, Guests};
use query_api::feed::FeedConfig;
use service::http::{self, HttpLimits};
use service::{SharedClock, SystemClock, metrics};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use web::WebConfig;

use crate::data_dir::DataDir;
use crate::demo::{self, Demo};
use crate::log_key::LogKey;
use crate::master_keys::MasterKeysError;
use crate::roles::{Front, Roles};
use crate::store::{Store, StoreConfig};
use crate::tokens::Issuer;
use crate::welcome::{self, Welcome};
use crate::{DocketError, master_keys};

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
    /// Kafka, where there is one.
    #[command(flatten)]
    pub kafka: KafkaConfig,
    /// How checkpoints of the log are signed; with a key in the data folder unless told otherwise.
    #[command(flatten)]
    pub checkpoints: CheckpointConfig,
    /// The dashboard.
    #[command(flatten)]
    pub dashboard: DashboardConfig,
    /// Tokens, proxies, rate limit.
    #[command(flatten)]
    pub web: WebConfig,
    /// The push over Socket.IO.
    #[command(flatten)]
    pub push: PushConfig,
    /// How many feeds there may be.
    #[command(flatten)]
    pub feed: FeedConfig,
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
    config.kafka.check()?;
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
    config: AllConfig,
    data_dir: &DataDir,
    sockets: Sockets,
    shutdown: CancellationToken,
) -> Result<(), DocketError> {
    let clock: SharedClock = Arc::new(SystemClock);
    let issuer = issuer(&config, data_dir)?;
    let log_key = LogKey::open(&config.checkpoints, data_dir)?;
    if !config.no_demo {
        demo::seed(&store.storage().database_url).await?;
    }
    let demo = match &issuer {
        Some(issuer) if !config.no_demo => Some(sockets.demo(issuer, &clock)?),
        _ => None,
    };
    let welcome = Welcome {
        base_url: &sockets.base_url,
        metrics_url: &sockets.metrics_url,
        data_dir,
        postgres: store.private(),
        issuer: issuer.as_ref(),
        log_key: &log_key,
        demo: demo.as_ref(),
    }
    .text();
    let sealing = master_keys::config(&config.store, data_dir, store).await?;
    let master = sealing.open().map_err(MasterKeysError::from)?;
    let kafka = config.kafka.clone();
    let guests = demo.as_ref().map(Demo::guests).unwrap_or_default();
    let front = sockets.front(config, issuer.as_ref(), guests, &clock).await?;
    let mut roles =
        Roles::start(&store.storage(), kafka, master, log_key.signing, front, clock).await?;
    let greeting = greet(&roles, data_dir, demo.as_ref(), &welcome);
    let ran = if let Some(Err(error)) = shutdown.run_until_cancelled(greeting).await {
        Err(error)
    } else {
        tokio::select! {
            () = shutdown.cancelled() => Ok(()),
            error = roles.ended() => Err(error),
            error = store.ended() => Err(error),
        }
    };
    let stopped = roles.stop().await;
    ran.and(stopped)
}

/// Tells people and scripts that everything is ready, as soon as it is.
async fn greet(
    roles: &Roles,
    data_dir: &DataDir,
    demo: Option<&Demo>,
    welcome: &str,
) -> Result<(), DocketError> {
    roles.ready().await?;
    match demo {
        Some(demo) => demo.write(data_dir)?,
        None => data_dir.remove(demo::FILE)?,
    }
    // Whoever started us may have stopped listening, as `head` does; that is no reason to end.
    if let Err(error) = welcome::print(welcome) {
        tracing::warn!("{}", error.line());
    }
    Ok(())
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

    /// The sockets with what is to be served on them.
    async fn front(
        self,
        config: AllConfig,
        issuer: Option<&Issuer>,
        guests: Guests,
        clock: &SharedClock,
    ) -> Result<Front, DocketError> {
        let AllConfig { mut web, mut dashboard, http: limits, push, feed: feeds, .. } = config;
        dashboard.public_url.get_or_insert_with(|| self.base_url.clone());
        if let Some(issuer) = issuer {
            web.token = issuer.config().clone();
        }
        let recorder = metrics::install().map_err(|error| DocketError::Metrics(error.into()))?;
        Ok(Front {
            listener: self.api,
            base_url: self.base_url,
            guests,
            provider: dashboard.provider(Arc::clone(clock))?,
            edge: web.edge(Arc::clone(clock)).await?,
            push,
            limits,
            feeds,
            metrics: (self.metrics, metrics::routes(recorder)),
        })
    }

    fn demo(&self, issuer: &Issuer, clock: &SharedClock) -> Result<Demo, DocketError> {
        let (base_url, metrics_url) = (self.base_url.clone(), self.metrics_url.clone());
        Ok(Demo::new(base_url, metrics_url, issuer, clock.now())?)
    }
}

async fn bind(address: SocketAddr, flag: &'static str) -> Result<TcpListener, DocketError> {
    http::bind(address).await.map_err(|source| DocketError::Bind { flag, source })
}
