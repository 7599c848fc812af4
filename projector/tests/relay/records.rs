//! What a record is (contract §8).

use std::collections::BTreeSet;

use event_log::Position;
use events::ban::{BanCreated, BanEvent, RevokeCause};
use events::report::{Decision, ReportType};
use events::{Event, Metadata};
use futures_util::future::join_all;
use serde_json::{Value, json};
use sqlx::types::Uuid;
use testing::Database;
use ulid::Ulid;

use crate::history::{AT, History, ban, banned, end, file, metadata, review};
use crate::relaying::{Relaying, config, relayed};
use crate::topic::{assert_gapless, everything, partitions, setting};

#[tokio::test]
async fn a_record_is_what_the_contract_says() {
    let database = Database::create().await;
    let history = History::stored(&database).await;
    let kafka = config(testing::kafka::brokers());
    let later = "2026-01-15T11:00:00.000Z";
    history.tell(AT, Some("moderator"), ban("stream-1", "viewer", 1)).await;
    history.tell(AT, Some("viewer"), file("stream-1", "viewer", 1, ReportType::HateSpeech)).await;
    // These two do not say to which live stream they belong.
    history.tell(later, Some("creator"), end("stream-1", "viewer", 1, RevokeCause::Manual)).await;
    let review = review(("stream-1", "viewer", 1), Decision::Resolved, Some("done"), false);
    history.tell(later, Some("staff"), review).await;
    let unknown = r#"{"liveStreamId":"stream-1","reason":"a secret","size":9007199254740993}"#;
    history.tell_raw("ban-x", "BanShrunk", unknown, metadata(AT, None)).await;
    history.tell_raw("ban-y", "BanShrunk", "{}", metadata(AT, None)).await;

    let relaying = Relaying::start(&database.pool, history.reader(), &kafka);
    relayed(&database.pool, Position(6)).await;
    relaying.stop().await;
    assert_eq!(partitions(&kafka).await, 12, "as documented");
    assert_eq!(setting(&kafka, "retention.ms").await.as_deref(), Some("-1"), "kept for ever");

    let mut records = everything(&kafka).await;
    records.sort_by_key(crate::topic::Record::position);
    let keys: Vec<&str> = records.iter().map(|record| record.key.as_str()).collect();
    assert_eq!(keys, ["stream-1", "stream-1", "stream-1", "stream-1", "stream-1", "ban-y"]);
    let logged = history.log.read_all(Position::START, 10).await.unwrap().events;
    for (record, event) in records.iter().zip(&logged) {
        let mut withheld = without_texts(event.metadata.get());
        let names: &[&str] = match event.position.0 {
            1 | 3 => &["clientIp", "userAgent"],
            2 => &["clientIp", "description", "userAgent"],
            4 => &["adminNotes", "clientIp", "userAgent"],
            5 => &["reason"],
            _ => &[],
        };
        if !names.is_empty() {
            withheld["withheld"] = json!(names);
        }
        let recorded_at: events::Timestamp = event.recorded_at.into();
        let expected = json!({
            "id": event.id.to_string(), "type": event.event_type, "schemaVersion": 1,
            "stream": event.stream, "version": event.version,
            "position": event.position.to_string(), "recordedAt": recorded_at.to_string(),
            "data": without_texts(event.data.get()), "metadata": withheld,
        });
        assert_eq!(record.value, expected);
        let metadata: Metadata = serde_json::from_str(event.metadata.get()).unwrap();
        let data = &expected["data"];
        let subject = data.get("banId").or(data.get("reportId")).and_then(Value::as_str);
        let header = |name: &str, value: String| (name.to_owned(), value);
        assert_eq!(
            record.headers,
            [
                header("ce_specversion", "1.0".into()),
                header("ce_id", event.id.to_string()),
                header("ce_type", format!("moderation.{}.v1", event.event_type)),
                header("ce_source", "/docket".into()),
                header("ce_subject", subject.unwrap_or(&event.stream).to_owned()),
                header("ce_time", metadata.occurred_at.to_string()),
                header("ce_position", event.position.to_string()),
                header("content-type", "application/json".into()),
            ]
        );
    }
}

