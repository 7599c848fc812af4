//! A stage: a database with its projector, a read side before it, and a clock that stands still.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use chrono::{DateTime, Utc};
use event_log::postgres::{PostgresLog, PostgresLogConfig};
use event_log::{AppendOutcome, EventLog, Expected, LogReader, NewEvent, Position};
use events::ban::{ActionType, BanCreated, BanEvent, BanRevoked, RevokeCause};
use events::report::{Decision, ReportEvent, ReportFiled, ReportReviewed, ReportType};
use events::{
    BanId, Description, Dialect, Event, LiveStreamId, Metadata, Notes, Platform, Reason, ReportId,
    Roles, StreamStatus, Timestamp, UserId,
};
use query_api::App;
use query_api::access::{Access, MAX_STALENESS};
use reqwest::StatusCode;
use reqwest::header::HeaderMap;
use serde_json::{Value, json};
use service::{Health, ManualClock};
use sqlx::PgPool;
use testing::{Database, World, seed, tokens};
use tokio_util::sync::{CancellationToken, DropGuard};
use ulid::Ulid;
use web::{EdgeConfig, TokenConfig, Verifier};

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

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

/// Who asks.
#[derive(Clone, Copy)]
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

/// A ban to be created.
#[derive(Clone, Copy)]
pub(crate) struct NewBan<'a> {
    pub(crate) stream: &'a str,
    pub(crate) user: &'a str,
    pub(crate) action: ActionType,
    pub(crate) reason: Option<&'a str>,
    pub(crate) at: &'a str,
    pub(crate) expires: Option<&'a str>,
}

impl Default for NewBan<'_> {
    fn default() -> Self {
        Self {
            stream: World::STREAM,
            user: World::VIEWER,
            action: ActionType::Block,
            reason: None,
            at: "2026-01-15T11:00:00.000Z",
            expires: None,
        }
    }
}

/// A report to be filed.
#[derive(Clone, Copy)]
pub(crate) struct NewReport<'a> {
    pub(crate) reporter: &'a str,
    pub(crate) stream: &'a str,
    pub(crate) kind: ReportType,
    pub(crate) description: Option<&'a str>,
    pub(crate) at: &'a str,
}

impl Default for NewReport<'_> {
    fn default() -> Self {
        Self {
            reporter: World::VIEWER,
            stream: World::STREAM,
            kind: ReportType::SpamOrScam,
            description: None,
            at: "2026-01-15T11:00:00.000Z",
        }
    }
}

pub(crate) fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn metadata(actor: Option<&str>, at: &str) -> Metadata {
    Metadata {
        actor: actor.map(|actor| actor.parse().unwrap()),
        roles: Roles::default(),
        dialect: Dialect::Allmine,
        platform: Some(Platform::MobileIos),
        app_version: None,
        device_id: None,
        timezone: None,
        user_agent: Some("Allmine/3.1 (iPhone)".to_owned()),
        client_ip: Some("203.0.113.7".parse().unwrap()),
        correlation_id: Ulid(7).into(),
        causation_id: None,
        command_id: Ulid(7),
        occurred_at: time(at),
        request_fingerprint: None,
    }
}

impl Stage {
    /// The world of crate `testing`, nobody banned, nothing reported.
    pub(crate) async fn new() -> Self {
        Self::with(Access::new(MAX_STALENESS), |log| log).await
    }

    /// With another limit of staleness, and something between the log and `access`.
    pub(crate) async fn with(
        access: Access,
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
        let server = Server::start(&database, access, reader, &clock, &health, &end).await;
        let written = Mutex::new((HashMap::new(), Position::START));
        Self { database, clock, log, health, server, written, end: end.drop_guard() }
    }

    /// A second read side of the same database.
    pub(crate) async fn another(&self, access: Access, reader: Arc<dyn LogReader>) -> Server {
        let end = self.end.token();
        Server::start(&self.database, access, reader, &self.clock, &Health::new(), end).await
    }

