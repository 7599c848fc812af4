//! The broker or the database is away for a while.

use serde_json::json;
use testing::eventually;
use testing::kafka::Broker;

use crate::history::{AT, ban};
use crate::member::{assert_true_to_the_log, reached};
use crate::tables::{execute, query, rows};
use crate::topic::Topic;
use crate::world::World;

/// Ends the backends of the projections.
const KILL: &str = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE application_name LIKE 'docket projections.%' AND datname = current_database()";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broker_that_was_killed_is_read_on_when_it_is_back() {
    let broker = Broker::start().await;
    let world = World::with(Topic::on(&broker.address, 3).await).await;
    world.tell(100).await;
    let member = world.member();
    reached(world.pool(), world.relay().await).await;

    for nth in 0..2 {
        broker.kill().await;
        let user = format!("meanwhile-{nth}");
        world.history.tell(AT, Some("moderator"), ban("stream", &user, 1)).await;
        broker.start_again().await;
        reached(world.pool(), world.relay().await).await;
    }

    assert_eq!(rows(world.pool(), "parked").await, json!([]));
    assert_true_to_the_log(world.pool(), world.log().as_ref()).await;
    member.stop().await;
}

#[tokio::test]
async fn connections_to_the_database_that_break_lose_nothing() {
    let world = World::create(3).await;
    let member = world.member();
    world.tell(50).await;
    reached(world.pool(), world.relay().await).await;
    for nth in 0..5 {
        let before = connections(&world).await;
        execute(&world.database.owner, KILL).await;
        for user in 0..20 {
            let user = format!("user-{nth}-{user}");
            world.history.tell(AT, Some("moderator"), ban("stream", &user, 1)).await;
        }
        reached(world.pool(), world.relay().await).await;
        eventually("the members to be back", async || {
            let now = connections(&world).await;
            (now.len() == projector::all().len() && now.iter().all(|pid| !before.contains(pid)))
                .then_some(())
        })
        .await;
    }

    assert_eq!(rows(world.pool(), "parked").await, json!([]));
    assert_true_to_the_log(world.pool(), world.log().as_ref()).await;
    member.stop().await;
}

async fn connections(world: &World) -> Vec<i64> {
    let pids = "SELECT pid FROM pg_stat_activity
        WHERE application_name LIKE 'docket projections.%' AND datname = current_database()";
    let found = query(&world.database.owner, pids).await;
    found.as_array().unwrap().iter().map(|row| row["pid"].as_i64().unwrap()).collect()
}