/// Stored data or metadata without what is withheld.
fn without_texts(stored: &str) -> Value {
    let mut stored: Value = serde_json::from_str(stored).unwrap();
    for name in ["reason", "description", "adminNotes", "clientIp", "userAgent", "sealed"] {
        stored.as_object_mut().unwrap().remove(name);
    }
    stored
}

#[tokio::test]
async fn no_text_of_a_person_is_in_any_byte_of_the_topic() {
    let database = Database::create().await;
    let kafka = config(testing::kafka::brokers());
    let unsealed = History::stored(&database).await;
    tell_texts(&unsealed, "one").await;
    // The log that an earlier version wrote is gone on with.
    let history = unsealed.sealing(&database);
    tell_texts(&history, "two").await;
    let relaying = Relaying::start(&database.pool, history.reader(), &kafka);
    relayed(&database.pool, Position(6)).await;
    relaying.stop().await;

    let records = everything(&kafka).await;
    assert_eq!(records.len(), 6);
    let keys: Vec<String> = sqlx::query_scalar("SELECT id::text FROM privacy.subject_keys")
        .fetch_all(&database.pool)
        .await
        .unwrap();
    let keys = keys.iter().map(|id| Ulid::from(id.parse::<Uuid>().unwrap()).to_string());
    let keys: Vec<String> = keys.collect();
    assert_eq!(keys.len(), 4, "banned, moderator, reporter, reviewer");
    let told = ["Terrible words", "İyi değil", "Seen it", "203.0.113.7", "Allmine/7.1", "sealed"];
    let told: Vec<&str> = told.into_iter().chain(keys.iter().map(String::as_str)).collect();
    let logged = history.log.read_all(Position::START, 10).await.unwrap().events;
    let logged = logged.iter().map(|event| format!("{}{}", event.data, event.metadata));
    let logged: String = logged.collect();
    for text in told {
        assert!(logged.contains(text), "the log does not hold {text}: nothing was tested");
        for record in &records {
            let found = record.bytes.windows(text.len()).any(|bytes| bytes == text.as_bytes());
            assert!(!found, "{text}: {:#}", record.value);
        }
    }
}

/// A ban with a reason, a report with a description, a review with notes.
async fn tell_texts(history: &History, stream: &str) {
    let reason = events::Reason::parse("Terrible words").unwrap();
    let banned = BanCreated { reason, ..banned(stream, "banned", 1) };
    history.tell(AT, Some("moderator"), Event::Ban(BanEvent::Created(banned))).await;
    history.tell(AT, Some("reporter"), file(stream, "reporter", 1, ReportType::Other)).await;
    let review = review((stream, "reporter", 1), Decision::Resolved, Some("Seen it"), false);
    history.tell(AT, Some("reviewer"), review).await;
}

#[tokio::test]
async fn thousands_of_events_arrive_once_and_in_order() {
    let database = Database::create().await;
    let history = History::stored(&database).await;
    let kafka = config(testing::kafka::brokers());
    let relaying = Relaying::start(&database.pool, history.reader(), &kafka);
    join_all((0..32).map(|n| write(&history, n))).await;
    let head = history.log.head().await.unwrap();
    relayed(&database.pool, head).await;
    relaying.stop().await;

    let records = everything(&kafka).await;
    assert_eq!(assert_gapless(&records, &(1..=head.0).collect::<BTreeSet<_>>()), 0);
    let used: BTreeSet<i32> = records.iter().map(|record| record.partition).collect();
    assert!(used.len() > 6, "32 live streams are spread: {used:?}");
}

/// Bans and unbans one user after the other on one live stream.
async fn write(history: &History, n: usize) {
    let stream = format!("stream-{n}");
    for m in 0..50 {
        let user = format!("user-{m}");
        let events: [Event; 2] =
            [ban(&stream, &user, 1), end(&stream, &user, 1, RevokeCause::Manual)];
        for event in events {
            history.tell(AT, Some("moderator"), event).await;
        }
    }
}
