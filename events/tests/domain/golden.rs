//! One frozen sample per (type, version) and more: what was ever stored is read for ever.
//!
//! A sample is `tests/golden/<type>.v<version>.<name>.json`. When a type gets a new version, its old
//! samples stay; only the newest are also written again.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use events::ban::{ActionType, BanCreated, BanEvent, BanRevoked, RevokeCause};
use events::codec::CURRENT;
use events::report::{Decision, ReportEvent, ReportFiled, ReportReviewed, ReportType};
use events::{
    DecodeError, Description, Dialect, Event, Metadata, Notes, Platform, Reason, Role, StreamStatus,
};
use serde_json::Value;
use serde_json::value::RawValue;
use ulid::Ulid;

/// Every sample, by its name.
pub(crate) fn samples() -> BTreeMap<String, String> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    files
        .map(|file| {
            let name = file.file_name().into_string().unwrap();
            (name.trim_end_matches(".json").into(), std::fs::read_to_string(file.path()).unwrap())
        })
        .collect()
}

fn bare_ban() -> BanCreated {
    BanCreated {
        ban_id: "126fa604dc87559fb7270001".parse().unwrap(),
        live_stream_id: "673ac9e2c93fe18d3fdd23f1".parse().unwrap(),
        target_user_id: "65f1a2b3c4d5e6f708192a3b".parse().unwrap(),
        action_type: ActionType::Block,
        reason: None,
        expires_at: None,
        report_id: None,
    }
}

fn revoked(cause: RevokeCause) -> Event {
    Event::Ban(BanEvent::Revoked(BanRevoked { ban_id: bare_ban().ban_id, cause }))
}

fn bare_report() -> ReportFiled {
    ReportFiled {
        report_id: "19203756c3439fb78be80001".parse().unwrap(),
        live_stream_id: "673ac9e2c93fe18d3fdd23f1".parse().unwrap(),
        stream_creator_id: "UCX6OQ3DkcsbYNE6H8uQQuVA".parse().unwrap(),
        stream_title: "Evening talk".into(),
        stream_status_at_report: StreamStatus::Active,
        report_type: ReportType::SpamOrScam,
        description: None,
    }
}

fn bare_review() -> ReportReviewed {
    ReportReviewed {
        report_id: bare_report().report_id,
        status: Decision::UnderReview,
        admin_notes: None,
        is_archived: false,
    }
}

