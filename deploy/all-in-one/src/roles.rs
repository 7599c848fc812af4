//! Every role of docket, running in this process.

use std::convert::Infallible;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use command_api::{Directory, Sealing, expiry};
use event_log::EventLog;
use projector::tree::Signing;
use projector::{KafkaConfig, Projector};
use query_api::PushConfig;
use query_api::dashboard::{Dashboard, Guests, Provider};
use query_api::feed::FeedConfig;
use sealing::MasterKeys;
use service::http::{HttpLimits, serve_with};
use service::{Check, Health, SharedClock, StorageConfig, health};
use sqlx::PgPool;
use tokio::net::TcpListener;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;
use web::EdgeConfig;

use crate::tasks::Tasks;
use crate::{DocketError, openapi, store};

/// How long the roles may take to become ready.
const READY: Duration = Duration::from_secs(30);

/// How often to look whether they are.
const LOOK: Duration = Duration::from_millis(5);

/// How much longer than clients may take to be served a task may take to end.
const TIDYING: Duration = Duration::from_secs(5);

/// Connections for directory look-ups and the expiry process manager.
const COMMAND_CONNECTIONS: u32 = 4;

/// Connections for what is not a projection's own work.
const PROJECTOR_CONNECTIONS: u32 = 4;

/// Connections for queries, and the one that listens.
const QUERY_CONNECTIONS: u32 = 9;

/// What the roles share and end in order.
pub(crate) struct Roles {
    log: Arc<dyn EventLog>,
    pools: [PgPool; 3],
    queries: query_api::App,
    health: Health,
    /// Serves callers; ends first.
    front: Tasks,
    front_ends: CancellationToken,
    /// Works on what callers left; ends when no more can come.
    background: Tasks,
    background_ends: CancellationToken,
    /// How long either of them may take to end.
    patience: Duration,
}

/// How the roles meet their callers.
pub(crate) struct Front {
    pub(crate) listener: TcpListener,
    /// Where the dashboard sends commands: here.
    pub(crate) base_url: String,
    /// Who may sign in to the dashboard by a link.
    pub(crate) guests: Guests,
    /// Where everybody may sign in to it.
    pub(crate) provider: Option<Provider>,
    pub(crate) edge: EdgeConfig,
    pub(crate) push: PushConfig,
    pub(crate) limits: HttpLimits,
    pub(crate) feeds: FeedConfig,
    pub(crate) metrics: (TcpListener, axum::Router),
}

impl Roles {
    /// Starts every role over what `storage` names.
    pub(crate) async fn start(
        storage: &StorageConfig,
        kafka: KafkaConfig,
        master: MasterKeys,
        signing: Option<Signing>,
        front: Front,
        clock: SharedClock,
    ) -> Result<Self, DocketError> {
        let url = &storage.database_url;
        let pool = command_api::connect(url, COMMAND_CONNECTIONS).map_err(unusable)?;
        let projector_pool = store::patient_pool(url, PROJECTOR_CONNECTIONS).map_err(unusable)?;
        let query_pool = query_api::connect(url, QUERY_CONNECTIONS).map_err(unusable)?;
        let log = event_log::open(storage.log_url()).await?;
        let (front_ends, background_ends) = (CancellationToken::new(), CancellationToken::new());
        let directory = Directory::connect(pool.clone());
        let sealing = Sealing::spawn_for(storage, pool.clone(), master.clone());
        let commands = command_api::App::new(log.clone(), directory, sealing, Arc::clone(&clock));
        let queries = query_api::App::start_with(
            front.feeds.clone(),
            log.clone(),
            query_pool.clone(),
            master.clone(),
            Arc::clone(&clock),
            background_ends.clone(),
        );
        let health = Health::new();
        queries.register(&health);
        // The projector replaces this check as soon as it has something to say.
        health.set("projections", Check::bad("starting".into()));
        let projector = Projector {
            pool: projector_pool.clone(),
            reader: log.clone(),
            master,
            clock,
            health: health.clone(),
        };
        let mut roles = Self {
            log,
            pools: [pool.clone(), query_pool, projector_pool],
            queries: queries.clone(),
            health: health.clone(),
            front: Tasks::default(),
            front_ends,
            background: Tasks::default(),
            background_ends: background_ends.clone(),
            patience: front.limits.drain_timeout() + TIDYING,
        };
        let projections = projector::all();
        let (relayed, ends) = (kafka.clone(), background_ends.clone());
        let relaying = projector::kafka::run(projector.clone(), relayed, ends);
        roles.background.spawn("what is done with Kafka", endless(relaying));
        let growing = projector::tree::run(projector.clone(), signing, background_ends.clone());
        roles.background.spawn("the tree over the log", endless(growing));
        let ends = background_ends.clone();
        let running = projector::kafka::project(projector, kafka, projections, ends);
        roles.background.spawn("the projector", endless(running));
        let running = expiry::run(commands.clone(), pool, health, background_ends);
        roles.background.spawn("the expiry of bans", endless(running));
        roles.serve(front, commands, queries)?;
        Ok(roles)
    }

    fn serve(
        &mut self,
        front: Front,
        commands: command_api::App,
        queries: query_api::App,
    ) -> Result<(), DocketError> {
        let Front { listener, base_url, guests, provider, edge, push, limits, .. } = front;
        let (scrapes, metrics) = front.metrics;
        let dashboard = Dashboard::new(
            queries.clone(),
            Arc::clone(&edge.verifier),
            &base_url,
            guests,
            provider,
        )?;
        let open = query_api::extra(dashboard, &edge, &push, &self.front_ends)
            .merge(health::routes(self.health.clone()));
        let api = web::edge(openapi::routes(commands, queries), edge, open);
        let (ends, patience) = (self.front_ends.clone(), limits.clone());
        let serving = async move { serve_with(listener, api, ends, &patience).await };
        self.front.spawn("the API", serving);
        let ends = self.background_ends.clone();
        let serving = async move { serve_with(scrapes, metrics, ends, &limits).await };
        self.background.spawn("the metrics", serving);
        Ok(())
    }

    /// Waits until every check is good.
    pub(crate) async fn ready(&self) -> Result<(), DocketError> {
        let give_up = Instant::now() + READY;
        loop {
            let report = self.health.report();
            if report.values().all(|check| check.ok) {
                return Ok(());
            }
            if Instant::now() > give_up {
                let report = format!("{report:?}");
                return Err(DocketError::NotReady { seconds: READY.as_secs(), report });
            }
            sleep(LOOK).await;
        }
    }

    /// Ends with the first role that does, which none should.
    pub(crate) async fn ended(&mut self) -> DocketError {
        tokio::select! {
            error = self.front.ended() => error,
            error = self.background.ended() => error,
        }
    }

    /// Stops in order: no more callers, those who are there are answered, the tasks behind them end,
    /// the log writes what it was given, connections are closed.
    pub(crate) async fn stop(self) -> Result<(), DocketError> {
        self.front_ends.cancel();
        let front = self.front.finish(self.patience).await;
        self.background_ends.cancel();
        let background = self.background.finish(self.patience).await;
        self.queries.stopped().await;
        self.log.close().await;
        for pool in self.pools {
            pool.close().await;
        }
        front.and(background)
    }
}

/// A task that reports nothing when it ends.
async fn endless(task: impl Future<Output = ()>) -> Result<(), Infallible> {
    task.await;
    Ok(())
}

fn unusable(source: sqlx::Error) -> DocketError {
    DocketError::Database { variable: "DATABASE_URL", source }
}
