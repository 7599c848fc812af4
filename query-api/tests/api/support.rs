//! A stage: a database with its projector, a read side before it, and a clock that stands still.

mod answer;
mod history;

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use chrono::{DateTime, Utc};
use event_log::postgres::{PostgresLog, PostgresLogConfig};
use event_log::{LogReader, Position};
use query_api::access::{Access, MAX_STALENESS};
use query_api::dashboard::{Dashboard, Guest};
use query_api::{App, Settings};
use reqwest::header::HeaderMap;
use sealing::MasterKeys;
use service::{Clock, Health, ManualClock};
use sqlx::PgPool;
use testing::{Database, World, seed, tokens};
use tokio_util::sync::{CancellationToken, DropGuard};
use web::{EdgeConfig, TokenConfig, Verifier};

pub(crate) use answer::{Answer, creator, ids, one_page, shown, user, viewer};
pub(crate) use history::{NewBan, NewReport, metadata, time};

/// When every test happens.
pub(crate) const NOW: &str = "2026-01-15T12:00:00.000Z";

pub(crate) struct Stage {
    pub(crate) database: Database,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) log: Arc<PostgresLog>,
    pub(crate) health: Health,
    server: Server,
    /// Versions of streams, and the position of the last event.
    written: Mutex<(HashMap<String, u32>, Position)>,
    end: DropGuard,
}

/// A read side that listens.
pub(crate) struct Server {
    base: String,
    http: reqwest::Client,
}

/// Who asks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Who(pub(crate) &'static str, pub(crate) &'static [&'static str]);

pub(crate) const STAFF: Who = Who(World::STAFF, &["moderator"]);
pub(crate) const ADMIN: Who = Who(World::STAFF, &["admin"]);
pub(crate) const AUDITOR: Who = Who("auditor-1", &["auditor"]);
pub(crate) const SERVICE: Who = Who("service-1", &["service"]);
pub(crate) const CREATOR: Who = Who(World::CREATOR, &[]);
pub(crate) const MODERATOR: Who = Who(World::MODERATOR, &[]);
pub(crate) const OTHER_CREATOR: Who = Who(World::OTHER_CREATOR, &[]);
pub(crate) const VIEWER: Who = Who(World::VIEWER, &[]);
pub(crate) const OUTSIDER: Who = Who("outsider-1", &[]);

impl Stage {
    /// The world of crate `testing`, nobody banned, nothing reported.
    pub(crate) async fn new() -> Self {
        Self::with(Access::new(MAX_STALENESS), |log| log).await
    }

    /// With other settings, and something between the log and `access`.
    pub(crate) async fn with(
        settings: impl Into<Settings>,
        between: impl FnOnce(Arc<dyn LogReader>) -> Arc<dyn LogReader>,
    ) -> Self {
        let database = Database::create().await;
        seed(&database.pool).await;
        let now: DateTime<Utc> = NOW.parse().unwrap();
        let clock = Arc::new(ManualClock::new(now));
        let log = PostgresLog::connect(PostgresLogConfig::new(&database.url)).await.unwrap();
        let log = Arc::new(log);
        let end = CancellationToken::new();
        tokio::spawn(project(&database.pool, log.clone(), clock.clone(), end.clone()));
        let health = Health::new();
        let reader = between(log.clone());
        let server = Server::start(&database, settings, reader, &clock, &health, &end).await;
        let written = Mutex::new((HashMap::new(), Position::START));
        Self { database, clock, log, health, server, written, end: end.drop_guard() }
    }

    /// A second read side of the same database.
    pub(crate) async fn another(&self, access: Access, reader: Arc<dyn LogReader>) -> Server {
        let end = self.end.token();
        Server::start(&self.database, access, reader, &self.clock, &Health::new(), end).await
    }

    /// A pool as read sides have it.
    pub(crate) fn another_pool(&self) -> PgPool {
        query_api::connect(&self.database.url, 5).unwrap()
    }

