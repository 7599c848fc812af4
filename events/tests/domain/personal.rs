//! What is personal in an event, and whose.

use events::personal::{Misplaced, restore, withdraw};
use events::{Event, Metadata, Personal, PersonalField, Sealed};
use serde_json::Value;
use ulid::Ulid;

use crate::golden::{full_metadata, meanings};

fn full(sample: &str) -> (Event, Metadata) {
    let found = meanings().into_iter().find(|(name, _)| *name == sample);
    (found.unwrap().1, full_metadata())
}

fn taken(sample: &str) -> Vec<(PersonalField, String, String)> {
    let (mut event, mut metadata) = full(sample);
    let personal = withdraw(&mut event, &mut metadata, &"about".parse().unwrap());
    let told = |Personal { field, subject, text }| (field, subject.to_string(), text);
    personal.into_iter().map(told).collect()
}

#[test]
fn words_belong_to_whom_they_are_about_and_traces_to_the_actor() {
    let actor = "UCX6OQ3DkcsbYNE6H8uQQuVA";
    let traces = [
        (PersonalField::RequestFingerprint, "about", "9f86d081884c7d65"),
        (PersonalField::ClientIp, actor, "2001:db8::7"),
        (PersonalField::UserAgent, actor, "Allmine/4.2 (iPhone)"),
        (PersonalField::DeviceId, actor, "device-1"),
    ];
    let traces = traces.map(|(field, subject, text)| (field, subject.into(), text.into()));
    let words = [
        ("BanCreated.v1.full", Some(PersonalField::Reason)),
        ("BanRevoked.v1.manual", None),
        ("ReportFiled.v1.full", Some(PersonalField::Description)),
        ("ReportReviewed.v1.full", Some(PersonalField::AdminNotes)),
    ];
    for (sample, word) in words {
        let taken = taken(sample);
        let (said, left) = taken.split_at(word.iter().len());
        assert_eq!(
            said.first().map(|(field, subject, _)| (*field, subject.as_str())),
            word.map(|field| (field, "about"))
        );
        assert_eq!(left, traces, "{sample}");
    }
}

#[test]
fn nothing_of_it_stays_and_all_of_it_can_be_put_back() {
    for (sample, _) in meanings() {
        let (mut event, mut metadata) = full(sample);
        let personal = withdraw(&mut event, &mut metadata, &"about".parse().unwrap());
        let stored = event.encode().unwrap();
        let left = format!("{}{}", stored.data.get(), serde_json::to_string(&metadata).unwrap());
        for Personal { field, text, .. } in &personal {
            assert!(!left.contains(&format!("\"{}\":", field.as_str())), "{sample}: {left}");
            assert!(!left.contains(text.as_str()), "{sample}: {left}");
        }
        let mut read =
            Event::decode(stored.event_type, stored.schema_version, &stored.data).unwrap();
        for Personal { field, text, .. } in personal {
            restore(&mut read, &mut metadata, field, text).unwrap();
        }
        assert_eq!((read, metadata), full(sample), "{sample}");
    }
}

#[test]
fn a_text_without_a_place_is_refused() {
    let (mut event, mut metadata) = full("BanRevoked.v1.manual");
    let words = [PersonalField::Reason, PersonalField::Description, PersonalField::AdminNotes];
    for field in words {
        let refused = restore(&mut event, &mut metadata, field, "text".into());
        assert_eq!(refused, Err(Misplaced(field)));
    }
    let no_address = restore(&mut event, &mut metadata, PersonalField::ClientIp, "text".into());
    assert_eq!(no_address, Err(Misplaced(PersonalField::ClientIp)));
}

#[test]
fn what_is_sealed_is_stored_under_the_name_of_its_place() {
    let key: Ulid = "01KF0ZV5E0000000000000000C".parse().unwrap();
    let sealed = Sealed::new(key, "AbC-_");
    assert_eq!(sealed.parts(), Some((key, "AbC-_")));
    let metadata = Metadata {
        sealed: PersonalField::ALL.map(|field| (field, sealed.clone())).into(),
        ..full_metadata()
    };
    let json = serde_json::to_value(&metadata).unwrap();
    let names: Vec<_> = json["sealed"].as_object().unwrap().keys().cloned().collect();
    let mut expected = PersonalField::ALL.map(PersonalField::as_str);
    expected.sort_unstable();
    assert_eq!(names, expected);
    assert_eq!(json["sealed"]["reason"], Value::from("01KF0ZV5E0000000000000000C.AbC-_"));
    assert_eq!(serde_json::from_value::<Metadata>(json).unwrap(), metadata);
    for broken in ["", "AbC", "01KF.AbC"] {
        let broken: Sealed = serde_json::from_value(broken.into()).unwrap();
        assert_eq!(broken.parts(), None);
    }
}
