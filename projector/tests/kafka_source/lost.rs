//! Records that are gone, and topics that are not what they were: refused, and told.

use projector::rebuild;
use serde_json::{Value, json};
use testing::eventually;

use crate::history::{AT, ban};
use crate::keys::master;
use crate::member::{Member, assert_true_to_the_log, reached};
use crate::tables::query;
use crate::world::World;

/// Waits until health is bad and tells of the bans what `shown` finds.
async fn refused(member: &Member, shown: impl Fn(&Value) -> Option<String>) -> String {
    eventually("health to refuse", async || {
        let report = member.health.report();
        let check = report.get("partitions")?;
        (!check.ok).then(|| shown(&check.detail["bans"]))?
    })
    .await
}

fn first_partition(standing: &Value) -> Option<String> {
    Some(standing["refused"]["0"].as_str()?.to_owned())
}

async fn rebuild_all(world: &World) {
    for projection in projector::all() {
        rebuild(world.pool(), world.log().as_ref(), &master(), projection.as_ref()).await.unwrap();
    }
}

#[tokio::test]
async fn records_that_are_gone_unread_are_refused_until_the_tables_are_made_anew() {
    let world = World::create(1).await;
    world.tell(40).await;
    let member = world.member();
    let before = world.relay().await;
    reached(world.pool(), before).await;
    member.stop().await;
    world.history.tell(AT, Some("moderator"), ban("stream", "missed", 1)).await;
    world.relay().await;
    world.topic.forget(1).await;
    // Once without any record after them, and once with one.
    for nth in 0..2 {
        if nth == 1 {
            world.history.tell(AT, Some("moderator"), ban("stream", "seen", 1)).await;
            world.relay().await;
        }
        let member = world.member();
        let reason = refused(&member, first_partition).await;
        assert!(reason.contains("are gone") && reason.contains("rebuild all"), "{reason}");
        let bans = "SELECT count(*) FROM projections.bans WHERE live_stream_id = 'stream'";
        assert_eq!(query(world.pool(), bans).await, json!([{"count": 0}]), "nothing is skipped");
        member.stop().await;
    }
    let member = world.member();
    refused(&member, first_partition).await;

    rebuild_all(&world).await;

    world.history.tell(AT, Some("moderator"), ban("stream", "new", 1)).await;
    reached(world.pool(), world.relay().await).await;
    assert_true_to_the_log(world.pool(), world.log().as_ref()).await;
    eventually("health to be well", async || member.health.report()["partitions"].ok.then_some(()))
        .await;
    member.stop().await;
}

#[tokio::test]
async fn records_that_are_gone_but_in_the_tables_do_not_matter() {
    let world = World::create(2).await;
    world.tell(40).await;
    let member = world.member();
    reached(world.pool(), world.relay().await).await;
    world.topic.forget(2).await;
    world.history.tell(AT, Some("moderator"), ban("stream", "a", 1)).await;
    reached(world.pool(), world.relay().await).await;
    member.stop().await;

    let member = world.member();
    world.history.tell(AT, Some("moderator"), ban("stream", "b", 1)).await;
    reached(world.pool(), world.relay().await).await;

    assert_true_to_the_log(world.pool(), world.log().as_ref()).await;
    member.stop().await;
}

#[tokio::test]
async fn a_topic_that_was_made_again_is_refused() {
    let world = World::create(1).await;
    world.tell(20).await;
    let member = world.member();
    reached(world.pool(), world.relay().await).await;
    member.stop().await;
    world.topic.make_again(1).await;

    // Shorter than it was, then longer.
    let member = world.member();
    let reason = refused(&member, first_partition).await;
    assert!(reason.contains("another one than it was"), "{reason}");
    member.stop().await;
    for nth in 0..40 {
        world.history.tell(AT, Some("moderator"), ban("stream", &format!("user-{nth}"), 1)).await;
    }
    world.relay().await;
    let member = world.member();
    let reason = refused(&member, first_partition).await;
    assert!(reason.contains("another partition than it was"), "{reason}");

    rebuild_all(&world).await;
    world.history.tell(AT, Some("moderator"), ban("stream", "new", 1)).await;
    reached(world.pool(), world.relay().await).await;
    assert_true_to_the_log(world.pool(), world.log().as_ref()).await;
    member.stop().await;
}

#[tokio::test]
async fn a_topic_with_more_partitions_than_before_is_refused() {
    let world = World::create(1).await;
    world.tell(20).await;
    let member = world.member();
    reached(world.pool(), world.relay().await).await;
    member.stop().await;
    world.topic.grow(3).await;

    let member = world.member();

    let state = |standing: &Value| Some(standing["state"].as_str()?.to_owned());
    let reason = refused(&member, state).await;
    let expected = "bans was made from 1 partitions and the topic has 3: stop every projector, run \
        one with PROJECTOR_SOURCE=log until it has caught up, then go on";
    assert_eq!(reason, expected);
    member.stop().await;
    // As it says.
    let log_fed = crate::member::LogFed::start(world.pool(), world.log());
    world.history.tell(AT, Some("moderator"), ban("stream", "a", 1)).await;
    reached(world.pool(), world.head().await).await;
    log_fed.stop().await;
    let member = world.member();
    world.history.tell(AT, Some("moderator"), ban("stream", "b", 1)).await;
    reached(world.pool(), world.relay().await).await;
    assert_true_to_the_log(world.pool(), world.log().as_ref()).await;
    member.stop().await;
}
