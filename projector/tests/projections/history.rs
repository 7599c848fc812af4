//! What is told to the log in tests.

use std::collections::BTreeMap;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use chrono::{DateTime, Utc};
use event_log::memory::MemoryLog;
use event_log::postgres::{PostgresLog, PostgresLogConfig};
use event_log::{AppendOutcome, EventLog, Expected, LogReader, NewEvent, Position};
use events::ban::{ActionType, BanCreated, BanEvent, BanRevoked, RevokeCause};
use events::report::{Decision, ReportEvent, ReportFiled, ReportReviewed, ReportType};
use events::{
    BanId, CorrelationId, Dialect, Event, LiveStreamId, Metadata, Platform, ReportId, Roles,
    StreamStatus, Timestamp, UserId,
};
use serde_json::value::to_raw_value;
use sqlx::PgPool;
use testing::Database;
use ulid::Ulid;

/// When most of it happens.
pub(crate) const AT: &str = "2026-01-15T10:30:00.250Z";

/// A log, and what was told to it so far.
pub(crate) struct History {
    pub(crate) log: Arc<dyn EventLog>,
    pub(crate) told: Mutex<Told>,
    /// Where the keys are that personal texts are sealed with; they are told as they are without.
    pub(crate) keys: Option<PgPool>,
}

#[derive(Default)]
pub(crate) struct Told {
    events: u64,
    versions: HashMap<String, u32>,
    /// Whom each stream is about.
    pub(crate) about: HashMap<String, UserId>,
}

impl History {
    /// In memory.
    pub(crate) fn new() -> Self {
        Self::over(Arc::new(MemoryLog::new(|| time(AT))))
    }

    /// In the test's database.
    pub(crate) async fn stored(database: &Database) -> Self {
        let config = PostgresLogConfig::new(&database.url);
        Self::over(Arc::new(PostgresLog::connect(config).await.unwrap()))
    }

    fn over(log: Arc<dyn EventLog>) -> Self {
        Self { log, told: Mutex::default(), keys: None }
    }

    /// With personal texts sealed as the write side seals them, with keys in this database.
    pub(crate) fn sealing(self, database: &Database) -> Self {
        Self { keys: Some(database.pool.clone()), ..self }
    }

    /// The log as a projector sees it.
    pub(crate) fn reader(&self) -> Arc<dyn LogReader> {
        Arc::clone(&self.log) as Arc<dyn LogReader>
    }

    /// Tells `event`, caused `by` somebody at `at`.
    pub(crate) async fn tell(&self, at: &str, by: Option<&str>, event: Event) -> Position {
        let stream = match &event {
            Event::Ban(BanEvent::Created(event)) => event.ban_id.stream(),
            Event::Ban(BanEvent::Revoked(event)) => event.ban_id.stream(),
            Event::Report(ReportEvent::Filed(event)) => event.report_id.stream(),
            Event::Report(ReportEvent::Reviewed(event)) => event.report_id.stream(),
        };
        let (id, version) = self.next(&stream);
        let mut metadata = metadata(at, by);
        let event = self.seal(id, &stream, event, &mut metadata).await;
        let encoded = event.encode().unwrap();
        let event = NewEvent {
            id,
            event_type: encoded.event_type.to_owned(),
            schema_version: encoded.schema_version,
            data: encoded.data,
            metadata: to_raw_value(&metadata).unwrap(),
        };
        self.append(&stream, version, event).await
    }

    /// Tells what may be no event at all.
    pub(crate) async fn tell_raw(
        &self,
        stream: &str,
        event_type: &str,
        data: &str,
        metadata: Metadata,
    ) -> Position {
        let (id, version) = self.next(stream);
        let event = NewEvent {
            id,
            event_type: event_type.to_owned(),
            schema_version: 1,
            data: serde_json::from_str(data).unwrap(),
            metadata: to_raw_value(&metadata).unwrap(),
        };
        self.append(stream, version, event).await
    }

    /// The id of the next event, and how many its stream has already.
    fn next(&self, stream: &str) -> (Ulid, u32) {
        let mut told = self.told.lock().unwrap();
        told.events += 1;
        let id = Ulid::from_parts(0, told.events.into());
        let version = told.versions.entry(stream.to_owned()).or_default();
        *version += 1;
        (id, *version - 1)
    }