    /// When it is.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    pub(crate) fn pool(&self) -> &PgPool {
        &self.database.pool
    }

    /// Ends whatever listens and follows.
    pub(crate) fn shut_down(&self) {
        self.end.token().cancel();
    }

    /// The router of a second read side of the same database, to be served in some other way.
    pub(crate) async fn router(&self, settings: impl Into<Settings>) -> axum::Router {
        let (end, health) = (self.end.token(), Health::new());
        Server::router(&self.database, settings, self.log.clone(), &self.clock, &health, end).await
    }

    /// The position of the last event written.
    pub(crate) fn last(&self) -> Position {
        self.written.lock().unwrap().1
    }

    /// What `who` gets, once all that was written so far can be seen.
    pub(crate) async fn get(&self, who: Who, path: &str) -> Answer {
        let last = self.last().to_string();
        self.get_with(who, path, &[("X-Min-Position", &last)]).await
    }

    /// What `who` gets, whatever its form: status, headers, body.
    pub(crate) async fn get_bytes(
        &self,
        Who(sub, roles): Who,
        path: &str,
    ) -> (u16, HeaderMap, Vec<u8>) {
        let Server { base, http } = &self.server;
        let request = http.get(format!("{base}{path}")).bearer_auth(tokens::token(sub, roles));
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        (status, headers, response.bytes().await.unwrap().into())
    }

    /// What `who` gets, with these headers.
    pub(crate) async fn get_with(&self, who: Who, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.server.get_with(who, path, headers).await
    }

    /// A request of `who`, not sent yet.
    pub(crate) fn request(&self, Who(sub, roles): Who, path: &str) -> reqwest::RequestBuilder {
        let Server { base, http } = &self.server;
        http.get(format!("{base}{path}")).bearer_auth(tokens::token(sub, roles))
    }

    /// A request without a token, not sent yet.
    pub(crate) fn ask(&self, path: &str) -> reqwest::RequestBuilder {
        self.server.http.get(format!("{}{path}", self.server.base))
    }

    /// The same, of something to be taken.
    pub(crate) fn post(&self, path: &str) -> reqwest::RequestBuilder {
        self.server.http.post(format!("{}{path}", self.server.base))
    }

    /// Where it listens.
    pub(crate) fn base(&self) -> &str {
        &self.server.base
    }

    /// What somebody without a token gets.
    pub(crate) async fn get_anonymously(&self, path: &str) -> Answer {
        let Server { base, http } = &self.server;
        Answer::of(http.get(format!("{base}{path}")).send().await.unwrap()).await
    }
}

impl Server {
    async fn start(
        database: &Database,
        settings: impl Into<Settings>,
        reader: Arc<dyn LogReader>,
        clock: &Arc<ManualClock>,
        health: &Health,
        end: &CancellationToken,
    ) -> Self {
        let router = Self::router(database, settings, reader, clock, health, end);
        let base = testing::serve(Box::pin(router).await).await;
        // Where a page leads to is told, not followed.
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
        Self { base, http: http.build().unwrap() }
    }

    async fn router(
        database: &Database,
        settings: impl Into<Settings>,
        reader: Arc<dyn LogReader>,
        clock: &Arc<ManualClock>,
        health: &Health,
        end: &CancellationToken,
    ) -> axum::Router {
        let pool = query_api::connect(&database.url, 5).unwrap();
        let app = App::start_with(settings, reader, pool, master(), clock.clone(), end.clone());
        app.register(health);
        let edge = EdgeConfig::new(Arc::new(verifier(clock).await), clock.clone());
        let dashboard = dashboard(&app, &edge.verifier);
        let extra =
            service::health::routes(health.clone()).merge(query_api::dashboard::routes(dashboard));
        let router = web::edge(query_api::routes(app), edge, extra);
        testing::eventually("the read side to be ready", async || {
            health.report().values().all(|check| check.ok).then_some(())
        })
        .await;
        router
    }

    /// What `who` gets, with these headers.
    pub(crate) async fn get_with(
        &self,
        Who(sub, roles): Who,
        path: &str,
        headers: &[(&str, &str)],
    ) -> Answer {
        let mut request = self.http.get(format!("{}{path}", self.base));
        request = request.bearer_auth(tokens::token(sub, roles));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        Answer::of(request.send().await.unwrap()).await
    }
}

/// The dashboard, whose commands nobody answers.
pub(crate) fn dashboard(app: &App, verifier: &Arc<Verifier>) -> Dashboard {
    let nobody = "http://127.0.0.1:1";
    let guest = Guest { code: "a-code".to_owned(), token: tokens::token(World::CREATOR, &[]) };
    let guests = [guest].into_iter().collect();
    let dashboard = Dashboard::new(app.clone(), Arc::clone(verifier), nobody, guests, None);
    dashboard.unwrap()
}

/// What wraps the keys of persons.
pub(crate) fn master() -> MasterKeys {
    MasterKeys::parse(&MasterKeys::generate("test").unwrap()).unwrap()
}

fn project(
    pool: &PgPool,
    log: Arc<PostgresLog>,
    clock: Arc<ManualClock>,
    end: CancellationToken,
) -> impl Future<Output = ()> + use<> {
    let health = Health::new();
    let (pool, master) = (pool.clone(), master());
    let projector = projector::Projector { pool, reader: log, master, clock, health };
    projector::run(projector, projector::all(), end)
}

pub(crate) async fn verifier(clock: &Arc<ManualClock>) -> Verifier {
    let config = TokenConfig {
        jwt_secret: Some(tokens::SECRET.to_owned().into()),
        jwt_issuer: Some(tokens::ISSUER.to_owned()),
        jwt_audience: Some(tokens::AUDIENCE.to_owned()),
        ..TokenConfig::default()
    };
    Verifier::from_config(&config, clock.clone()).await.unwrap()
}
