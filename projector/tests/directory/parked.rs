//! What cannot be read is put aside, and what is around it lands.

use projector::kafka::config::{LIVE_STREAMS, USERS};
use serde_json::{Value, json};
use testing::{Database, eventually};

use crate::broker::{Platform, Sent};
use crate::running::{Running, landed, query};
use crate::samples::{live_stream, record, snapshot, tombstone, user};

const AT: &str = "2026-01-15T10:00:01.000Z";

fn with(mut value: Value, member: &str, other: Value) -> Sent {
    let key = value["id"].as_str().unwrap().to_owned();
    value[member] = other;
    record(&key, &value.to_string())
}

fn without(mut value: Value, member: &str) -> Sent {
    value.as_object_mut().unwrap().remove(member);
    record("bad", &value.to_string())
}

/// Records of users, and why each is parked.
fn users() -> Vec<(Sent, &'static str)> {
    let bad = || user("bad", "Bad", AT);
    let text = bad().to_string();
    let id = "must be 1 to 128 characters of A-Z a-z 0-9 _ . = -";
    let id = |member: &str| -> &'static str { format!("{member}: {id}").leak() };
    let time = "updatedAt: not an RFC 3339 time such as 2026-01-15T10:30:00.000Z";
    let latin = [b"{\"id\": \"".as_slice(), &[0xe9], b"\"}"].concat();
    let nested = format!("{{\"id\": \"bad\", \"x\": {}{}}}", "[".repeat(200), "]".repeat(200));
    vec![
        ((None, Some(text.clone().into()), 0), "the key is missing"),
        ((None, None, 0), "the key is missing"),
        (record("", &text), id("key")),
        (record("no id", &text), id("key")),
        ((Some(vec![0xff]), Some(text.clone().into()), 0), id("key")),
        (record("other", &text), "the key is not the id in the value"),
        (tombstone("no id", AT), id("key")),
        (record("bad", ""), "no JSON from line 1, column 0 on"),
        (record("bad", "{\"id\": "), "no JSON from line 1, column 7 on"),
        (record("bad", &format!("{text}]")), "no JSON from line 1"),
        ((Some("bad".into()), Some(latin), 0), "no JSON from line 1"),
        (record("bad", &nested), "no JSON from line 1"),
        (record("bad", "null"), "not a JSON object"),
        (record("bad", &format!("[{text}]")), "not a JSON object"),
        (
            record("bad", &text.replacen('{', "{\"name\": \"Twice\", ", 1)),
            "the name \"name\" occurs twice in one object",
        ),
        (with(bad(), "id", json!(7)), "id: must be a string"),
        (with(bad(), "id", json!("x".repeat(129))), id("id")),
        (with(bad(), "channelId", json!("ü")), id("channelId")),
        (with(bad(), "username", json!(1)), "username: must be a string"),
        (with(bad(), "name", json!("a\u{0}")), "name: must not hold the control character U+0000"),
        (
            with(bad(), "surname", json!("two\nlines")),
            "surname: must not hold the control character U+000A",
        ),
        (
            with(bad(), "name", json!("x".repeat(2001))),
            "name: must not be longer than 2000 characters",
        ),
        (with(bad(), "profilePhoto", json!({"_id": "p"})), "profilePhoto: is malformed"),
        (with(bad(), "deleted", json!("no")), "deleted: must be true or false"),
        (with(bad(), "updatedAt", json!("today")), time),
        (with(bad(), "updatedAt", json!(1_768_471_200)), "updatedAt: must be a string"),
        (without(bad(), "id"), "id: is required"),
        (without(bad(), "availabilityStatus"), "availabilityStatus: is required"),
        (with(bad(), "updatedAt", json!(null)), "updatedAt: is required"),
        (with(bad(), "more", json!("x".repeat(300_000))), "longer than 262144 bytes"),
    ]
}

/// Records of live streams, and why each is parked.
fn live_streams() -> Vec<(Sent, &'static str)> {
    let bad = || live_stream("bad", "Bad", AT);
    vec![
        (with(bad(), "status", json!("paused")), "status: is unknown"),
        (with(bad(), "status", json!(["active"])), "status: is unknown"),
        (with(bad(), "title", json!(null)), "title: is required"),
        (with(bad(), "creatorId", json!({})), "creatorId: must be a string"),
        (with(bad(), "moderatorIds", json!("m1")), "moderatorIds: must be a list"),
        (
            with(bad(), "moderatorIds", json!(["ok", "not ok"])),
            "moderatorIds: must be 1 to 128 characters of A-Z a-z 0-9 _ . = -",
        ),
        (
            with(bad(), "moderatorIds", json!(vec!["m"; 1001])),
            "moderatorIds: must not hold more than 1000 entries",
        ),
        (snapshot(&user("bad", "A user", AT)), "title: is required"),
    ]
}

/// Topic, partition, offset, key, value, reason.
type Parked = (String, i32, i64, Option<Vec<u8>>, Option<Vec<u8>>, String);

