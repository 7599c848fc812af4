//! From the log to Kafka and back.

use projector::ProjectorError;
use projector::projections::Bans;
use serde_json::{Value, json};
use testing::eventually;

use crate::history::{AT, ban};
use crate::keys::master;
use crate::member::{LogFed, assert_true_to_the_log, reached};
use crate::tables::{query, rows};
use crate::world::World;

/// Which tables they are: other ones after a rebuild.
async fn identities(world: &World) -> Value {
    let tables = "SELECT c.oid::bigint, relname FROM pg_class AS c
        WHERE relnamespace = 'projections'::regnamespace AND relname IN ('bans', 'decisions')";
    query(world.pool(), tables).await
}

#[tokio::test]
async fn the_projections_go_from_the_log_to_kafka_and_back() {
    let world = World::create(4).await;
    let (pool, log) = (world.pool(), world.log());
    let log_fed = LogFed::start(pool, log.clone());
    world.tell(80).await;
    reached(pool, world.head().await).await;
    log_fed.stop().await;
    let before = identities(&world).await;

    // Everything is in the topic, and in the tables as well.
    let member = world.member();
    world.relay().await;
    world.history.tell(AT, Some("moderator"), ban("stream", "a", 1)).await;
    reached(pool, world.relay().await).await;
    assert_true_to_the_log(pool, log.as_ref()).await;
    member.stop().await;

    // The partitions stand at one position, so the log goes on from there.
    let log_fed = LogFed::start(pool, log.clone());
    world.history.tell(AT, Some("moderator"), ban("stream", "b", 1)).await;
    reached(pool, world.head().await).await;
    log_fed.stop().await;
    assert_eq!(identities(&world).await, before, "nothing was rebuilt");
    assert_eq!(rows(pool, "partitions").await, json!([]));
    assert_true_to_the_log(pool, log.as_ref()).await;
}

#[tokio::test]
async fn tables_that_partitions_fed_unevenly_are_rebuilt_from_the_log() {
    let world = World::create(4).await;
    let (pool, log) = (world.pool(), world.log());
    world.tell(80).await;
    // A relay that has not noted yet how far it came.
    let head = world.topic.send_after(log.as_ref(), event_log::Position::START).await;
    let member = world.member();
    eventually("all to land", async || {
        let least = "SELECT projection, max(position) FROM projections.partitions
            GROUP BY projection HAVING max(position) = ";
        let landed = query(pool, &format!("{least}{head}")).await;
        (landed.as_array().unwrap().len() == projector::all().len()).then_some(())
    })
    .await;
    let uneven = projector::verify(pool, log.as_ref(), &master(), &Bans).await;
    assert!(matches!(uneven, Err(ProjectorError::Uneven("bans"))), "{uneven:?}");
    member.stop().await;
    let before = identities(&world).await;

    let log_fed = LogFed::start(pool, log.clone());
    world.history.tell(AT, Some("moderator"), ban("stream", "a", 1)).await;
    reached(pool, world.head().await).await;

    eventually("the log to feed them all", async || {
        (rows(pool, "partitions").await == json!([])).then_some(())
    })
    .await;
    assert_ne!(identities(&world).await, before, "rebuilt");
    assert_true_to_the_log(pool, log.as_ref()).await;
    log_fed.stop().await;
}

#[tokio::test]
async fn the_two_kinds_stand_by_for_each_other() {
    let world = World::create(2).await;
    let (pool, log) = (world.pool(), world.log());
    let log_fed = LogFed::start(pool, log.clone());
    world.tell(20).await;
    reached(pool, world.head().await).await;
    let member = world.member();
    eventually("the member to stand by", async || {
        let report = member.health.report();
        let check = report.get("partitions")?;
        let why = "standing by: a projector that reads the log is at work";
        (check.ok && check.detail["bans"]["state"] == why).then_some(())
    })
    .await;
    assert_eq!(rows(pool, "partitions").await, json!([]));

    log_fed.stop().await;
    reached(pool, world.relay().await).await;
    eventually("the member to work", async || {
        (member.health.report()["partitions"].detail["bans"]["state"] == "at work").then_some(())
    })
    .await;
    let log_fed = LogFed::start(pool, log.clone());
    world.history.tell(AT, Some("moderator"), ban("stream", "a", 1)).await;
    reached(pool, world.relay().await).await;
    assert_ne!(rows(pool, "partitions").await, json!([]), "the member goes on");
    member.stop().await;
    world.history.tell(AT, Some("moderator"), ban("stream", "b", 1)).await;
    reached(pool, world.head().await).await;
    assert_true_to_the_log(pool, log.as_ref()).await;
    log_fed.stop().await;
}
