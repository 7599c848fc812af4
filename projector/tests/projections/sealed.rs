//! Personal texts, sealed as the write side does it.

use std::collections::HashMap;

use events::ban::BanEvent;
use events::personal::withdraw;
use events::report::ReportEvent;
use events::{Event, Metadata, Personal, Sealed, UserId};
use sealing::{Place, SubjectKey, store};
use sqlx::PgPool;
use ulid::Ulid;

use crate::history::History;
use crate::keys::master;

impl History {
    /// The event without its personal texts, which go sealed into `metadata`; or as it is, where nothing is
    /// sealed.
    pub(crate) async fn seal(
        &self,
        id: Ulid,
        stream: &str,
        mut event: Event,
        metadata: &mut Metadata,
    ) -> Event {
        let Some(pool) = &self.keys else { return event };
        let about = self.about(stream, &event, metadata);
        let personal = withdraw(&mut event, metadata, &about);
        let subjects: Vec<&str> =
            personal.iter().map(|personal| personal.subject.as_str()).collect();
        let keys = keys(pool, &subjects).await;
        let encoded = event.encode().unwrap();
        for Personal { field, subject, text } in personal {
            let place = Place {
                event_id: id,
                event_type: encoded.event_type,
                schema_version: encoded.schema_version,
                field: field.as_str(),
            };
            let key = &keys[subject.as_str()];
            let sealed = Sealed::new(key.id(), &key.seal(place, &text).unwrap());
            metadata.sealed.insert(field, sealed);
        }
        event
    }

    /// Whom the stream is about: the banned user, or who reported.
    fn about(&self, stream: &str, event: &Event, metadata: &Metadata) -> UserId {
        let named = match event {
            Event::Ban(BanEvent::Created(created)) => Some(created.target_user_id.clone()),
            Event::Report(ReportEvent::Filed(_)) => metadata.actor.clone(),
            Event::Ban(BanEvent::Revoked(_)) | Event::Report(ReportEvent::Reviewed(_)) => None,
        };
        let mut told = self.told.lock().unwrap();
        if let Some(named) = named {
            told.about.insert(stream.to_owned(), named);
        }
        told.about[stream].clone()
    }
}

/// The key of each of these people, though they be erased again and again.
async fn keys(pool: &PgPool, subjects: &[&str]) -> HashMap<String, SubjectKey> {
    loop {
        let keys = store::of_subjects(pool, &master(), subjects).await.unwrap();
        if subjects.iter().all(|subject| keys.contains_key(*subject)) {
            return keys;
        }
    }
}
