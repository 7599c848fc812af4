//! A service under test, and how to talk to it.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use axum::Router;
use chrono::TimeDelta;
use command_api::{App, Directory, Sealing};
use event_log::postgres::{PostgresLog, PostgresLogConfig};
use event_log::{EventLog, LogReader, Position, RecordedEvent};
use reqwest::{Method, RequestBuilder};
use sealing::MasterKeys;
use serde_json::{Value, json};
use service::{Clock, ManualClock, SharedClock, StorageConfig, SystemClock};
use sqlx::postgres::PgPoolOptions;
use testing::{Database, World, seed, tokens};
use web::{EdgeConfig, TokenConfig, Verifier};

/// When everything in these tests happens, unless one says otherwise.
pub(crate) const NOW: &str = "2026-01-15T10:30:00.000Z";

/// The first ban of the viewer on the live stream; follows from their ids (contract §1).
pub(crate) fn viewer_ban(ordinal: u16) -> String {
    let key = events::BanId::key(&World::STREAM.parse().unwrap(), &World::VIEWER.parse().unwrap());
    events::BanId::of(key, ordinal).to_string()
}

/// The same in all services of one test process, as in all of an installation.
pub(crate) fn master_keys() -> MasterKeys {
    static KEYS: LazyLock<MasterKeys> =
        LazyLock::new(|| MasterKeys::parse(&MasterKeys::generate("test").unwrap()).unwrap());
    KEYS.clone()
}

/// A running command API over a database of its own.
pub(crate) struct Service {
    pub(crate) database: Database,
    pub(crate) log: Arc<PostgresLog>,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) base: String,
    client: reqwest::Client,
}

impl Service {
    /// Starts it at [`NOW`], in the world of `testing::seed`.
    pub(crate) async fn start() -> Self {
        let clock = Arc::new(ManualClock::new(NOW.parse().unwrap()));
        let shared: SharedClock = Arc::<ManualClock>::clone(&clock);
        Self::start_with(clock, shared, 0).await
    }

    /// Starts it at [`NOW`] with a limit on every caller's commands per second.
    pub(crate) async fn start_limited(rate_limit: u32) -> Self {
        let clock = Arc::new(ManualClock::new(NOW.parse().unwrap()));
        let shared: SharedClock = Arc::<ManualClock>::clone(&clock);
        Self::start_with(clock, shared, rate_limit).await
    }

    /// Starts it with the machine's own clock.
    pub(crate) async fn start_in_real_time() -> Self {
        let clock = Arc::new(ManualClock::new(SystemClock.now()));
        Self::start_with(clock, Arc::new(SystemClock), 0).await
    }

    /// Starts it at [`NOW`] over what is made of the log.
    pub(crate) async fn start_over(
        engine: impl FnOnce(Arc<PostgresLog>) -> Arc<dyn EventLog>,
    ) -> Self {
        let clock = Arc::new(ManualClock::new(NOW.parse().unwrap()));
        let shared: SharedClock = Arc::<ManualClock>::clone(&clock);
        Self::start_on(engine, clock, shared, 0, master_keys()).await
    }

    /// Starts it at [`NOW`] with these master keys.
    pub(crate) async fn start_with_keys(master: MasterKeys) -> Self {
        let clock = Arc::new(ManualClock::new(NOW.parse().unwrap()));
        let shared: SharedClock = Arc::<ManualClock>::clone(&clock);
        Self::start_on(|log| log, clock, shared, 0, master).await
    }

    async fn start_with(clock: Arc<ManualClock>, shared: SharedClock, rate_limit: u32) -> Self {
        Self::start_on(|log| log, clock, shared, rate_limit, master_keys()).await
    }

    async fn start_on(
        engine: impl FnOnce(Arc<PostgresLog>) -> Arc<dyn EventLog>,
        clock: Arc<ManualClock>,
        shared: SharedClock,
        rate_limit: u32,
        master: MasterKeys,
    ) -> Self {
        let database = Database::create().await;
        seed(&database.pool).await;
        let patience = Duration::from_secs(2);
        let config = PostgresLogConfig { patience, ..PostgresLogConfig::new(&database.url) };
        let log = PostgresLog::connect(config).await.unwrap();
        let log = Arc::new(log);
        let engine = engine(Arc::clone(&log));
        // As the service itself connects: a dead connection is found out by using it.
        let pool = PgPoolOptions::new().max_connections(4).test_before_acquire(false);
        let pool = pool.connect_lazy(&database.url).unwrap();
        let storage = StorageConfig { database_url: database.url.clone(), event_log: None };
        let sealing = Sealing::spawn_for(&storage, pool.clone(), master);
        let app = App::new(engine, Directory::connect(pool), sealing, Arc::clone(&shared));
        let base = testing::serve(router(app, shared, rate_limit).await).await;
        Self { database, log, clock, base, client: reqwest::Client::new() }
    }

    /// Moves the clock on.
    pub(crate) fn wait(&self, seconds: i64) {
        self.clock.advance(TimeDelta::seconds(seconds));
    }

    /// A request of this caller, who has these platform roles.
    pub(crate) fn request(
        &self,
        method: Method,
        path: &str,
        (sub, roles): Caller,
    ) -> RequestBuilder {
        let url = format!("{}{path}", self.base);
        self.client.request(method, url).bearer_auth(tokens::token(sub, roles))
    }

