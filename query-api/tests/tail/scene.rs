//! A tail beside a log in memory, which is handed over when a test says so.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};

use event_log::memory::MemoryLog;
use event_log::{AppendOutcome, EventLog, Expected, LogReader, NewEvent, Position};
use events::ban::{ActionType, BanCreated, BanEvent, BanRevoked, RevokeCause};
use events::{BanId, Dialect, Event, Metadata, PersonalField, Roles, Sealed};
use query_api::tail::{Source, Subscription, Tail};
use sealing::MasterKeys;
use serde_json::value::{RawValue, to_raw_value};
use testing::{Database, World, seed};
use tokio_util::sync::{CancellationToken, DropGuard};
use ulid::Ulid;

pub(crate) struct Scene {
    pub(crate) database: Database,
    pub(crate) master: MasterKeys,
    pub(crate) tail: Tail,
    pub(crate) log: Arc<MemoryLog>,
    /// Versions of streams, and up to where the log was handed over.
    progress: Mutex<(HashMap<String, u32>, Position)>,
    pub(crate) end: CancellationToken,
    _end: DropGuard,
}

impl Scene {
    /// The world of crate `testing`, in which nothing has happened.
    pub(crate) async fn new() -> Self {
        let database = Database::create().await;
        seed(&database.pool).await;
        let master = MasterKeys::parse(&MasterKeys::generate("test").unwrap()).unwrap();
        let log = Arc::new(MemoryLog::new(chrono::DateTime::default));
        let pool = query_api::connect(&database.url, 5).unwrap();
        let source = Source::new(pool, master.clone(), log.clone());
        let end = CancellationToken::new();
        let (tail, publishing) = Tail::new(source, end.clone());
        tokio::spawn(publishing);
        let progress = Mutex::default();
        let guard = end.clone().drop_guard();
        Self { database, master, tail, log, progress, end, _end: guard }
    }

    /// The same, and a subscriber from the start.
    pub(crate) async fn with_subscriber() -> (Self, Subscription) {
        let scene = Self::new().await;
        scene.tail.begin(Position::START);
        let subscription = scene.tail.subscribe().await;
        (scene, subscription)
    }

    /// Bans the viewer number `nth`; what is sealed of it is given beside it.
    pub(crate) async fn ban(&self, user: &str, sealed: BTreeMap<PersonalField, Sealed>) -> BanId {
        let live_stream = World::STREAM.parse().unwrap();
        let user = user.parse().unwrap();
        let ban_id = BanId::first(&live_stream, &user);
        let created = BanCreated {
            ban_id,
            live_stream_id: live_stream,
            target_user_id: user,
            action_type: ActionType::Block,
            reason: None,
            expires_at: None,
            report_id: None,
        };
        self.write(&ban_id.stream(), Event::Ban(BanEvent::Created(created)), sealed).await;
        ban_id
    }

    pub(crate) async fn revoke(&self, ban_id: BanId) {
        let revoked = BanRevoked { ban_id, cause: RevokeCause::Manual };
        let event = Event::Ban(BanEvent::Revoked(revoked));
        self.write(&ban_id.stream(), event, BTreeMap::new()).await;
    }

    pub(crate) async fn write(
        &self,
        stream: &str,
        event: Event,
        sealed: BTreeMap<PersonalField, Sealed>,
    ) {
        let encoded = event.encode().unwrap();
        let metadata = to_raw_value(&metadata(sealed)).unwrap();
        self.write_raw(stream, encoded.event_type, encoded.data, metadata).await;
    }

    pub(crate) async fn write_raw(
        &self,
        stream: &str,
        event_type: &str,
        data: Box<RawValue>,
        metadata: Box<RawValue>,
    ) {
        let version = self.progress.lock().unwrap().0.get(stream).copied().unwrap_or(0);
        let expected = if version == 0 { Expected::NoStream } else { Expected::Exact(version) };
        let event = NewEvent {
            id: self.next_id().await,
            event_type: event_type.to_owned(),
            schema_version: 1,
            data,
            metadata,
        };
        let outcome = self.log.append(stream, expected, vec![event]).await.unwrap();
        assert!(matches!(outcome, AppendOutcome::Appended { .. }), "{outcome:?}");
        self.progress.lock().unwrap().0.insert(stream.to_owned(), version + 1);
    }

    /// The id that the next event will have.
    pub(crate) async fn next_id(&self) -> Ulid {
        Ulid(u128::from(self.log.head().await.unwrap().0) + 1)
    }

    /// Hands over whatever was written since the last time.
    pub(crate) async fn hand(&self) {
        let after = self.progress.lock().unwrap().1;
        let page = self.log.read_all(after, u32::MAX).await.unwrap();
        self.progress.lock().unwrap().1 = self.log.head().await.unwrap();
        self.tail.hand(page.events);
    }
}

pub(crate) fn metadata(sealed: BTreeMap<PersonalField, Sealed>) -> Metadata {
    Metadata {
        actor: Some(World::CREATOR.parse().unwrap()),
        roles: Roles::default(),
        dialect: Dialect::Allmine,
        platform: None,
        app_version: None,
        device_id: None,
        timezone: None,
        user_agent: None,
        client_ip: None,
        correlation_id: Ulid(7).into(),
        causation_id: None,
        command_id: Ulid(7),
        occurred_at: "2026-01-15T11:00:00.000Z".parse().unwrap(),
        request_fingerprint: None,
        sealed,
    }
}
