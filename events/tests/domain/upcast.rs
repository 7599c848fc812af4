//! An event that was written in an older form is read in today's: `BanCreated` as it might have been
//! before bans knew types and had an end instead of a duration.

use events::ban::{ActionType, BanCreated, BanEvent};
use events::codec::Upcaster;
use events::{DecodeError, Event, Reason, Timestamp};
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Value, json};

/// In its third version a ban says when it ends, in its second it has a type, in its first neither.
const CURRENT: [(&str, u16); 1] = [("BanCreated", 3)];
const UPCASTERS: [Upcaster; 2] = [
    Upcaster { event_type: "BanCreated", from: 2, upcast: duration_becomes_end },
    Upcaster { event_type: "BanCreated", from: 1, upcast: all_bans_were_blocks },
];

fn all_bans_were_blocks(mut data: Value) -> Value {
    data["actionType"] = json!("BLOCK");
    data
}

fn duration_becomes_end(mut data: Value) -> Value {
    let start = data["createdAt"].as_str().and_then(|text| text.parse::<Timestamp>().ok());
    let seconds = data["durationSeconds"].as_u64().and_then(|n| u32::try_from(n).ok());
    if let (Some(start), Some(seconds)) = (start, seconds) {
        data["expiresAt"] = json!(start.plus_seconds(seconds));
    }
    data
}

fn decode(schema_version: u16, data: &Value) -> Result<Event, DecodeError> {
    let data: Box<RawValue> = to_raw_value(data).unwrap();
    Event::decode_with(&UPCASTERS, &CURRENT, "BanCreated", schema_version, &data)
}

fn ban(action_type: ActionType) -> Event {
    Event::Ban(BanEvent::Created(BanCreated {
        ban_id: "126fa604dc87559fb7270001".parse().unwrap(),
        live_stream_id: "673ac9e2c93fe18d3fdd23f1".parse().unwrap(),
        target_user_id: "65f1a2b3c4d5e6f708192a3b".parse().unwrap(),
        action_type,
        reason: Reason::parse("spam").unwrap(),
        expires_at: Some("2026-01-15T10:35:00.000Z".parse().unwrap()),
        report_id: None,
    }))
}

fn first_form() -> Value {
    json!({
        "banId": "126fa604dc87559fb7270001",
        "liveStreamId": "673ac9e2c93fe18d3fdd23f1",
        "targetUserId": "65f1a2b3c4d5e6f708192a3b",
        "reason": "spam",
        "createdAt": "2026-01-15T10:30:00.000Z",
        "durationSeconds": 300
    })
}

#[test]
fn the_first_form_takes_both_steps() {
    assert_eq!(decode(1, &first_form()).unwrap(), ban(ActionType::Block));
}

#[test]
fn the_second_form_takes_one() {
    let mut data = first_form();
    data["actionType"] = json!("CHAT_ONLY");
    assert_eq!(decode(2, &data).unwrap(), ban(ActionType::ChatOnly));
}

#[test]
fn todays_form_takes_none() {
    let data = json!({
        "banId": "126fa604dc87559fb7270001",
        "liveStreamId": "673ac9e2c93fe18d3fdd23f1",
        "targetUserId": "65f1a2b3c4d5e6f708192a3b",
        "actionType": "CHAT_ONLY",
        "reason": "spam",
        "expiresAt": "2026-01-15T10:35:00.000Z"
    });
    assert_eq!(decode(3, &data).unwrap(), ban(ActionType::ChatOnly));
}

#[test]
fn a_version_that_no_step_leads_from_is_unknown() {
    for version in [0, 4, u16::MAX] {
        let refused = decode(version, &first_form()).unwrap_err();
        assert_eq!(refused.to_string(), format!("unknown event type BanCreated version {version}"));
    }
    let gap = Event::decode_with(
        &UPCASTERS[..1],
        &CURRENT,
        "BanCreated",
        1,
        &to_raw_value(&first_form()).unwrap(),
    );
    assert!(matches!(gap, Err(DecodeError::Unknown { schema_version: 1, .. })));
}

#[test]
fn what_does_not_fit_after_all_steps_is_malformed() {
    let refused = decode(1, &json!({ "banId": "126fa604dc87559fb7270001" })).unwrap_err();
    assert!(matches!(refused, DecodeError::Malformed { schema_version: 1, .. }));
}