async fn assert_parked(
    topic: &str,
    cases: Vec<(Sent, &str)>,
    good: impl Fn(&str) -> Sent,
    ids: &str,
) {
    let (database, platform) = (Database::create().await, Platform::with_topics(1).await);
    let mut records = vec![good("first")];
    for (nth, (bad, _)) in cases.iter().enumerate() {
        records.extend([bad.clone(), good(&format!("good-{nth:02}"))]);
    }
    platform.send(topic, &records).await;
    let running = Running::start(&database.pool, &platform.kafka);
    landed(&database.pool, &platform).await;

    let parked: Vec<Parked> = sqlx::query_as(
        "SELECT topic, partition, record_offset, key, value, reason FROM inbound.parked
         ORDER BY record_offset",
    )
    .fetch_all(&database.pool)
    .await
    .unwrap();
    assert_eq!(parked.len(), cases.len());
    for (nth, (((key, value, _), reason), found)) in cases.into_iter().zip(parked).enumerate() {
        let (in_topic, partition, offset, its_key, its_value, why) = found;
        assert!(why.starts_with(reason), "{nth}: {reason} / {why}");
        let value = value.map(|value| value[..value.len().min(64 * 1024)].to_vec());
        assert_eq!((its_key, its_value), (key, value), "{nth}");
        let place = (platform.kafka.topic(topic), 0, 2 * i64::try_from(nth).unwrap() + 1);
        assert_eq!((in_topic, partition, offset), place);
    }
    let landed = query(&database.pool, ids).await;
    assert_eq!(landed.as_array().unwrap().len(), records.len().div_ceil(2), "{landed}");
    let parked = json!({"parked": records.len() / 2});
    eventually("health to tell", async || {
        running.health.report().remove("directory").filter(|told| told.ok && told.detail == parked)
    })
    .await;
    running.stop().await;
}

#[tokio::test]
async fn records_of_users_are_parked_with_place_and_reason() {
    let ids = "SELECT id FROM directory.users WHERE id = 'first' OR id LIKE 'good-%'";
    assert_parked(USERS, users(), |id| snapshot(&user(id, "Good", AT)), ids).await;
}

#[tokio::test]
async fn records_of_live_streams_are_parked_with_place_and_reason() {
    let ids = "SELECT id FROM directory.live_streams WHERE id = 'first' OR id LIKE 'good-%'";
    let good = |id: &str| snapshot(&live_stream(id, "Good", AT));
    assert_parked(LIVE_STREAMS, live_streams(), good, ids).await;
}

#[tokio::test]
async fn what_only_the_database_refuses_blocks_nothing_either() {
    // Too long for an index, and made so that it cannot be compressed.
    let long: String = (0..2000_u32)
        .map(|nth| char::from_u32(0x1_0000 + nth.wrapping_mul(2_654_435_761) % 0x8_0000).unwrap())
        .collect();
    let refused = || with(user("refused", "Bad", AT), "username", json!(long));
    let cases = vec![(refused(), "the database"), (refused(), "the database")];
    let cases = cases.into_iter().map(|(sent, _)| (sent, "error returned from database")).collect();
    let ids = "SELECT id FROM directory.users";
    assert_parked(USERS, cases, |id| snapshot(&user(id, "Good", AT)), ids).await;
}

#[tokio::test]
async fn of_somebody_who_was_erased_nothing_is_kept() {
    let (database, platform) = (Database::create().await, Platform::with_topics(1).await);
    for id in ["erased", "known"] {
        sqlx::query(
            "INSERT INTO directory.users (id, channel_id, username, name, surname,
                 availability_status, updated_at) VALUES ($1, $1, 'u', 'n', 's', 'online', $2::timestamptz)",
        )
        .bind(id)
        .bind(AT)
        .execute(&database.pool)
        .await
        .unwrap();
    }
    sqlx::query("SELECT privacy.erase(gen_random_uuid(), 'erased', 'admin', now(), 0)")
        .execute(&database.pool)
        .await
        .unwrap();
    // The topic is compacted, and read from its beginning.
    let records = [
        snapshot(&user("erased", "Before", AT)),
        with(user("erased", "Unreadable", AT), "username", json!(7)),
        record("erased", "{"),
        record("known", "{"),
        snapshot(&user("known", "Known", "2026-01-15T10:00:02.000Z")),
    ];
    platform.send(USERS, &records).await;
    platform.send(LIVE_STREAMS, &[record("erased", "{")]).await;
    let running = Running::start(&database.pool, &platform.kafka);
    landed(&database.pool, &platform).await;
    let rows = "SELECT id, name, deleted, erased FROM directory.users ORDER BY id";
    assert_eq!(
        query(&database.pool, rows).await,
        json!([
            {"id": "erased", "name": "", "deleted": true, "erased": true},
            {"id": "known", "name": "Known", "deleted": false, "erased": false},
        ])
    );
    let parked = "SELECT convert_from(key, 'UTF8') AS key, convert_from(value, 'UTF8') AS value
        FROM inbound.parked ORDER BY topic DESC, record_offset";
    assert_eq!(
        query(&database.pool, parked).await,
        json!([
            {"key": "erased", "value": null},
            {"key": "erased", "value": null},
            {"key": "known", "value": "{"},
            {"key": "erased", "value": "{"},
        ])
    );
    running.stop().await;
}
