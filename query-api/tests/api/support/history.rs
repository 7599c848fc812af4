//! Putting events into the log.

use std::collections::BTreeMap;

use event_log::{AppendOutcome, EventLog, Expected, NewEvent};
use events::ban::{ActionType, BanCreated, BanEvent, BanRevoked, RevokeCause};
use events::report::{Decision, ReportEvent, ReportFiled, ReportReviewed, ReportType};
use events::{
    BanId, Description, Dialect, Event, LiveStreamId, Metadata, Notes, Platform, Reason, ReportId,
    Roles, StreamStatus, Timestamp, UserId,
};
use testing::World;
use ulid::Ulid;

use super::Stage;

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

pub(crate) fn metadata(actor: Option<&str>, at: &str) -> Metadata {
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
        sealed: BTreeMap::new(),
    }
}

impl Stage {
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

    pub(crate) async fn append(&self, stream: &str, event: Event, metadata: Metadata) {
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
