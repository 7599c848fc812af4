//! Anything that the types allow.

use std::collections::BTreeMap;
use std::net::IpAddr;

use events::ban::{ActionType, BanCreated, BanEvent, BanRevoked, RevokeCause};
use events::report::{Decision, ReportEvent, ReportFiled, ReportReviewed, ReportType};
use events::{
    BanId, CorrelationId, Description, Dialect, Event, LiveStreamId, Metadata, Notes, Platform,
    Reason, ReportId, Role, StreamStatus, Timestamp, UserId,
};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use ulid::Ulid;

pub(super) fn platform_id() -> impl Strategy<Value = String> {
    "[A-Za-z0-9_.=-]{1,128}"
}

pub(super) fn instant() -> impl Strategy<Value = Timestamp> {
    let range = i64::MIN / 1_000..i64::MAX / 1_000;
    range.prop_filter_map("chrono knows it", |millis| {
        chrono::DateTime::from_timestamp_millis(millis).map(Timestamp::from)
    })
}

/// What somebody might write, clean or not, often enough near the limit of a reason.
fn text() -> impl Strategy<Value = String> {
    let clean = "(?s)[^\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f]{0,300}";
    prop_oneof![any::<String>(), clean, "\\PC{495,505}"]
}

/// Any event at all.
pub(super) fn event() -> impl Strategy<Value = Event> {
    let ids = (platform_id(), platform_id(), any::<u16>());
    let texts = (text(), option::of(instant()), any::<bool>());
    let names = (
        select(ActionType::ALL.to_vec()),
        select(vec![RevokeCause::Manual, RevokeCause::Expired, RevokeCause::Superseded]),
        select(StreamStatus::ALL.to_vec()),
        select(ReportType::ALL.to_vec()),
        select(Decision::ALL.to_vec()),
    );
    (0..4, ids, texts, names).prop_map(|(kind, (stream, user, nth), (text, time, flag), names)| {
        let stream: LiveStreamId = stream.parse().unwrap();
        let user: UserId = user.parse().unwrap();
        let ban_id = BanId::of(BanId::key(&stream, &user), nth);
        let report_id = ReportId::of(ReportId::key(&stream, &user), nth);
        let (action_type, cause, stream_status_at_report, report_type, status) = names;
        match kind {
            0 => Event::Ban(BanEvent::Created(BanCreated {
                ban_id,
                action_type,
                reason: Reason::parse(&text).ok().flatten(),
                expires_at: time,
                report_id: flag.then_some(report_id),
                live_stream_id: stream,
                target_user_id: user,
            })),
            1 => Event::Ban(BanEvent::Revoked(BanRevoked { ban_id, cause })),
            2 => Event::Report(ReportEvent::Filed(ReportFiled {
                report_id,
                live_stream_id: stream,
                stream_creator_id: user,
                description: Description::parse(&text).ok().flatten(),
                stream_title: text,
                stream_status_at_report,
                report_type,
            })),
            _ => Event::Report(ReportEvent::Reviewed(ReportReviewed {
                report_id,
                status,
                admin_notes: Notes::parse(&text).ok().flatten(),
                is_archived: flag,
            })),
        }
    })
}

/// Any metadata at all.
pub(super) fn metadata() -> impl Strategy<Value = Metadata> {
    let names = (
        subsequence(Role::ALL.to_vec(), 0..=4),
        select(vec![Dialect::Allmine, Dialect::Youtube, Dialect::System]),
        option::of(select(Platform::ALL.to_vec())),
    );
    let ids = (option::of(platform_id()), "[!-~]{1,128}", option::of(any::<u128>()), any::<u128>());
    let rest = (option::of(any::<String>()), option::of(any::<IpAddr>()), instant());
    (names, ids, rest).prop_map(|((roles, dialect, platform), ids, (text, client_ip, time))| {
        let (actor, correlation_id, causation_id, command_id) = ids;
        Metadata {
            actor: actor.map(|id| id.parse().unwrap()),
            roles: roles.into_iter().collect(),
            dialect,
            platform,
            app_version: text.clone(),
            device_id: text.clone(),
            timezone: text.clone(),
            user_agent: text.clone(),
            client_ip,
            correlation_id: CorrelationId::try_from(correlation_id).unwrap(),
            causation_id: causation_id.map(Ulid),
            command_id: Ulid(command_id),
            occurred_at: time,
            request_fingerprint: text,
            sealed: BTreeMap::new(),
        }
    })
}
