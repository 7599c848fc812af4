//! Snapshots become rows, the latest of each stays.

use projector::kafka::config::{LIVE_STREAMS, USERS};
use serde_json::json;
use testing::{Database, eventually};

use crate::broker::Platform;
use crate::running::{Running, landed, query};
use crate::samples::{live_stream, snapshot, user};

const EARLY: &str = "2026-01-15T10:00:01.000Z";
const LATE: &str = "2026-01-15T10:00:02.000Z";

const NAMES: &str = "SELECT id, name FROM directory.users ORDER BY id";
const TITLES: &str = "SELECT id, title FROM directory.live_streams ORDER BY id";

#[tokio::test]
async fn users_and_live_streams_land() {
    let (database, platform) = (Database::create().await, Platform::with_topics(3).await);
    let mut bare = user("bare", "Bea", EARLY);
    let mut without_chat = live_stream("without-chat", "Garden", EARLY);
    for absent in ["channelId", "profilePhoto", "deleted"] {
        bare[absent] = json!(null);
    }
    without_chat["liveChatId"].take();
    without_chat["moderatorIds"] = json!([]);
    without_chat["unknown"] = json!({"a": [1]});
    platform.send(USERS, &[snapshot(&user("u", "Nina", EARLY)), snapshot(&bare)]).await;
    let streams = [snapshot(&live_stream("s", "Bahçe", EARLY)), snapshot(&without_chat)];
    platform.send(LIVE_STREAMS, &streams).await;

    let running = Running::start(&database.pool, &platform.kafka);
    landed(&database.pool, &platform).await;

    let photo = json!({"_id": "p1", "url": "https://cdn.test/p.png", "type": "image/png",
        "variants": {"40": "https://cdn.test/p-40.png"}, "createdAt": EARLY, "updatedAt": EARLY});
    let at = "2026-01-15T10:00:01+00:00";
    assert_eq!(
        query(&database.pool, "SELECT * FROM directory.users ORDER BY id").await,
        json!([
            {"id": "bare", "channel_id": "bare", "username": "handle", "name": "Bea", "surname": "Neu",
                "profile_photo": null, "availability_status": "online", "deleted": false, "erased": false,
                "updated_at": at},
            {"id": "u", "channel_id": "UCu", "username": "handle", "name": "Nina", "surname": "Neu",
                "profile_photo": photo, "availability_status": "online", "deleted": false, "erased": false,
                "updated_at": at},
        ])
    );
    assert_eq!(
        query(&database.pool, "SELECT * FROM directory.live_streams ORDER BY id").await,
        json!([
            {"id": "s", "live_chat_id": "chat-s", "title": "Bahçe", "status": "active",
                "creator_id": "creator", "moderator_ids": ["m2", "m1"], "updated_at": at},
            {"id": "without-chat", "live_chat_id": "without-chat", "title": "Garden", "status": "active",
                "creator_id": "creator", "moderator_ids": [], "updated_at": at},
        ])
    );
    // For people, Kafka is told as well.
    let ends = platform.ends().await;
    eventually("Kafka to be told", async || (platform.committed() == ends).then_some(())).await;
    running.stop().await;
    assert_eq!(platform.members(), 0, "it has left the group");
}

#[tokio::test]
async fn the_latest_stays_within_a_batch_and_across_batches() {
    let (database, platform) = (Database::create().await, Platform::with_topics(1).await);
    let at_once = [
        user("a", "Early", EARLY),
        user("a", "Late", LATE),
        user("b", "Late", LATE),
        user("b", "Early", EARLY),
        user("c", "First", EARLY),
        user("c", "Second", EARLY),
        user("d", "Early", EARLY),
    ];
    platform.send(USERS, &at_once.each_ref().map(snapshot)).await;
    let streams = [live_stream("s", "Late", LATE), live_stream("s", "Early", EARLY)];
    platform.send(LIVE_STREAMS, &streams.each_ref().map(snapshot)).await;
    let running = Running::start(&database.pool, &platform.kafka);
    landed(&database.pool, &platform).await;
    let names = json!([{"id": "a", "name": "Late"}, {"id": "b", "name": "Late"},
        {"id": "c", "name": "Second"}, {"id": "d", "name": "Early"}]);
    assert_eq!(query(&database.pool, NAMES).await, names);
    assert_eq!(query(&database.pool, TITLES).await, json!([{"id": "s", "title": "Late"}]));

    let then = [user("a", "Early", EARLY), user("c", "Third", EARLY), user("d", "Late", LATE)];
    platform.send(USERS, &then.each_ref().map(snapshot)).await;
    platform.send(LIVE_STREAMS, &[snapshot(&live_stream("s", "Early", EARLY))]).await;
    landed(&database.pool, &platform).await;
    let names = json!([{"id": "a", "name": "Late"}, {"id": "b", "name": "Late"},
        {"id": "c", "name": "Third"}, {"id": "d", "name": "Late"}]);
    assert_eq!(query(&database.pool, NAMES).await, names);
    assert_eq!(query(&database.pool, TITLES).await, json!([{"id": "s", "title": "Late"}]));
    running.stop().await;
}

#[tokio::test]
async fn topics_that_are_not_there_are_made_compacted() {
    let (database, platform) = (Database::create().await, Platform::new(4));
    assert_eq!(platform.describe(USERS).await, None);
    let running = Running::start(&database.pool, &platform.kafka);
    for topic in [USERS, LIVE_STREAMS] {
        let made = eventually("the topic", async || platform.describe(topic).await).await;
        assert_eq!(made, ("compact".to_owned(), 4));
    }
    platform.send(USERS, &[snapshot(&user("u", "Nina", EARLY))]).await;
    landed(&database.pool, &platform).await;
    assert_eq!(query(&database.pool, NAMES).await, json!([{"id": "u", "name": "Nina"}]));
    running.stop().await;
}
