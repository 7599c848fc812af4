//! The committed JSON Schemas hold for everything that was ever stored, and for nothing else.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::LazyLock;

use events::PersonalField;
use events::codec::CURRENT;
use jsonschema::Validator;
use serde::Serialize;
use serde_json::{Value, json};

use crate::golden::{samples, schema};

/// What is committed in `schemas/`, by the files' names.
static SCHEMAS: LazyLock<BTreeMap<String, (Value, Validator)>> = LazyLock::new(|| {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("schemas");
    let files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    files
        .map(|path| {
            let schema: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
            let options = jsonschema::options().should_validate_formats(true);
            let validator = options.build(&schema).unwrap();
            (path.file_name().unwrap().to_str().unwrap().to_owned(), (schema, validator))
        })
        .collect()
});

fn validator(record: &Value) -> &'static Validator {
    let event_type = record["type"].as_str().unwrap();
    &SCHEMAS[&format!("{event_type}.v{}.json", record["schemaVersion"])].1
}

/// Where a record is not what its type's schema says.
pub(crate) fn refusals(record: &Value) -> Vec<String> {
    let errors = validator(record).iter_errors(record);
    errors.map(|error| error.instance_path().to_string()).collect()
}

/// The value of a record on Kafka.
pub(crate) fn record(
    (event_type, version): (&str, u16),
    data: impl Serialize,
    metadata: impl Serialize,
) -> Value {
    let data = serde_json::to_value(data).unwrap();
    let kind = if event_type.starts_with("Ban") { "ban" } else { "report" };
    let id = data[format!("{kind}Id")].as_str().unwrap();
    json!({
        "id": "01KF0ZV5E0000000000000000D",
        "type": event_type,
        "schemaVersion": version,
        "stream": format!("{kind}-{}", &id[..20]),
        "version": 1,
        "position": "42",
        "recordedAt": "2026-01-15T10:30:00.005Z",
        "data": data,
        "metadata": serde_json::to_value(metadata).unwrap(),
    })
}

fn stored(name: &str) -> Value {
    serde_json::from_str(&samples()[name]).unwrap()
}

/// A golden sample as a record, with all that metadata can hold: also what records hold no more.
pub(crate) fn sample(name: &str) -> Value {
    let mut record = record(schema(name), stored(name), stored("metadata.full"));
    record["metadata"]["withheld"] = json!(PersonalField::ALL);
    record
}

#[test]
fn every_type_and_version_has_a_valid_schema() {
    let stored = CURRENT.into_iter().flat_map(|(name, last)| (1..=last).map(move |v| (name, v)));
    let files: BTreeSet<_> =
        stored.map(|(name, version)| format!("{name}.v{version}.json")).collect();
    assert_eq!(SCHEMAS.keys().cloned().collect::<BTreeSet<_>>(), files);
    for (file, (schema, _)) in SCHEMAS.iter() {
        jsonschema::draft202012::meta::validate(schema).unwrap_or_else(|e| panic!("{file}: {e}"));
        let name = file.trim_end_matches(".json");
        assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
        assert_eq!(schema["$id"], format!("urn:docket:{name}"));
        assert_eq!(schema["title"], name);
    }
}

#[test]
fn every_sample_is_valid() {
    let samples = samples();
    let is_metadata = |name: &&String| name.starts_with("metadata.");
    let (metadata, data): (Vec<_>, Vec<_>) = samples.keys().partition(is_metadata);
    assert!(!data.is_empty() && !metadata.is_empty());
    for data in data {
        for metadata in &metadata {
            let record = record(schema(data), stored(data), stored(metadata));
            assert_eq!(refusals(&record), [""; 0], "{data} {metadata}");
        }
    }
}

#[test]
fn members_that_are_not_known_are_nobodys_concern() {
    for name in samples().keys().filter(|name| name.contains(".v")) {
        let mut record = sample(name);
        for object in ["", "/data", "/metadata"] {
            record.pointer_mut(object).unwrap()["new"] = json!({ "of": "tomorrow" });
        }
        assert_eq!(refusals(&record), [""; 0], "{name}");
    }
}

