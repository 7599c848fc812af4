//! Personal texts: what the log holds of them, who can read them, and what is left after an erasure.

use std::collections::BTreeMap;

use reqwest::Method;
use sealing::MasterKeys;
use sealing::store::of_subjects;
use serde_json::{Value, json};
use sqlx::AssertSqlSafe;
use testing::World;
use ulid::Ulid;

use crate::support::*;

const BANS: &str = "/api/v1/live-stream-ban";
const REPORTS: &str = "/api/v1/live-stream-reports";

/// Whatever is personal in what [`Service::tell`] sends.
const TEXTS: [&str; 6] =
    ["kötü sözler", "he threatens people", "known troll", "127.0.0.1", "telltale/1.0", "device-77"];

impl Service {
    async fn send(&self, method: Method, path: &str, caller: Caller, body: Value) -> Answer {
        let request = self.request(method, path, caller).json(&body);
        let request = request.header("user-agent", TEXTS[4]).header("x-device-id", TEXTS[5]);
        Answer::of(request.header("idempotency-key", "key 1")).await
    }

    /// Has the viewer banned and a report of the viewer's filed and reviewed; the answers to these three.
    async fn tell(&self) -> [Answer; 3] {
        let ban = self.send(Method::POST, BANS, CREATOR, banned()).await;
        let of_stream = format!("{REPORTS}/{}", World::STREAM);
        let filed = self.send(Method::POST, &of_stream, VIEWER, reported()).await;
        let id = filed.data(201)["id"].as_str().unwrap();
        let review = json!({"status": "under_review", "adminNotes": TEXTS[2]});
        let reviewed = self.send(Method::PATCH, &format!("{REPORTS}/{id}"), STAFF, review).await;
        ban.data(200);
        reviewed.data(200);
        [ban, filed, reviewed]
    }

    /// Destroys a person's key.
    async fn erase(&self, person: &str) {
        let admin = (World::STAFF, &["admin"][..]);
        let erased = self.post("/api/v1/privacy/erasures", admin, json!({"userId": person})).await;
        assert!(erased.body["isSuccess"] == true, "{}", erased.body);
    }

    /// The metadata of everything in the log.
    async fn metadata(&self) -> Vec<Value> {
        let events = self.events().await;
        events.iter().map(|event| serde_json::from_str(event.metadata.get()).unwrap()).collect()
    }

    /// Does what nobody but the database's owner can.
    async fn tamper(&self, statement: &str) {
        let statement = format!("ALTER TABLE log.events DISABLE TRIGGER USER; {statement}");
        sqlx::raw_sql(AssertSqlSafe(statement)).execute(&self.database.owner).await.unwrap();
    }
}

fn banned() -> Value {
    json!({"targetUserId": World::VIEWER, "liveStreamId": World::STREAM, "reason": TEXTS[0],
        "durationSeconds": 600})
}

fn reported() -> Value {
    json!({"type": "other", "description": TEXTS[1]})
}

#[tokio::test]
async fn no_row_of_the_log_holds_a_personal_text() {
    let service = Service::start().await;
    let [ban, filed, reviewed] = service.tell().await;
    assert_eq!(ban.data(200)["reason"], TEXTS[0]);
    assert_eq!(filed.data(201)["description"], TEXTS[1]);
    assert_eq!(filed.data(201)["metadata"]["userAgent"], TEXTS[4]);
    assert_eq!(reviewed.data(200)["adminNotes"], TEXTS[2]);
    // What was sealed is read back: the review answers with the words of the report.
    assert_eq!(reviewed.data(200)["description"], TEXTS[1]);

    let rows: Vec<String> = sqlx::query_scalar("SELECT e::text FROM log.events e")
        .fetch_all(&service.database.pool)
        .await
        .unwrap();
    assert_eq!(rows.len(), 3);
    for row in &rows {
        for text in TEXTS {
            assert!(!row.contains(text), "{text} is in {row}");
        }
    }
    assert!(rows[0].contains(World::VIEWER), "facts stay readable: {}", rows[0]);
    for metadata in service.metadata().await {
        let (plain, sealed) = (&metadata["requestFingerprint"], &metadata["sealed"]);
        assert!(plain.is_null() && sealed["requestFingerprint"].is_string(), "{metadata}");
    }
}

#[tokio::test]
async fn each_text_is_sealed_with_the_key_of_whom_it_belongs_to() {
    let service = Service::start().await;
    service.tell().await;
    let keys: Vec<(String, sqlx::types::Uuid)> =
        sqlx::query_as("SELECT subject, id FROM privacy.subject_keys")
            .fetch_all(&service.database.pool)
            .await
            .unwrap();
    let keys: BTreeMap<String, String> =
        keys.into_iter().map(|(subject, id)| (Ulid::from(id).to_string(), subject)).collect();
    let owners = |metadata: &Value| -> BTreeMap<String, String> {
        let sealed = metadata["sealed"].as_object().unwrap();
        let key = |text: &Value| text.as_str().unwrap().split_once('.').unwrap().0.to_owned();
        sealed.iter().map(|(field, text)| (field.clone(), keys[&key(text)].clone())).collect()
    };
    let expected = |words: &str, about: &str, actor: &str| -> BTreeMap<String, String> {
        let own = [(words, about), ("requestFingerprint", about)];
        let network = ["clientIp", "userAgent", "deviceId"].map(|field| (field, actor));
        own.into_iter().chain(network).map(|(a, b)| (a.to_owned(), b.to_owned())).collect()
    };
    let metadata = service.metadata().await;
    assert_eq!(owners(&metadata[0]), expected("reason", World::VIEWER, World::CREATOR));
    assert_eq!(owners(&metadata[1]), expected("description", World::VIEWER, World::VIEWER));
    assert_eq!(owners(&metadata[2]), expected("adminNotes", World::VIEWER, World::STAFF));
}

