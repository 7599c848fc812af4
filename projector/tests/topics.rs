//! What consumers are told of Kafka's topics is what they get.
#![expect(clippy::unwrap_used, reason = "a failed step of a test is a failed test")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use event_log::{Position, RecordedEvent};
use events::ban::BanEvent;
use events::codec::CURRENT;
use events::personal::restore;
use events::report::ReportEvent;
use events::{BanId, Event, Metadata, PersonalField, ReportId, Sealed};
use jsonschema::Validator;
use projector::kafka::config::{EVENTS, LIVE_STREAMS, USERS};
use projector::kafka::message::{CE_SOURCE, Message, cloud_event_type};
use projector::kafka::{asyncapi, schemas};
use serde_json::value::to_raw_value;
use serde_json::{Value, json};
use ulid::Ulid;

fn validator(schema: &Value) -> Validator {
    jsonschema::options().should_validate_formats(true).build(schema).unwrap()
}

/// The schema of this type's records.
fn schema(event_type: &str) -> Validator {
    let name = format!("{event_type}.v1");
    let all = schemas::all().into_iter();
    validator(&all.into_iter().find(|(of, _)| *of == name).unwrap().1.to_value())
}

/// A component of the AsyncAPI document, which is of draft 7.
fn component(name: &str) -> Validator {
    let components = asyncapi::document()["components"].take();
    let reference = format!("#/components/schemas/{name}");
    let whole = json!({ "allOf": [{ "$ref": reference }], "components": components });
    let options = jsonschema::options().with_draft(jsonschema::Draft::Draft7);
    options.should_validate_formats(true).build(&whole).unwrap()
}

fn page() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/events.md");
    fs::read_to_string(path).unwrap()
}