    /// The same without a token.
    pub(crate) fn anonymous(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.base))
    }

    /// `POST` with a JSON body.
    pub(crate) async fn post(&self, path: &str, caller: Caller, body: Value) -> Answer {
        Answer::of(self.request(Method::POST, path, caller).json(&body)).await
    }

    /// `PUT` with a JSON body.
    pub(crate) async fn put(&self, path: &str, caller: Caller, body: Value) -> Answer {
        Answer::of(self.request(Method::PUT, path, caller).json(&body)).await
    }

    /// `PATCH` with a JSON body.
    pub(crate) async fn patch(&self, path: &str, caller: Caller, body: Value) -> Answer {
        Answer::of(self.request(Method::PATCH, path, caller).json(&body)).await
    }

    /// `DELETE`.
    pub(crate) async fn delete(&self, path: &str, caller: Caller) -> Answer {
        Answer::of(self.request(Method::DELETE, path, caller)).await
    }

    /// Everything in the log.
    pub(crate) async fn events(&self) -> Vec<RecordedEvent> {
        self.log.read_all(Position::START, 10_000).await.unwrap().events
    }

    /// The types of everything in the log, in order.
    pub(crate) async fn event_types(&self) -> Vec<String> {
        self.events().await.into_iter().map(|event| event.event_type).collect()
    }
}

async fn router(app: App, clock: SharedClock, rate_limit: u32) -> Router {
    let config = TokenConfig {
        jwt_secret: Some(tokens::SECRET.to_owned().into()),
        jwt_issuer: Some(tokens::ISSUER.to_owned()),
        jwt_audience: Some(tokens::AUDIENCE.to_owned()),
        ..TokenConfig::default()
    };
    let verifier = Verifier::from_config(&config, Arc::clone(&clock)).await.unwrap();
    let edge = EdgeConfig { rate_limit, ..EdgeConfig::new(Arc::new(verifier), clock) };
    web::edge(command_api::routes(app), edge, Router::new())
}

/// A caller: his id and his platform roles.
pub(crate) type Caller = (&'static str, &'static [&'static str]);

pub(crate) const CREATOR: Caller = (World::CREATOR, &[]);
pub(crate) const MODERATOR: Caller = (World::MODERATOR, &[]);
pub(crate) const OTHER_CREATOR: Caller = (World::OTHER_CREATOR, &[]);
pub(crate) const VIEWER: Caller = (World::VIEWER, &[]);
pub(crate) const OTHER_VIEWER: Caller = (World::OTHER_VIEWER, &[]);
pub(crate) const STAFF: Caller = (World::STAFF, &["moderator"]);
pub(crate) const SERVICE: Caller = ("platform", &["service"]);

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: reqwest::header::HeaderMap,
    /// `null` when there is none.
    pub(crate) body: Value,
}

impl Answer {
    /// Sends the request.
    pub(crate) async fn of(request: RequestBuilder) -> Self {
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let bytes = response.bytes().await.unwrap();
        let body = if bytes.is_empty() { Value::Null } else { parse(&bytes) };
        Self { status, headers, body }
    }

    /// A header, empty when absent.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The data of a good Allmine answer, once the envelope is as it must be.
    pub(crate) fn data(&self, status: u16) -> &Value {
        let data = &self.body["data"];
        let envelope = json!({"isSuccess": true, "statusCode": status, "data": data, "errors": [],
            "timestamp": self.body["timestamp"]});
        assert_eq!((self.status, &self.body), (status, &envelope));
        data
    }

    /// Is a bad Allmine answer at [`NOW`] with these errors after the first.
    pub(crate) fn refuses(&self, status: u16, errors: &[&str]) {
        let first = match status {
            400 => "Validation failed",
            401 => "Authentication required",
            403 => "Insufficient permissions",
            404 => "Resource not found",
            405 => "Method not allowed",
            409 => "Resource already exists or cannot be changed in its current state",
            413 => "Request body too large",
            415 => "Unsupported media type",
            422 => "Idempotency-Key was used with another request",
            429 => "Too many requests",
            500 => "Internal server error",
            503 => "Service temporarily unavailable",
            other => panic!("no first error for {other}"),
        };
        let errors: Vec<_> = [&[first], errors].concat();
        self.says(status, &errors);
    }

    /// Is a bad Allmine answer at [`NOW`] with exactly these errors.
    pub(crate) fn says(&self, status: u16, errors: &[&str]) {
        let body = json!({"isSuccess": false, "statusCode": status, "data": null,
            "errors": errors, "timestamp": NOW});
        assert_eq!((self.status, &self.body), (status, &body));
    }

    /// Is a bad YouTube answer with these errors: domain, reason, location and its type, message.
    pub(crate) fn fails(&self, code: u16, status: Option<&str>, errors: &[Item<'_>]) {
        let item = |(domain, reason, location, message): &Item<'_>| {
            let mut item = json!({"message": message, "domain": domain, "reason": reason});
            if let Some((location, location_type)) = location {
                item["location"] = json!(location);
                item["locationType"] = json!(location_type);
            }
            item
        };
        let errors: Vec<_> = errors.iter().map(item).collect();
        let mut body =
            json!({"error": {"code": code, "message": errors[0]["message"], "errors": errors}});
        if let Some(status) = status {
            body["error"]["status"] = json!(status);
        }
        assert_eq!((self.status, &self.body), (code, &body));
        assert_eq!(self.header("content-type"), "application/json; charset=UTF-8");
    }
}

/// Domain, reason, location with its type, message.
pub(crate) type Item<'a> = (&'a str, &'a str, Option<(&'a str, &'a str)>, &'a str);

fn parse(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(bytes)))
}