#[tokio::test]
async fn after_an_erasure_the_texts_are_gone_and_everything_else_goes_on() {
    let service = Service::start().await;
    let [_, filed, _] = service.tell().await;
    service.erase(World::VIEWER).await;

    // The ban holds, and can be lifted; whoever lifts it is answered with what is left of it.
    let lifted = service.delete(&format!("{BANS}/{}", viewer_ban(1)), CREATOR).await;
    assert_eq!(lifted.data(200)["reason"], Value::Null);
    assert_eq!(lifted.data(200)["targetUserId"], World::VIEWER);

    // A report that had to say something can be decided without it.
    let report = format!("{REPORTS}/{}", filed.data(201)["id"].as_str().unwrap());
    let reviewed = service.patch(&report, STAFF, json!({"status": "resolved"})).await;
    let data = reviewed.data(200);
    let left = [&data["description"], &data["adminNotes"], &data["metadata"]["ipAddress"]];
    assert_eq!(left, [&Value::Null; 3]);
    assert_eq!((&data["type"], &data["status"]), (&json!("other"), &json!("resolved")));

    // Whoever is erased and comes back gets another key, which opens what is said from now on.
    let user = json!({"id": World::VIEWER, "username": "back", "name": "", "surname": "",
        "availabilityStatus": "online", "updatedAt": "2099-01-15T10:30:00.000Z"});
    service.put(&format!("/internal/v1/users/{}", World::VIEWER), SERVICE, user).await.data(200);
    let mut again = banned();
    again["reason"] = json!("once more");
    let banned_again = service.post(BANS, CREATOR, again).await;
    assert_eq!(banned_again.data(200)["reason"], "once more");
}

#[tokio::test]
async fn a_repetition_that_cannot_be_compared_any_more_is_answered_and_appends_nothing() {
    let service = Service::start().await;
    let [first, ..] = service.tell().await;
    let mut other = banned();
    other["durationSeconds"] = json!(601);
    service.send(Method::POST, BANS, CREATOR, other.clone()).await.refuses(422, &[]);
    service.erase(World::VIEWER).await;
    for body in [banned(), other] {
        let again = service.send(Method::POST, BANS, CREATOR, body).await;
        assert_eq!(again.header("idempotency-replayed"), "true");
        let mut left = first.data(200).clone();
        left["reason"] = Value::Null;
        left["targetUser"] = again.data(200)["targetUser"].clone();
        assert_eq!(again.data(200), &left);
    }
    assert_eq!(service.events().await.len(), 3);
}

#[tokio::test]
async fn a_sealed_text_that_was_moved_does_not_open_and_nobody_hides_that() {
    let service = Service::start().await;
    for target in [World::VIEWER, World::VIEWER] {
        let ban = json!({"targetUserId": target, "liveStreamId": World::STREAM, "reason": target});
        service.post(BANS, CREATOR, ban).await.data(200);
        service.delete(&format!("{BANS}/{}", viewer_ban(1)), CREATOR).await;
    }
    // Both reasons are sealed with one key, each for its own event: 1 and 3.
    service
        .tamper(
            "UPDATE log.events e SET metadata = (
                 SELECT jsonb_set(e.metadata::jsonb, '{sealed,reason}', o.metadata::jsonb #> '{sealed,reason}')
                 FROM log.events o WHERE o.position = 4 - e.position)::json
             WHERE position IN (1, 3)",
        )
        .await;
    let ban = json!({"targetUserId": World::VIEWER, "liveStreamId": World::STREAM});
    service.post(BANS, CREATOR, ban).await.refuses(500, &[]);
    assert_eq!(service.events().await.len(), 3);
}

#[tokio::test]
async fn without_the_keys_nothing_is_appended_and_whoever_asks_is_told_to_come_again() {
    let service = Service::start().await;
    service.tell().await;
    let rename = async |from: &str, to: &str| {
        let statement = AssertSqlSafe(format!("ALTER TABLE privacy.{from} RENAME TO {to}"));
        sqlx::raw_sql(statement).execute(&service.database.owner).await.unwrap();
    };
    rename("subject_keys", "elsewhere").await;
    // The one has nothing to open, the other nothing to seal before it has opened something.
    let other = json!({"targetUserId": World::OTHER_VIEWER, "liveStreamId": World::STREAM});
    let sealing = service.post(BANS, CREATOR, other.clone()).await;
    let opening = service.delete(&format!("{BANS}/{}", viewer_ban(1)), CREATOR).await;
    for answer in [sealing, opening] {
        answer.refuses(503, &[]);
        assert_eq!(answer.header("retry-after"), "1");
    }
    assert_eq!(service.events().await.len(), 3);
    rename("elsewhere", "subject_keys").await;
    service.post(BANS, CREATOR, other).await.data(200);
}

#[tokio::test]
async fn a_key_that_the_master_key_does_not_open_is_our_fault_and_nobody_else_s_trouble() {
    let service = Service::start().await;
    let other = MasterKeys::parse(&MasterKeys::generate("elsewhere").unwrap()).unwrap();
    of_subjects(&service.database.pool, &other, &[World::CREATOR]).await.unwrap();
    let ban = json!({"targetUserId": World::VIEWER, "liveStreamId": World::STREAM});
    // At once, so that they share statements.
    let (creator, moderator) = tokio::join!(
        service.post(BANS, CREATOR, ban.clone()),
        service.post(BANS, MODERATOR, ban.clone()),
    );
    creator.refuses(500, &[]);
    moderator.data(200);
    assert_eq!(service.events().await.len(), 1);
}
