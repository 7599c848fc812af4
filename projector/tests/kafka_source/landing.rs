//! Records become rows.

use std::time::{Duration, Instant};

use serde_json::json;
use testing::eventually;

use crate::history::{AT, ban};
use crate::member::{assert_true_to_the_log, reached};
use crate::process::Process;
use crate::tables::{query, rows};
use crate::world::World;

#[tokio::test]
async fn what_is_relayed_becomes_the_rows_that_the_log_makes() {
    let world = World::create(6).await;
    world.tell(300).await;
    world.relay().await;

    let member = world.member();
    reached(world.pool(), world.head().await).await;

    assert_eq!(rows(world.pool(), "parked").await, json!([]));
    assert_true_to_the_log(world.pool(), world.log().as_ref()).await;
    member.stop().await;
}

#[tokio::test]
async fn partitions_in_which_nothing_happens_hold_nobody_up() {
    const PARTITIONS: i32 = 12;
    let world = World::create(PARTITIONS).await;
    let member = world.member();
    world.history.tell(AT, Some("moderator"), ban("stream", "first", 1)).await;
    reached(world.pool(), world.relay().await).await;
    let mut slowest = Duration::ZERO;
    for nth in 0..10 {
        world.history.tell(AT, Some("moderator"), ban("stream", &format!("user-{nth}"), 1)).await;
        let head = world.relay().await;

        let relayed = Instant::now();
        reached(world.pool(), head).await;
        slowest = slowest.max(relayed.elapsed());
    }
    println!("from the relay's checkpoint to all projections': at most {slowest:?}");
    // Queries wait that long for a position.
    assert!(slowest < Duration::from_secs(2), "{slowest:?}");
    let positions = "SELECT projection, count(*), count(DISTINCT position) AS positions
        FROM projections.partitions GROUP BY projection";
    let expected = ["bans", "history", "reports", "statistics"]
        .map(|name| json!({"projection": name, "count": PARTITIONS, "positions": 1}));
    assert_eq!(query(world.pool(), positions).await, json!(expected));
    member.stop().await;
}

#[tokio::test]
async fn what_is_appended_soon_shows_in_every_projections_checkpoint() {
    let world = World::relayed(12).await;
    let process = Process::start(&world.database.url, world.config());
    world.history.tell(AT, Some("moderator"), ban("stream", "first", 1)).await;
    reached(world.pool(), world.head().await).await;
    let mut times = vec![];
    for nth in 0..20 {
        let begun = Instant::now();
        let head = world
            .history
            .tell(AT, Some("moderator"), ban("stream", &format!("user-{nth}"), 1))
            .await;
        reached(world.pool(), head).await;
        times.push(begun.elapsed());
    }
    times.sort();
    println!("from append to checkpoint: median {:?}, slowest {:?}", times[10], times[19]);
    assert!(times[10] < Duration::from_secs(1), "{times:?}");
    assert!(process.end().await);
}

#[tokio::test]
async fn a_relay_that_is_not_sure_of_what_it_sent_doubles_nothing() {
    let world = World::create(3).await;
    let (log, pool) = (world.log(), world.pool());
    world.tell(200).await;
    let member = world.member();
    // Cut off again and again, it begins at what it was sure of.
    for sure in [0, 0, 20, 50, 10, 90] {
        world.topic.send_after(log.as_ref(), event_log::Position(sure)).await;
    }
    reached(pool, world.relay().await).await;
    assert_true_to_the_log(pool, log.as_ref()).await;
    member.stop().await;

    world.topic.send_after(log.as_ref(), event_log::Position(7)).await;
    let member = world.member();
    world.history.tell(AT, Some("moderator"), ban("another", "user", 1)).await;
    reached(pool, world.relay().await).await;

    assert_eq!(rows(pool, "parked").await, json!([]));
    assert_true_to_the_log(pool, log.as_ref()).await;
    member.stop().await;
}

#[tokio::test]
async fn health_and_metrics_tell_of_the_partitions() {
    let world = World::create(2).await;
    let metrics = service::metrics::install().unwrap();
    let member = world.member();
    world.tell(50).await;
    reached(world.pool(), world.relay().await).await;
    eventually("health to tell", async || {
        let report = member.health.report();
        let check = report.get("partitions")?;
        let standing = json!({"state": "at work", "assigned": [0, 1], "refused": {},
            "foreignRecords": 0});
        let all = json!({"bans": standing, "reports": standing, "statistics": standing,
            "history": standing});
        (check.ok && check.detail == all && report["projections"].ok).then_some(())
    })
    .await;
    eventually("the metrics to tell", async || {
        let text = metrics.render();
        let lag = "docket_partition_lag_records{projection=\"bans\",partition=\"1\"} 0";
        let active = "docket_projection_active{projection=\"bans\"} 1";
        (text.contains(lag) && text.contains(active)).then_some(())
    })
    .await;
    member.stop().await;
}
