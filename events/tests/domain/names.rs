//! The names that go over the wire and into the log, written down once more: whoever renames one
//! breaks clients, tokens or history.

use std::fmt::Debug;

use events::ban::{ActionType, RevokeCause};
use events::report::{Decision, ReportStatus, ReportType};
use events::{CorrelationId, Dialect, Platform, Role, StreamStatus};
use serde::{Serialize, de::DeserializeOwned};

fn stored<T: Serialize + DeserializeOwned + Debug + PartialEq>(all: &[T], names: &[&str]) {
    for (value, name) in all.iter().zip(names) {
        let json = format!("{name:?}");
        assert_eq!(serde_json::to_string(value).unwrap(), json);
        assert_eq!(&serde_json::from_str::<T>(&json).unwrap(), value);
    }
    assert_eq!(all.len(), names.len());
}

#[test]
fn bans() {
    let types = ["BLOCK", "CHAT_ONLY"];
    assert_eq!(ActionType::ALL.map(ActionType::as_str), types);
    stored(&ActionType::ALL, &types);
    let causes = [RevokeCause::Manual, RevokeCause::Expired, RevokeCause::Superseded];
    assert_eq!(causes.map(RevokeCause::as_str), ["manual", "expired", "superseded"]);
    stored(&causes, &["manual", "expired", "superseded"]);
}

#[test]
fn reports() {
    let types = [
        "harassment_or_bullying",
        "hate_speech",
        "sexual_content_or_nudity",
        "violence_or_self_harm",
        "spam_or_scam",
        "copyright_or_intellectual_property",
        "other",
    ];
    assert_eq!(ReportType::ALL.map(ReportType::as_str), types);
    stored(&ReportType::ALL, &types);
    let statuses = ["pending", "under_review", "resolved", "rejected"];
    assert_eq!(ReportStatus::ALL.map(ReportStatus::as_str), statuses);
    stored(&ReportStatus::ALL, &statuses);
    assert_eq!(Decision::ALL.map(Decision::as_str), statuses[1..]);
    stored(&Decision::ALL, &statuses[1..]);
}

#[test]
fn live_streams() {
    let statuses = [
        "active",
        "ended",
        "scheduled",
        "preparing",
        "expired",
        "cancelled_by_host",
        "cancelled_by_guest",
    ];
    assert_eq!(StreamStatus::ALL.map(StreamStatus::as_str), statuses);
    stored(&StreamStatus::ALL, &statuses);
}

#[test]
fn callers() {
    let roles = ["moderator", "admin", "auditor", "service"];
    assert_eq!(Role::ALL.map(Role::as_str), roles);
    stored(&Role::ALL, &roles);
    let platforms = ["web", "mobile_ios", "mobile_android", "admin", "api", "unknown", "all"];
    assert_eq!(Platform::ALL.map(Platform::as_str), platforms);
    stored(&Platform::ALL, &platforms);
    let shown = ["web", "ios", "android", "admin", "api", "unknown", "all"];
    assert_eq!(Platform::ALL.map(Platform::shown), shown);
    stored(
        &[Dialect::Allmine, Dialect::Youtube, Dialect::System],
        &["allmine", "youtube", "system"],
    );
}

#[test]
fn correlation_ids_are_visible_ascii() {
    let longest = "x".repeat(128);
    for text in ["a", "01KF0ZV5E0000000000000000A", "a/b:c~!", &longest] {
        assert_eq!(text.parse::<CorrelationId>().unwrap().as_str(), text);
    }
    for text in ["", "a b", "a\n", "ä", "\u{7f}", &"x".repeat(129)] {
        assert!(text.parse::<CorrelationId>().is_err(), "{text:?}");
    }
}