/// The records that the page shows.
fn examples() -> Vec<Value> {
    let page = page();
    let blocks = page.split("```json\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    blocks.map(|block| serde_json::from_str(block).unwrap()).collect()
}

/// Reads a record as our own projector does.
fn read(record: &Value) -> (RecordedEvent, Event) {
    let message: Message = serde_json::from_str(&record.to_string()).unwrap();
    let recorded = RecordedEvent::try_from(message).unwrap();
    let event = Event::decode(&recorded.event_type, recorded.schema_version, &recorded.data);
    (recorded, event.unwrap())
}

#[test]
fn the_page_shows_a_record_of_each_type() {
    let shown =
        examples().iter().map(|record| record["type"].as_str().unwrap().to_owned()).collect();
    assert_eq!(
        CURRENT.map(|(name, _)| name.to_owned()).into_iter().collect::<BTreeSet<_>>(),
        shown
    );
}

/// What the log holds where the relay sends `record`: its texts are sealed there.
fn stored(record: &Value) -> RecordedEvent {
    let (recorded, _) = read(record);
    let mut metadata: Metadata = serde_json::from_str(recorded.metadata.get()).unwrap();
    let withheld = record["metadata"]["withheld"].clone();
    let withheld: Option<Vec<PersonalField>> = serde_json::from_value(withheld).unwrap();
    let sealed = |field| (field, Sealed::new(Ulid::nil(), "AbC-_"));
    metadata.sealed = withheld.unwrap_or_default().into_iter().map(sealed).collect();
    RecordedEvent { metadata: to_raw_value(&metadata).unwrap(), ..recorded }
}

/// What the relay makes of it.
fn published(stored: RecordedEvent) -> Value {
    serde_json::to_value(Message::published(stored).unwrap()).unwrap()
}

#[test]
fn the_records_of_the_page_are_what_the_relay_would_send() {
    for record in examples() {
        let (_, event) = read(&record);
        let data = event.encode().unwrap().data;
        assert_eq!(serde_json::from_str::<Value>(data.get()).unwrap(), record["data"]);
        assert_eq!(published(stored(&record)), record);
        schema(record["type"].as_str().unwrap()).validate(&record).unwrap();
    }
}

/// Everything that an event can tell of a person, unsealed, as earlier versions stored it.
fn telling(record: &Value) -> RecordedEvent {
    let (recorded, mut event) = read(record);
    let mut metadata: Metadata = serde_json::from_str(recorded.metadata.get()).unwrap();
    for field in PersonalField::ALL {
        let text = if field == PersonalField::ClientIp { "2001:db8::7" } else { "secret" };
        // Each type has a place for one of the three words at most.
        let _ = restore(&mut event, &mut metadata, field, text.to_owned());
    }
    let (data, metadata) = (event.encode().unwrap().data, to_raw_value(&metadata).unwrap());
    RecordedEvent { data, metadata, ..recorded }
}

#[test]
fn what_was_stored_unsealed_is_withheld_as_well() {
    for record in examples() {
        let event = telling(&record);
        let told: Value = serde_json::from_str(event.data.get()).unwrap();
        let words = ["adminNotes", "description", "reason"];
        let mut names: Vec<_> =
            words.into_iter().filter(|name| told.get(*name).is_some()).collect();
        names.extend(["clientIp", "deviceId", "requestFingerprint", "userAgent"]);
        names.sort_unstable();
        let mut expected = record.clone();
        expected["metadata"]["withheld"] = json!(names);
        assert_eq!(published(event), expected);
        schema(record["type"].as_str().unwrap()).validate(&expected).unwrap();
    }
}

#[test]
fn records_of_earlier_versions_fit_the_schemas_still() {
    for record in examples() {
        let event = telling(&record);
        let mut earlier = record.clone();
        earlier["data"] = serde_json::from_str(event.data.get()).unwrap();
        earlier["metadata"] = serde_json::from_str(event.metadata.get()).unwrap();
        let event_type = record["type"].as_str().unwrap();
        schema(event_type).validate(&earlier).unwrap();
        component(&format!("{event_type}.v1")).validate(&earlier).unwrap();
    }
}

#[test]
fn the_page_names_everything_that_is_withheld() {
    let page = page();
    let personal = page.split("## Personal data").nth(1).unwrap();
    for field in PersonalField::ALL.map(PersonalField::as_str) {
        assert!(personal.contains(field), "{field}");
    }
}

#[test]
fn the_ids_of_the_page_name_their_streams() {
    for record in examples() {
        let (recorded, event) = read(&record);
        let stream = match &event {
            Event::Ban(BanEvent::Created(created)) => {
                let first = BanId::first(&created.live_stream_id, &created.target_user_id);
                assert_eq!(created.ban_id, first);
                first.stream()
            }
            Event::Ban(BanEvent::Revoked(revoked)) => revoked.ban_id.stream(),
            Event::Report(ReportEvent::Filed(filed)) => {
                let reporter = record["metadata"]["actor"].as_str().unwrap().parse().unwrap();
                let first = ReportId::first(&filed.live_stream_id, &reporter);
                assert_eq!(filed.report_id, first);
                first.stream()
            }
            Event::Report(ReportEvent::Reviewed(reviewed)) => reviewed.report_id.stream(),
        };
        assert_eq!(recorded.stream, stream);
    }
}

#[test]
fn the_page_names_every_topic_and_header() {
    let (page, document) = (page(), asyncapi::document());
    let headers = &document["components"]["messages"]["BanCreated.v1"]["headers"]["properties"];
    let names = headers.as_object().unwrap().keys().map(String::as_str);
    let example = cloud_event_type("BanCreated", 1);
    for name in names.chain([EVENTS, USERS, LIVE_STREAMS, CE_SOURCE, &example]) {
        assert!(page.contains(&format!("`{name}`")), "{name}");
    }
}

#[test]
fn what_is_sent_has_milliseconds_and_a_position_in_digits() {
    let (recorded, _) = read(&examples()[0]);
    let recorded_at = "2026-01-15T10:30:00.123456Z".parse().unwrap();
    let recorded = RecordedEvent { recorded_at, position: Position(i64::MAX as u64), ..recorded };
    let sent = published(recorded);
    assert_eq!(sent["recordedAt"], "2026-01-15T10:30:00.123Z");
    assert_eq!(sent["position"], "9223372036854775807");
    schema("BanCreated").validate(&sent).unwrap();
}

#[test]
fn the_topics_hold_what_the_schemas_say() {
    for record in examples() {
        let event_type = record["type"].as_str().unwrap();
        let (file, component) = (schema(event_type), component(&format!("{event_type}.v1")));
        component.validate(&record).unwrap();
        for pointer in record_members(&record, String::new()) {
            for wrong in
                [json!(null), json!(""), json!(-1), json!({}), json!("2026-01-15"), json!([0])]
            {
                let mut record = record.clone();
                *record.pointer_mut(&pointer).unwrap() = wrong;
                let verdict = component.is_valid(&record);
                assert_eq!(verdict, file.is_valid(&record), "{event_type} {pointer}");
            }
        }
    }
}

/// Pointers to a value's members, and to theirs.
fn record_members(value: &Value, at: String) -> Vec<String> {
    let Value::Object(members) = value else { return vec![at] };
    let inner =
        members.iter().flat_map(|(name, value)| record_members(value, format!("{at}/{name}")));
    inner.chain([at.clone()]).collect()
}

#[test]
fn every_reference_leads_somewhere() {
    let document = asyncapi::document();
    let text = document.to_string();
    let targets: BTreeSet<&str> =
        text.split(r##""$ref":"#"##).skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    assert!(targets.len() > 20, "{targets:?}");
    for target in targets {
        assert!(document.pointer(target).is_some(), "{target}");
    }
}

#[test]
fn a_tombstone_has_no_value() {
    let document = asyncapi::document();
    for name in ["UserRemoved", "LiveStreamRemoved"] {
        let payload = &document["components"]["messages"][name]["payload"];
        assert!(validator(payload).is_valid(&Value::Null));
        assert!(!validator(payload).is_valid(&json!({})));
    }
}
