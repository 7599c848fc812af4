//! One live stream, the people around it, and the given-when-then of every scenario.

use std::collections::BTreeMap;
use std::fmt::Debug;

use events::{
    Actor, CorrelationId, Decider, Dialect, Envelope, LiveStreamSnapshot, Metadata, Role,
    StreamStatus, Timestamp, UserSnapshot, fold,
};
use ulid::Ulid;

/// The live stream of the scenarios: `creator` runs it, `mod-a` and `mod-b` moderate it.
pub(crate) fn live_stream() -> LiveStreamSnapshot {
    LiveStreamSnapshot {
        id: "stream".parse().unwrap(),
        live_chat_id: "chat".parse().unwrap(),
        title: "Evening talk".into(),
        status: StreamStatus::Active,
        creator_id: "creator".parse().unwrap(),
        moderator_ids: vec!["mod-a".parse().unwrap(), "mod-b".parse().unwrap()],
        updated_at: at(0),
    }
}

/// A live stream that `creator-2` runs, and nobody moderates.
pub(crate) fn other_live_stream() -> LiveStreamSnapshot {
    LiveStreamSnapshot {
        id: "stream-2".parse().unwrap(),
        live_chat_id: "chat-2".parse().unwrap(),
        creator_id: "creator-2".parse().unwrap(),
        moderator_ids: vec![],
        ..live_stream()
    }
}

/// A user of this id.
pub(crate) fn user(id: &str) -> UserSnapshot {
    UserSnapshot {
        id: id.parse().unwrap(),
        channel_id: id.parse().unwrap(),
        username: id.into(),
        name: "Given".into(),
        surname: "Family".into(),
        profile_photo: None,
        availability_status: "online".into(),
        deleted: false,
        updated_at: at(0),
    }
}

/// A caller. The names `staff`, `admin`, `auditor` and `service` bear the role that they say, and
/// `staff-creator` moderates the platform.
pub(crate) fn caller(id: &str) -> Actor {
    let roles = match id {
        "staff" | "staff-2" | "staff-creator" => vec![Role::Moderator],
        "admin" => vec![Role::Admin],
        "auditor" => vec![Role::Auditor],
        "service" => vec![Role::Service],
        _ => vec![],
    };
    Actor { id: id.parse().unwrap(), roles: roles.into_iter().collect() }
}

/// So many seconds after half past ten.
pub(crate) fn at(seconds: u32) -> Timestamp {
    let half_past_ten: Timestamp = "2026-01-15T10:30:00.000Z".parse().unwrap();
    half_past_ten.plus_seconds(seconds)
}

/// What `who` caused so many seconds after half past ten.
pub(crate) fn caused<E>(who: &str, seconds: u32, event: E) -> Envelope<E> {
    Envelope { id: Ulid(u128::from(seconds)), event, metadata: metadata(Some(who), seconds) }
}

/// The least that is known of a cause.
pub(crate) fn metadata(who: Option<&str>, seconds: u32) -> Metadata {
    Metadata {
        actor: who.map(|id| id.parse().unwrap()),
        roles: [].into_iter().collect(),
        dialect: Dialect::Allmine,
        platform: None,
        app_version: None,
        device_id: None,
        timezone: None,
        user_agent: None,
        client_ip: None,
        correlation_id: CorrelationId::from(Ulid(1)),
        causation_id: None,
        command_id: Ulid(2),
        occurred_at: at(seconds),
        request_fingerprint: None,
        sealed: BTreeMap::new(),
    }
}

/// Given this history, when this is asked, then this happens or is refused.
pub(crate) fn scenario<D>(
    given: &[Envelope<D::Event>],
    when: &D::Command,
    then: &Result<Vec<D::Event>, D::Refusal>,
) where
    D: Decider<Event: PartialEq + Debug, Refusal: PartialEq + Debug>,
{
    assert_eq!(&D::decide(&fold::<D>(given), when), then);
}

/// A table of scenarios: each line becomes a test of its own.
macro_rules! scenarios {
    ($decider:ty; $($name:ident: $given:expr, $when:expr => $then:expr;)+) => {
        $(
            #[test]
            fn $name() {
                $crate::support::scenario::<$decider>(&$given, &$when, &$then);
            }
        )+
    };
}
pub(crate) use scenarios;
