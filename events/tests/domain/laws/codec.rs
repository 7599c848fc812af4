use events::{BanId, Event, Metadata, Reason};
use proptest::prelude::*;

use super::any;

proptest! {
    #[test]
    fn an_event_is_read_as_it_was_written(event in any::event()) {
        let encoded = event.encode().unwrap();
        let decoded = Event::decode(encoded.event_type, encoded.schema_version, &encoded.data);
        prop_assert_eq!(decoded.unwrap(), event);
    }

    #[test]
    fn metadata_is_read_as_it_was_written(metadata in any::metadata()) {
        let written = serde_json::to_string(&metadata).unwrap();
        prop_assert_eq!(serde_json::from_str::<Metadata>(&written).unwrap(), metadata);
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
    fn instants_are_read_as_they_were_written(instant in any::instant()) {
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