    async fn append(&self, stream: &str, version: u32, event: NewEvent) -> Position {
        let expected = if version == 0 { Expected::NoStream } else { Expected::Exact(version) };
        match self.log.append(stream, expected, vec![event]).await.unwrap() {
            AppendOutcome::Appended { position } => position,
            outcome => panic!("{outcome:?}"),
        }
    }
}

/// An instant.
pub(crate) fn time(at: &str) -> DateTime<Utc> {
    at.parse::<Timestamp>().unwrap().to_utc()
}

/// Metadata of an event caused `by` somebody with a phone, or else by Docket itself.
pub(crate) fn metadata(at: &str, by: Option<&str>) -> Metadata {
    Metadata {
        actor: by.map(|user| user.parse().unwrap()),
        roles: Roles::default(),
        dialect: if by.is_some() { Dialect::Allmine } else { Dialect::System },
        platform: by.map(|_| Platform::MobileIos),
        app_version: None,
        device_id: None,
        timezone: None,
        user_agent: by.map(|_| "Allmine/7.1".to_owned()),
        client_ip: by.map(|_| "203.0.113.7".parse().unwrap()),
        correlation_id: CorrelationId::from(Ulid::nil()),
        causation_id: None,
        command_id: Ulid::nil(),
        occurred_at: at.parse().unwrap(),
        request_fingerprint: None,
        sealed: BTreeMap::new(),
    }
}

/// The how-manieth ban of a user on a live stream.
pub(crate) fn ban_id(live_stream: &str, user: &str, nth: u16) -> BanId {
    let key = BanId::key(&live_stream_id(live_stream), &user_id(user));
    BanId::of(key, nth)
}

/// A permanent ban without a reason.
pub(crate) fn banned(live_stream: &str, user: &str, nth: u16) -> BanCreated {
    BanCreated {
        ban_id: ban_id(live_stream, user, nth),
        live_stream_id: live_stream_id(live_stream),
        target_user_id: user_id(user),
        action_type: ActionType::Block,
        reason: None,
        expires_at: None,
        report_id: None,
    }
}

/// That ban as an event.
pub(crate) fn ban(live_stream: &str, user: &str, nth: u16) -> Event {
    Event::Ban(BanEvent::Created(banned(live_stream, user, nth)))
}

/// The end of that ban.
pub(crate) fn end(live_stream: &str, user: &str, nth: u16, cause: RevokeCause) -> Event {
    let ban_id = ban_id(live_stream, user, nth);
    Event::Ban(BanEvent::Revoked(BanRevoked { ban_id, cause }))
}

/// The how-manieth report by a user of a live stream.
pub(crate) fn report_id(live_stream: &str, user: &str, nth: u16) -> ReportId {
    let key = ReportId::key(&live_stream_id(live_stream), &user_id(user));
    ReportId::of(key, nth)
}

/// A report.
pub(crate) fn file(live_stream: &str, user: &str, nth: u16, report_type: ReportType) -> Event {
    Event::Report(ReportEvent::Filed(ReportFiled {
        report_id: report_id(live_stream, user, nth),
        live_stream_id: live_stream_id(live_stream),
        stream_creator_id: user_id("creator"),
        stream_title: "Evening concert".to_owned(),
        stream_status_at_report: StreamStatus::Active,
        report_type,
        description: events::Description::parse("İyi değil 🎭").unwrap(),
    }))
}

/// A review of that report.
pub(crate) fn review(
    (live_stream, user, nth): (&str, &str, u16),
    status: Decision,
    notes: Option<&str>,
    is_archived: bool,
) -> Event {
    Event::Report(ReportEvent::Reviewed(ReportReviewed {
        report_id: report_id(live_stream, user, nth),
        status,
        admin_notes: notes.and_then(|notes| events::Notes::parse(notes).unwrap()),
        is_archived,
    }))
}

fn live_stream_id(id: &str) -> LiveStreamId {
    id.parse().unwrap()
}

fn user_id(id: &str) -> UserId {
    id.parse().unwrap()
}
