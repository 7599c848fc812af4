//! What the platform has removed.

use projector::kafka::config::{LIVE_STREAMS, USERS};
use serde_json::json;
use testing::Database;

use crate::broker::Platform;
use crate::running::{Running, landed, query};
use crate::samples::{live_stream, snapshot, tombstone, user};

const T1: &str = "2026-01-15T10:00:01.000Z";
const T2: &str = "2026-01-15T10:00:02.000Z";
const T3: &str = "2026-01-15T10:00:03.000Z";

#[tokio::test]
async fn of_users_mark_them_as_deleted_from_then_on() {
    let (database, platform) = (Database::create().await, Platform::with_topics(1).await);
    let records = [
        snapshot(&user("gone", "Gül", T1)),
        tombstone("gone", T2),
        // Removed, and an older snapshot comes after it.
        snapshot(&user("stays-gone", "Old", T1)),
        tombstone("stays-gone", T3),
        snapshot(&user("stays-gone", "Newer", T2)),
        // Removed, and made anew.
        snapshot(&user("back", "Before", T1)),
        tombstone("back", T2),
        snapshot(&user("back", "After", T3)),
        // An old removal of what is newer.
        snapshot(&user("newer", "New", T2)),
        tombstone("newer", T1),
        tombstone("unknown", T3),
        // Unknown when it is removed, so there is nothing that an older snapshot would bring back.
        tombstone("first-removed", T3),
        snapshot(&user("first-removed", "Known", T1)),
    ];
    let expected = json!([
        {"id": "back", "name": "After", "deleted": false, "at": "10:00:03"},
        {"id": "first-removed", "name": "Known", "deleted": false, "at": "10:00:01"},
        {"id": "gone", "name": "Gül", "deleted": true, "at": "10:00:02"},
        {"id": "newer", "name": "New", "deleted": false, "at": "10:00:02"},
        {"id": "stays-gone", "name": "Old", "deleted": true, "at": "10:00:03"},
    ]);
    let rows =
        "SELECT id, name, deleted, to_char(updated_at AT TIME ZONE 'UTC', 'HH24:MI:SS') AS at
        FROM directory.users ORDER BY id";

    // All in one batch.
    platform.send(USERS, &records).await;
    let running = Running::start(&database.pool, &platform.kafka);
    landed(&database.pool, &platform).await;
    assert_eq!(query(&database.pool, rows).await, expected);
    running.stop().await;

    // Each in a batch of its own.
    let (database, platform) = (Database::create().await, Platform::with_topics(1).await);
    let running = Running::start(&database.pool, &platform.kafka);
    for record in records {
        platform.send(USERS, &[record]).await;
        landed(&database.pool, &platform).await;
    }
    assert_eq!(query(&database.pool, rows).await, expected);
    assert_eq!(query(&database.pool, "SELECT * FROM inbound.parked").await, json!([]));
    running.stop().await;
}

#[tokio::test]
async fn of_live_streams_end_what_is_not_over() {
    let (database, platform) = (Database::create().await, Platform::with_topics(1).await);
    let all = ["active", "scheduled", "preparing", "ended", "expired", "cancelled_by_host"];
    let mut records = Vec::new();
    for status in all {
        let mut live_stream = live_stream(status, "Title", T1);
        live_stream["status"] = json!(status);
        records.extend([snapshot(&live_stream), tombstone(status, T3)]);
        live_stream["updatedAt"] = json!(T2);
        records.push(snapshot(&live_stream));
    }
    records.push(tombstone("unknown", T3));
    platform.send(LIVE_STREAMS, &records).await;
    let running = Running::start(&database.pool, &platform.kafka);
    landed(&database.pool, &platform).await;
    let statement = "SELECT id, status, title, moderator_ids FROM directory.live_streams";
    let mut found = query(&database.pool, statement).await;
    let found = found.as_array_mut().unwrap();
    found.sort_by_key(|row| all.iter().position(|id| row["id"] == *id));
    let statuses = ["ended", "ended", "ended", "ended", "expired", "cancelled_by_host"];
    let expected = all.iter().zip(statuses).map(|(id, status)| {
        json!({"id": id, "status": status, "title": "Title", "moderator_ids": ["m2", "m1"]})
    });
    assert_eq!(*found, expected.collect::<Vec<_>>());
    running.stop().await;
}
