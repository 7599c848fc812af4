use events::ban::{ActionType, BanCreated, BanEvent};
use events::report::{ReportEvent, ReportFiled, ReportType};
use events::{
    BanId, Description, Event, LiveStreamId, Reason, ReportId, StreamStatus, Timestamp, UserId,
};
use proptest::prelude::*;

fn platform_id() -> impl Strategy<Value = String> {
    "[A-Za-z0-9_.=-]{1,128}"
}

fn instant() -> impl Strategy<Value = Timestamp> {
    let range = i64::MIN / 1_000..i64::MAX / 1_000;
    range.prop_filter_map("chrono knows it", |millis| {
        chrono::DateTime::from_timestamp_millis(millis).map(Timestamp::from)
    })
}

fn decoded(event: &Event) -> Event {
    let encoded = event.encode().unwrap();
    Event::decode(encoded.event_type, encoded.schema_version, &encoded.data).unwrap()
}

proptest! {
    #[test]
    fn a_ban_is_read_as_it_was_written(
        stream in platform_id(), user in platform_id(), nth: u16, reason: String,
        until in prop::option::of(instant()), kind in 0..2_usize,
    ) {
        let stream: LiveStreamId = stream.parse().unwrap();
        let user: UserId = user.parse().unwrap();
        let event = Event::Ban(BanEvent::Created(BanCreated {
            ban_id: BanId::of(BanId::key(&stream, &user), nth),
            action_type: ActionType::ALL[kind],
            reason: Reason::parse(&reason).ok().flatten(),
            expires_at: until,
            report_id: Some(ReportId::first(&stream, &user)),
            live_stream_id: stream,
            target_user_id: user,
        }));
        prop_assert_eq!(decoded(&event), event);
    }

    #[test]
    fn a_report_is_read_as_it_was_written(
        stream in platform_id(), user in platform_id(), nth: u16, title: String, text: String,
        kind in 0..7_usize, status in 0..7_usize,
    ) {
        let stream: LiveStreamId = stream.parse().unwrap();
        let user: UserId = user.parse().unwrap();
        let event = Event::Report(ReportEvent::Filed(ReportFiled {
            report_id: ReportId::of(ReportId::key(&stream, &user), nth),
            live_stream_id: stream,
            stream_creator_id: user,
            stream_title: title,
            stream_status_at_report: StreamStatus::ALL[status],
            report_type: ReportType::ALL[kind],
            description: Description::parse(&text).ok().flatten(),
        }));
        prop_assert_eq!(decoded(&event), event);
    }

    #[test]
    fn ids_are_read_as_they_were_written(bytes: [u8; 10], nth: u16) {
        let id = BanId::of(bytes, nth);
        prop_assert_eq!(id.to_string().parse(), Ok(id));
        prop_assert_eq!((id.stream_key(), id.ordinal()), (bytes, nth));
        prop_assert_eq!(id.to_string().len(), 24);
        prop_assert_eq!(id.stream(), format!("ban-{}", &id.to_string()[..20]));
    }

    #[test]
    fn instants_are_read_as_they_were_written(instant in instant()) {
        prop_assert_eq!(instant.to_string().len(), "2026-01-15T10:30:00.000Z".len());
        prop_assert_eq!(instant.to_string().parse(), Ok(instant));
    }

    #[test]
    fn clean_text_stays_as_it_is(text in "(?s)[^\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f]{0,300}") {
        if let Some(reason) = Reason::parse(&text).ok().flatten() {
            prop_assert_eq!(Reason::parse(reason.as_str()), Ok(Some(reason.clone())));
            prop_assert!(reason.as_str().chars().count() <= Reason::MAX);
        }
    }
}
