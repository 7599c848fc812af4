//! A database that is not what it was: the topics are read again from where it is.

use projector::kafka::config::{LIVE_STREAMS, USERS};
use serde_json::json;
use testing::{Database, eventually};

use crate::broker::Platform;
use crate::running::{Running, execute, landed, query};
use crate::samples::{live_stream, record, snapshot, user};

const AT: &str = "2026-01-15T10:00:01.000Z";
const EMPTY: &str = "TRUNCATE inbound.offsets, directory.users, directory.live_streams";
const COUNTS: &str = "SELECT (SELECT count(*) FROM directory.users) AS users,
    (SELECT count(*) FROM directory.live_streams) AS live_streams,
    (SELECT count(*) FROM inbound.parked) AS parked";

async fn filled(platform: &Platform) {
    let users: Vec<_> = (0..600).map(|n| snapshot(&user(&format!("u{n}"), "User", AT))).collect();
    platform.send(USERS, &users).await;
    let streams = ["s1", "s2"].map(|id| snapshot(&live_stream(id, "Title", AT)));
    platform.send(LIVE_STREAMS, &streams).await;
    platform.send(LIVE_STREAMS, &[record("bad", "bad")]).await;
}

async fn assert_filled_again(database: &Database, platform: &Platform) {
    landed(&database.owner, platform).await;
    let counts = json!([{"users": 600, "live_streams": 2, "parked": 1}]);
    assert_eq!(query(&database.owner, COUNTS).await, counts);
}

#[tokio::test]
async fn everything_is_read_again_although_the_group_had_committed() {
    let (database, platform) = (Database::create().await, Platform::with_topics(3).await);
    filled(&platform).await;
    let running = Running::start(&database.pool, &platform.kafka);
    assert_filled_again(&database, &platform).await;
    let ends = platform.ends().await;
    eventually("Kafka to be told", async || (platform.committed() == ends).then_some(())).await;

    // While it runs and nothing new comes.
    execute(&database.owner, EMPTY).await;
    assert_filled_again(&database, &platform).await;
    running.stop().await;

    // While nobody runs.
    execute(&database.owner, EMPTY).await;
    let running = Running::start(&database.pool, &platform.kafka);
    assert_filled_again(&database, &platform).await;
    running.stop().await;
}

async fn stored(database: &Database, platform: &Platform, offset: i64) {
    for topic in [USERS, LIVE_STREAMS] {
        sqlx::query("INSERT INTO inbound.offsets VALUES ($1, 0, $2)")
            .bind(platform.kafka.topic(topic))
            .bind(offset)
            .execute(&database.owner)
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn an_offset_behind_the_end_begins_anew() {
    let (database, platform) = (Database::create().await, Platform::with_topics(1).await);
    filled(&platform).await;
    stored(&database, &platform, 1_000_000).await;
    let running = Running::start(&database.pool, &platform.kafka);
    assert_filled_again(&database, &platform).await;
    running.stop().await;
}

#[tokio::test]
async fn an_offset_before_the_beginning_goes_on_with_the_earliest() {
    let (database, platform) = (Database::create().await, Platform::with_topics(1).await);
    filled(&platform).await;
    platform.forget(USERS, 500).await;
    platform.forget(LIVE_STREAMS, 1).await;
    stored(&database, &platform, 0).await;
    let running = Running::start(&database.pool, &platform.kafka);
    landed(&database.pool, &platform).await;
    let counts = json!([{"users": 100, "live_streams": 1, "parked": 1}]);
    assert_eq!(query(&database.pool, COUNTS).await, counts);
    running.stop().await;
}
