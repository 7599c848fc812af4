//! Instants on the wire and in the log.

use events::Timestamp;

fn rewritten(text: &str) -> String {
    text.parse::<Timestamp>().unwrap().to_string()
}

#[test]
fn an_instant_is_written_in_utc_with_three_digits() {
    assert_eq!(rewritten("2026-01-15T10:30:00Z"), "2026-01-15T10:30:00.000Z");
    assert_eq!(rewritten("2026-01-15T13:30:00.1+03:00"), "2026-01-15T10:30:00.100Z");
    assert_eq!(rewritten("2026-01-15T10:30:00.999999999Z"), "2026-01-15T10:30:00.999Z");
    assert_eq!(rewritten("1969-12-31T23:59:59.9999Z"), "1969-12-31T23:59:59.999Z");
    assert_eq!(rewritten("2016-12-31T23:59:60Z"), "2017-01-01T00:00:00.000Z");
}

#[test]
fn it_stays_within_what_can_be_written() {
    assert_eq!(rewritten("9999-12-31T23:59:59.9999-14:00"), "9999-12-31T23:59:59.999Z");
    assert_eq!(rewritten("0000-01-01T00:00:00+14:00"), "0000-01-01T00:00:00.000Z");
    let end: Timestamp = "9999-12-31T23:59:59Z".parse().unwrap();
    assert_eq!(end.plus_seconds(u32::MAX).to_string(), "9999-12-31T23:59:59.999Z");
}

#[test]
fn other_forms_are_refused() {
    let bad =
        ["", "2026-01-15", "10:30", "2026-02-30T00:00:00Z", "2026-01-15T10:30:00", "1768473000"];
    for text in bad {
        assert!(text.parse::<Timestamp>().is_err(), "{text:?}");
    }
}

#[test]
fn seconds_lie_between_instants() {
    let from: Timestamp = "2026-01-15T10:30:00.500Z".parse().unwrap();
    assert_eq!(from.plus_seconds(90).seconds_since(from), 90);
    assert_eq!(from.seconds_since(from.plus_seconds(90)), 0);
    let next: Timestamp = "2026-01-15T10:30:01.499Z".parse().unwrap();
    assert_eq!(next.seconds_since(from), 0);
}