    pub(crate) fn pool(&self) -> &PgPool {
        &self.database.pool
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

    /// What `who` gets, with these headers.
    pub(crate) async fn get_with(&self, who: Who, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.server.get_with(who, path, headers).await
    }

    /// What somebody without a token gets.
    pub(crate) async fn get_anonymously(&self, path: &str) -> Answer {
        let Server { base, http } = &self.server;
        Answer::of(http.get(format!("{base}{path}")).send().await.unwrap()).await
    }

    pub(crate) async fn ban(&self, new: NewBan<'_>) -> BanId {
        let stream: LiveStreamId = new.stream.parse().unwrap();
        let user: UserId = new.user.parse().unwrap();
        let first = BanId::first(&stream, &user);
        // Every earlier ban of these two was created and revoked.
        let earlier = u16::try_from(self.version(&first.stream()) / 2).unwrap();
        let id = BanId::of(first.stream_key(), earlier + 1);
        let created = BanCreated {
            ban_id: id,
            live_stream_id: stream,
            target_user_id: user,
            action_type: new.action,
            reason: new.reason.and_then(|text| Reason::parse(text).unwrap()),
            expires_at: new.expires.map(time),
            report_id: None,
        };
        let event = Event::Ban(BanEvent::Created(created));
        self.append(&id.stream(), event, metadata(Some(World::CREATOR), new.at)).await;
        id
    }

    pub(crate) async fn revoke(&self, id: BanId, cause: RevokeCause, at: &str) {
        let actor = match cause {
            RevokeCause::Expired => None,
            RevokeCause::Manual | RevokeCause::Superseded => Some(World::MODERATOR),
        };
        let event = Event::Ban(BanEvent::Revoked(BanRevoked { ban_id: id, cause }));
        self.append(&id.stream(), event, metadata(actor, at)).await;
    }

    pub(crate) async fn report(&self, new: NewReport<'_>) -> ReportId {
        let stream: LiveStreamId = new.stream.parse().unwrap();
        let reporter: UserId = new.reporter.parse().unwrap();
        let first = ReportId::first(&stream, &reporter);
        let earlier = u16::try_from(self.version(&first.stream()) / 2).unwrap();
        let id = ReportId::of(first.stream_key(), earlier + 1);
        let filed = ReportFiled {
            report_id: id,
            live_stream_id: stream,
            stream_creator_id: World::CREATOR.parse().unwrap(),
            stream_title: "Morning concert".to_owned(),
            stream_status_at_report: StreamStatus::Preparing,
            report_type: new.kind,
            description: new.description.and_then(|text| Description::parse(text).unwrap()),
        };
        let event = Event::Report(ReportEvent::Filed(filed));
        self.append(&id.stream(), event, metadata(Some(new.reporter), new.at)).await;
        id
    }

    pub(crate) async fn review(
        &self,
        id: ReportId,
        status: Decision,
        notes: Option<&str>,
        is_archived: bool,
        at: &str,
    ) {
        let reviewed = ReportReviewed {
            report_id: id,
            status,
            admin_notes: notes.and_then(|text| Notes::parse(text).unwrap()),
            is_archived,
        };
        let event = Event::Report(ReportEvent::Reviewed(reviewed));
        self.append(&id.stream(), event, metadata(Some(World::STAFF), at)).await;
    }

    async fn append(&self, stream: &str, event: Event, metadata: Metadata) {
        let encoded = event.encode().unwrap();
        let metadata = serde_json::value::to_raw_value(&metadata).unwrap();
        let event = NewEvent {
            id: Ulid::nil(),
            event_type: encoded.event_type.to_owned(),
            schema_version: encoded.schema_version,
            data: encoded.data,
            metadata,
        };
        self.append_raw(stream, event).await;
    }

    /// Appends any event, readable or not, with an id of its own.
    pub(crate) async fn append_raw(&self, stream: &str, mut event: NewEvent) {
        let version = self.version(stream);
        let expected = if version == 0 { Expected::NoStream } else { Expected::Exact(version) };
        event.id = Ulid(u128::from(self.last().0) + 1);
        let outcome = self.log.append(stream, expected, vec![event]).await.unwrap();
        let AppendOutcome::Appended { position } = outcome else { panic!("{outcome:?}") };
        let mut written = self.written.lock().unwrap();
        written.0.insert(stream.to_owned(), version + 1);
        written.1 = position;
    }

    fn version(&self, stream: &str) -> u32 {
        self.written.lock().unwrap().0.get(stream).copied().unwrap_or(0)
    }
}

impl Server {
    async fn start(
        database: &Database,
        access: Access,
        reader: Arc<dyn LogReader>,
        clock: &Arc<ManualClock>,
        health: &Health,
        end: &CancellationToken,
    ) -> Self {
        let pool = query_api::connect(&database.url, 5).unwrap();
        let app = App::start_with(access, reader, pool, clock.clone(), end.clone());
        app.register(health);
        let edge = EdgeConfig::new(Arc::new(verifier(clock).await), clock.clone());
        let extra = service::health::routes(health.clone());
        let base = testing::serve(web::edge(query_api::routes(app), edge, extra)).await;
        testing::eventually("the read side to be ready", async || {
            health.report().values().all(|check| check.ok).then_some(())
        })
        .await;
        Self { base, http: reqwest::Client::new() }
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

fn project(
    pool: &PgPool,
    log: Arc<PostgresLog>,
    clock: Arc<ManualClock>,
    end: CancellationToken,
) -> impl Future<Output = ()> + use<> {
    let health = Health::new();
    let projector = projector::Projector { pool: pool.clone(), reader: log, clock, health };
    projector::run(projector, projector::all(), end)
}

async fn verifier(clock: &Arc<ManualClock>) -> Verifier {
    let config = TokenConfig {
        jwt_secret: Some(tokens::SECRET.to_owned().into()),
        jwt_issuer: Some(tokens::ISSUER.to_owned()),
        jwt_audience: Some(tokens::AUDIENCE.to_owned()),
        ..TokenConfig::default()
    };
    Verifier::from_config(&config, clock.clone()).await.unwrap()
}

impl Answer {
    async fn of(response: reqwest::Response) -> Self {
        let (status, headers) = (response.status(), response.headers().clone());
        let body = response.json().await.unwrap();
        Self { status, headers, body }
    }

    /// The data of a good answer, whose envelope must be right.
    pub(crate) fn data(mut self) -> Value {
        let data = self.body["data"].take();
        assert_eq!(
            (self.status, self.body),
            (
                StatusCode::OK,
                json!({"isSuccess": true, "statusCode": 200, "data": null, "errors": [],
                    "timestamp": NOW})
            )
        );
        data
    }

    /// The errors of a bad answer, whose envelope must be right.
    pub(crate) fn errors(mut self, status: u16) -> Value {
        let errors = self.body["errors"].take();
        assert_eq!(
            (self.status.as_u16(), self.body),
            (
                status,
                json!({"isSuccess": false, "statusCode": status, "data": null, "errors": null,
                    "timestamp": NOW})
            ),
            "{errors}"
        );
        errors
    }

    /// The ids in the list of a good answer.
    pub(crate) fn ids(self) -> Vec<String> {
        ids(&self.data())
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

/// The ids in a list.
pub(crate) fn ids(data: &Value) -> Vec<String> {
    let id = |entry: &Value| {
        let id = entry.get("_id").or(entry.get("id")).and_then(Value::as_str);
        id.unwrap().to_owned()
    };
    data["list"].as_array().unwrap().iter().map(id).collect()
}

/// The ids as answers show them.
pub(crate) fn shown<T: ToString>(ids: &[T]) -> Vec<String> {
    ids.iter().map(T::to_string).collect()
}

/// A user as the world has him.
pub(crate) fn user(id: &str, username: &str, name: &str, surname: &str) -> Value {
    json!({"_id": id, "username": username, "name": name, "surname": surname,
        "profilePhoto": null, "availabilityStatus": "online"})
}

pub(crate) fn creator() -> Value {
    user(World::CREATOR, "creator", "Cemile", "Yaratan")
}

pub(crate) fn viewer() -> Value {
    user(World::VIEWER, "viewer", "Vera", "Schau")
}

/// The pagination of a list that fits on one page.
pub(crate) fn one_page(total: usize) -> Value {
    json!({"currentPage": 1, "totalPages": total.div_ceil(10), "totalItems": total,
        "itemsPerPage": 10, "hasNextPage": false, "hasPrevPage": false, "nextCursor": null})
}