/// Sample, what is replaced, and by what.
fn wrong() -> Vec<(&'static str, &'static str, Value)> {
    let (ban, revoked) = ("BanCreated.v1.full", "BanRevoked.v1.manual");
    let (filed, reviewed) = ("ReportFiled.v1.full", "ReportReviewed.v1.full");
    vec![
        (ban, "/id", json!("01KF0ZV5E0000000000000000")),
        (ban, "/id", json!("81KF0ZV5E0000000000000000D")),
        (ban, "/id", json!("01kf0zv5e0000000000000000d")),
        (ban, "/stream", json!("report-126fa604dc87559fb727")),
        (ban, "/version", json!(0)),
        (ban, "/version", json!(1.5)),
        (ban, "/position", json!(42)),
        (ban, "/position", json!("-1")),
        (ban, "/recordedAt", json!("2026-01-15T10:30:00.005123Z")),
        (ban, "/recordedAt", json!("2026-01-15T10:30:00.005+00:00")),
        (ban, "/data", json!(null)),
        (ban, "/data/banId", json!("126FA604DC87559FB7270001")),
        (ban, "/data/banId", json!("126fa604dc87559fb727000")),
        (ban, "/data/liveStreamId", json!("")),
        (ban, "/data/targetUserId", json!("a b")),
        (ban, "/data/targetUserId", json!("x".repeat(129))),
        (ban, "/data/actionType", json!("block")),
        (ban, "/data/actionType", json!("MUTE")),
        (ban, "/data/reason", json!("")),
        (ban, "/data/reason", json!(null)),
        (ban, "/data/reason", json!("😀".repeat(501))),
        (ban, "/data/expiresAt", json!("2026-13-15T10:35:00.000Z")),
        (ban, "/data/expiresAt", json!(1_768_473_300)),
        (ban, "/metadata/actor", json!("")),
        (ban, "/metadata/roles/0", json!("owner")),
        (ban, "/metadata/dialect", json!("telegram")),
        (ban, "/metadata/platform", json!("ios")),
        (ban, "/metadata/clientIp", json!("256.0.0.1")),
        (ban, "/metadata/clientIp", json!("localhost")),
        (ban, "/metadata/causationId", json!("req-17")),
        (ban, "/metadata/withheld", json!([])),
        (ban, "/metadata/withheld", json!(null)),
        (ban, "/metadata/withheld", json!(["reason", "reason"])),
        (ban, "/metadata/withheld/0", json!("fullName")),
        (ban, "/metadata/correlationId", json!("a b")),
        (ban, "/metadata/occurredAt", json!("yesterday")),
        (revoked, "/data/cause", json!("bored")),
        (filed, "/data/type", json!("rudeness")),
        (filed, "/data/streamTitle", json!(null)),
        (filed, "/data/streamStatusAtReport", json!("paused")),
        (filed, "/data/description", json!("x".repeat(2001))),
        (reviewed, "/data/status", json!("pending")),
        (reviewed, "/data/isArchived", json!("true")),
        (reviewed, "/data/adminNotes", json!("x".repeat(2001))),
    ]
}

#[test]
fn wrong_values_are_refused_where_they_are() {
    for (name, pointer, value) in wrong() {
        let mut record = sample(name);
        let member = record.pointer_mut(pointer).unwrap();
        assert_ne!(*member, value, "{name} {pointer}");
        *member = value;
        let refusals = refusals(&record);
        // A value can break two rules at once, for instance be short and of a wrong form.
        assert!(
            !refusals.is_empty() && refusals.iter().all(|at| at == pointer),
            "{pointer}: {refusals:?}"
        );
    }
}

#[test]
fn the_longest_texts_are_valid() {
    for (name, pointer, max) in [
        ("BanCreated.v1.full", "/data/reason", 500),
        ("ReportFiled.v1.full", "/data/description", 2000),
        ("ReportReviewed.v1.full", "/data/adminNotes", 2000),
        ("BanCreated.v1.full", "/data/targetUserId", 128),
    ] {
        let mut record = sample(name);
        let text = if max == 128 { "x" } else { "😀" }.repeat(max);
        *record.pointer_mut(pointer).unwrap() = json!(text);
        assert_eq!(refusals(&record), [""; 0], "{pointer}");
    }
}

#[test]
fn another_types_events_are_refused() {
    let ban = sample("BanCreated.v1.bare");
    let validator = validator(&ban);
    assert!(validator.is_valid(&ban));
    for (member, value) in [("type", json!("BanRevoked")), ("schemaVersion", json!(2))] {
        let mut wrong = ban.clone();
        wrong[member] = value;
        assert!(!validator.is_valid(&wrong), "{member}");
    }
}

/// What a record may lack.
const OPTIONAL: [&str; 14] = [
    "/data/adminNotes",
    "/data/description",
    "/data/expiresAt",
    "/data/reason",
    "/data/reportId",
    "/metadata/appVersion",
    "/metadata/causationId",
    "/metadata/clientIp",
    "/metadata/deviceId",
    "/metadata/platform",
    "/metadata/requestFingerprint",
    "/metadata/timezone",
    "/metadata/userAgent",
    "/metadata/withheld",
];

#[test]
fn what_must_be_there_is_missed() {
    let mut optional = BTreeSet::new();
    for name in samples().keys().filter(|name| name.contains(".v")) {
        let whole = sample(name);
        let validator = validator(&whole);
        for object in ["", "/data", "/metadata"] {
            for member in whole.pointer(object).unwrap().as_object().unwrap().keys() {
                let mut record = whole.clone();
                record.pointer_mut(object).unwrap().as_object_mut().unwrap().remove(member);
                if validator.is_valid(&record) {
                    optional.insert(format!("{object}/{member}"));
                }
            }
        }
    }
    assert_eq!(optional, OPTIONAL.map(str::to_owned).into());
}
