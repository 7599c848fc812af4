//! Several members, and connections that end.

use projector::kafka::config::USERS;
use serde_json::json;
use testing::{Database, eventually};

use crate::broker::Platform;
use crate::running::{Running, execute, landed, offsets, query, spawn};
use crate::samples::{snapshot, user};

const AT: &str = "2026-01-15T10:00:01.000Z";
const COUNT: &str = "SELECT count(*) FROM directory.users";

async fn send(platform: &Platform, numbers: std::ops::Range<u32>) {
    let users = numbers.map(|n| snapshot(&user(&format!("u{n}"), "User", AT)));
    platform.send(USERS, &users.collect::<Vec<_>>()).await;
}

// Asking for the members blocks, and members of this process must go on meanwhile.
#[tokio::test(flavor = "multi_thread")]
async fn of_two_members_one_is_killed_and_the_other_takes_over() {
    let (database, platform) = (Database::create().await, Platform::with_topics(6).await);
    let first = Running::start(&database.pool, &platform.kafka);
    let mut second = spawn(&database, &platform.kafka);
    send(&platform, 0..1000).await;
    eventually("both to be members", async || (platform.members() == 2).then_some(())).await;
    send(&platform, 1000..2000).await;
    landed(&database.pool, &platform).await;
    assert_eq!(query(&database.pool, COUNT).await, json!([{"count": 2000}]));

    send(&platform, 2000..3000).await;
    second.kill().await.unwrap();
    send(&platform, 3000..4000).await;
    landed(&database.pool, &platform).await;
    assert_eq!(query(&database.pool, COUNT).await, json!([{"count": 4000}]));
    eventually("one to be left", async || (platform.members() == 1).then_some(())).await;
    first.stop().await;
}

// Asking for the members blocks, and members of this process must go on meanwhile.
#[tokio::test(flavor = "multi_thread")]
async fn a_member_that_stops_hands_over_at_once() {
    let (database, platform) = (Database::create().await, Platform::with_topics(6).await);
    let first = Running::start(&database.pool, &platform.kafka);
    let second = Running::start(&database.pool, &platform.kafka);
    eventually("both to be members", async || (platform.members() == 2).then_some(())).await;
    send(&platform, 0..1000).await;
    first.stop().await;
    send(&platform, 1000..2000).await;
    landed(&database.pool, &platform).await;
    assert_eq!(query(&database.pool, COUNT).await, json!([{"count": 2000}]));
    second.stop().await;
}

#[tokio::test]
async fn who_believes_to_be_elsewhere_lands_nothing() {
    let (database, platform) = (Database::create().await, Platform::with_topics(1).await);
    let running = Running::start(&database.pool, &platform.kafka);
    send(&platform, 0..3).await;
    landed(&database.pool, &platform).await;

    // As if another member had landed the next record already.
    execute(&database.pool, "UPDATE inbound.offsets SET next_offset = next_offset + 1").await;
    send(&platform, 3..5).await;
    landed(&database.pool, &platform).await;

    let ids = query(&database.pool, "SELECT id FROM directory.users ORDER BY id").await;
    assert_eq!(ids, json!([{"id": "u0"}, {"id": "u1"}, {"id": "u2"}, {"id": "u4"}]));
    running.stop().await;
}

#[tokio::test]
async fn connections_that_the_database_ends_lose_nothing() {
    let (database, platform) = (Database::create().await, Platform::with_topics(3).await);
    let running = Running::start(&database.pool, &platform.kafka);
    let kill = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND usename = 'docket_test'";
    for round in 0..10 {
        send(&platform, round * 200..(round + 1) * 200).await;
        execute(&database.owner, kill).await;
    }
    let ends = platform.ends().await;
    eventually("everything to land", async || {
        (offsets(&database.owner).await == ends).then_some(())
    })
    .await;
    assert_eq!(query(&database.owner, COUNT).await, json!([{"count": 2000}]));
    running.stop().await;
}
