//! The schemas and the types say the same.

use std::str::FromStr;

use events::ban::Bans;
use events::personal::withdraw;
use events::report::Reports;
use events::{BanId, CorrelationId, Event, Metadata, Reason, Timestamp, UserId};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{any, bans, reports, run};
use crate::schemas::{record, refusals, sample};

/// The event as it goes over Kafka.
fn sent(event: &Event, metadata: &Metadata) -> Value {
    let encoded = event.encode().unwrap();
    record((encoded.event_type, encoded.schema_version), encoded.data, metadata)
}

/// A ban with a member of its data replaced.
fn ban(member: &str, text: &str) -> Value {
    let mut ban = sample("BanCreated.v1.full");
    ban["data"][member] = json!(text);
    ban
}

fn parses<T: FromStr>(text: &str) -> bool {
    text.parse::<T>().is_ok()
}

proptest! {
    #[test]
    fn whatever_is_written_is_valid(event in any::event(), metadata in any::metadata()) {
        let record = sent(&event, &metadata);
        prop_assert_eq!(refusals(&record), [""; 0], "{:#}", record);
    }

    #[test]
    fn whatever_is_published_is_valid(
        mut event in any::event(),
        mut metadata in any::metadata(),
        about in any::platform_id(),
    ) {
        let withheld = withdraw(&mut event, &mut metadata, &about.parse().unwrap());
        let mut record = sent(&event, &metadata);
        if !withheld.is_empty() {
            let names: Vec<_> = withheld.iter().map(|personal| personal.field).collect();
            record["metadata"]["withheld"] = json!(names);
        }
        prop_assert_eq!(refusals(&record), [""; 0], "{:#}", record);
    }

    #[test]
    fn whatever_is_decided_is_valid(bans in bans::commands(), reports in reports::commands()) {
        let bans = run::<Bans>(&bans).0.into_iter().map(|e| (Event::Ban(e.event), e.metadata));
        let reports = run::<Reports>(&reports).0.into_iter();
        let reports = reports.map(|e| (Event::Report(e.event), e.metadata));
        for (event, metadata) in bans.chain(reports) {
            let record = sent(&event, &metadata);
            prop_assert_eq!(refusals(&record), [""; 0], "{:#}", record);
        }
    }

    #[test]
    fn what_is_no_id_is_no_id_to_the_schema(
        user in "[a-cX-Z0-2_.=\\- é/\n]{0,5}|[a-z]{126,130}",
        ban_id in "[0-9a-f]{23,25}|[0-9a-fA-G]{24}",
        correlation in "[!-~]{0,3}|[ -\u{ff}]{0,3}|[!-~]{126,130}",
    ) {
        let valid = |record: &Value| refusals(record).is_empty();
        prop_assert_eq!(valid(&ban("targetUserId", &user)), parses::<UserId>(&user));
        prop_assert_eq!(valid(&ban("banId", &ban_id)), parses::<BanId>(&ban_id));
        let mut record = sample("BanCreated.v1.full");
        record["metadata"]["correlationId"] = json!(correlation);
        prop_assert_eq!(valid(&record), parses::<CorrelationId>(&correlation));
    }

    #[test]
    fn a_time_has_one_form(instant in any::instant(), text in "[0-9TZ:.+-]{20,30}") {
        let valid = |text: &str| refusals(&ban("expiresAt", text)).is_empty();
        prop_assert!(valid(&instant.to_string()), "{instant}");
        let same = text.parse::<Timestamp>().is_ok_and(|instant| instant.to_string() == text);
        prop_assert_eq!(valid(&text), same);
    }
}

#[test]
fn what_is_no_clean_text_is_none_to_the_schema() {
    let near = (0..0xa1).chain([0x2028, 0xfeff, 0x1_f600]).filter_map(char::from_u32);
    for character in near {
        let text = format!("a{character}b");
        let valid = refusals(&ban("reason", &text)).is_empty();
        assert_eq!(valid, Reason::parse(&text).is_ok(), "{text:?}");
    }
}