/// What each sample of an event means.
pub(crate) fn meanings() -> [(&'static str, Event); 9] {
    let full_ban = BanCreated {
        action_type: ActionType::ChatOnly,
        reason: Reason::parse("Küfür 🤬\nand \"spam\"").unwrap(),
        expires_at: Some("2026-01-15T10:35:00.000Z".parse().unwrap()),
        report_id: Some("19203756c3439fb78be80001".parse().unwrap()),
        ..bare_ban()
    };
    let full_report = ReportFiled {
        stream_title: "Gece sohbeti 🎙".into(),
        stream_status_at_report: StreamStatus::CancelledByHost,
        report_type: ReportType::Other,
        description: Description::parse("see 1:02:03").unwrap(),
        ..bare_report()
    };
    let full_review = ReportReviewed {
        status: Decision::Rejected,
        admin_notes: Notes::parse("nothing there").unwrap(),
        is_archived: true,
        ..bare_review()
    };
    [
        ("BanCreated.v1.bare", Event::Ban(BanEvent::Created(bare_ban()))),
        ("BanCreated.v1.full", Event::Ban(BanEvent::Created(full_ban))),
        ("BanRevoked.v1.expired", revoked(RevokeCause::Expired)),
        ("BanRevoked.v1.manual", revoked(RevokeCause::Manual)),
        ("BanRevoked.v1.superseded", revoked(RevokeCause::Superseded)),
        ("ReportFiled.v1.bare", Event::Report(ReportEvent::Filed(bare_report()))),
        ("ReportFiled.v1.full", Event::Report(ReportEvent::Filed(full_report))),
        ("ReportReviewed.v1.bare", Event::Report(ReportEvent::Reviewed(bare_review()))),
        ("ReportReviewed.v1.full", Event::Report(ReportEvent::Reviewed(full_review))),
    ]
}

fn bare_metadata() -> Metadata {
    Metadata {
        actor: None,
        roles: [].into_iter().collect(),
        dialect: Dialect::System,
        platform: None,
        app_version: None,
        device_id: None,
        timezone: None,
        user_agent: None,
        client_ip: None,
        correlation_id: "01KF0ZV5E0000000000000000A".parse().unwrap(),
        causation_id: None,
        command_id: "01KF0ZV5E0000000000000000B".parse().unwrap(),
        occurred_at: "2026-01-15T10:30:00.000Z".parse().unwrap(),
        request_fingerprint: None,
        sealed: BTreeMap::new(),
    }
}

/// What each sample of metadata means.
fn metadata() -> [(&'static str, Metadata); 2] {
    [("metadata.bare", bare_metadata()), ("metadata.full", full_metadata())]
}

/// Everything that metadata can say, unsealed.
pub(crate) fn full_metadata() -> Metadata {
    Metadata {
        actor: Some("UCX6OQ3DkcsbYNE6H8uQQuVA".parse().unwrap()),
        roles: Role::ALL.into_iter().collect(),
        dialect: Dialect::Allmine,
        platform: Some(Platform::MobileIos),
        app_version: Some("4.2.0".into()),
        device_id: Some("device-1".into()),
        timezone: Some("UTC+03:00".into()),
        user_agent: Some("Allmine/4.2 (iPhone)".into()),
        client_ip: Some("2001:db8::7".parse().unwrap()),
        correlation_id: "req-17/of:client".parse().unwrap(),
        causation_id: Some("01KF0ZV5E0000000000000000C".parse::<Ulid>().unwrap()),
        request_fingerprint: Some("9f86d081884c7d65".into()),
        ..bare_metadata()
    }
}

/// `BanCreated` and 1 of `BanCreated.v1.bare`.
pub(crate) fn schema(sample: &str) -> (&str, u16) {
    let mut parts = sample.split('.');
    let event_type = parts.next().unwrap();
    let version = parts.next().and_then(|version| version.strip_prefix('v')).unwrap();
    (event_type, version.parse().unwrap())
}

fn decode(event_type: &str, version: u16, data: &str) -> Result<Event, DecodeError> {
    let data: &RawValue = serde_json::from_str(data).unwrap();
    Event::decode(event_type, version, data)
}

#[test]
fn every_sample_has_a_meaning() {
    let meant = meanings().map(|(name, _)| name).into_iter();
    let meant: BTreeSet<_> = meant.chain(metadata().map(|(name, _)| name)).collect();
    assert_eq!(meant, samples().keys().map(String::as_str).collect());
}

#[test]
fn every_type_and_version_has_a_sample() {
    let meanings = meanings();
    let sampled: BTreeSet<_> = meanings.iter().map(|(name, _)| schema(name)).collect();
    let written = CURRENT.into_iter().flat_map(|(name, last)| (1..=last).map(move |v| (name, v)));
    assert_eq!(sampled, written.collect());
}

#[test]
fn what_was_stored_is_read() {
    let samples = samples();
    for (name, meaning) in meanings() {
        let (event_type, version) = schema(name);
        assert_eq!(decode(event_type, version, &samples[name]).unwrap(), meaning, "{name}");
    }
    for (name, meaning) in metadata() {
        assert_eq!(serde_json::from_str::<Metadata>(&samples[name]).unwrap(), meaning, "{name}");
    }
}

#[test]
fn what_is_written_is_what_was_stored() {
    let samples = samples();
    let stored = |name: &str| serde_json::from_str::<Value>(&samples[name]).unwrap();
    for (name, meaning) in meanings() {
        if CURRENT.contains(&schema(name)) {
            let encoded = meaning.encode().unwrap();
            assert_eq!((encoded.event_type, encoded.schema_version), schema(name));
            let data: Value = serde_json::from_str(encoded.data.get()).unwrap();
            assert_eq!(data, stored(name), "{name}");
        }
    }
    for (name, meaning) in metadata() {
        assert_eq!(serde_json::to_value(meaning).unwrap(), stored(name), "{name}");
    }
}

#[test]
fn the_unknown_is_never_skipped() {
    let full = &samples()["BanCreated.v1.full"];
    for (event_type, version) in
        [("BanCreated", 0), ("BanCreated", 2), ("bancreated", 1), ("BanLifted", 1), ("", 1)]
    {
        assert_eq!(
            decode(event_type, version, full).unwrap_err().to_string(),
            format!("unknown event type {event_type} version {version}")
        );
    }
    let other = decode("ReportFiled", 1, full).unwrap_err();
    assert_eq!(other.to_string(), "malformed ReportFiled version 1");
    assert!(matches!(other, DecodeError::Malformed { .. }));
}
