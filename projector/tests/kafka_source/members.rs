//! Members come and go, and nothing is lost or doubled by it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use events::report::{Decision, ReportType};
use projector::projections::Bans;
use projector::rebuild;
use serde_json::json;
use testing::eventually;

use crate::history::{AT, ban, file, review};
use crate::keys::master;
use crate::member::{Member, assert_true_to_the_log, reached};
use crate::tables::rows;
use crate::world::World;

/// How many partitions of the bans a member has.
fn assigned(member: &Member) -> usize {
    let report = member.health.report();
    let detail = report.get("partitions").map(|check| check.detail["bans"]["assigned"].clone());
    detail.and_then(|assigned| Some(assigned.as_array()?.len())).unwrap_or_default()
}

/// Tells and relays until `done`: bans and reports of many live streams, which all add to the same
/// numbers.
pub(crate) async fn under_load(world: &World, done: &AtomicBool) {
    let mut nth = 0;
    while !done.load(Ordering::SeqCst) {
        for _ in 0..10 {
            nth += 1;
            let (stream, user) = (format!("load-{}", nth % 17), format!("user-{nth}"));
            let filed = file(&stream, &user, 1, ReportType::SpamOrScam);
            world.history.tell(AT, Some(&user), filed).await;
            world.history.tell(AT, Some("moderator"), ban(&stream, &user, 1)).await;
            let reviewed = review((&stream, &user, 1), Decision::Resolved, None, false);
            world.history.tell(AT, Some("staff"), reviewed).await;
        }
        world.relay().await;
    }
}

#[tokio::test]
async fn members_that_join_and_leave_under_load_share_the_work() {
    let world = World::create(6).await;
    world.tell(100).await;
    let done = AtomicBool::new(false);
    let coming_and_going = async {
        let first = world.member();
        eventually("the first to have all", async || (assigned(&first) == 6).then_some(())).await;
        for _ in 0..3 {
            let second = world.member();
            eventually("each to have half", async || {
                ([assigned(&first), assigned(&second)] == [3, 3]).then_some(())
            })
            .await;
            second.stop().await;
            eventually("the first to have all", async || (assigned(&first) == 6).then_some(()))
                .await;
        }
        done.store(true, Ordering::SeqCst);
        first
    };

    let (first, ()) = tokio::join!(coming_and_going, under_load(&world, &done));

    reached(world.pool(), world.relay().await).await;
    assert_eq!(rows(world.pool(), "parked").await, json!([]));
    assert_true_to_the_log(world.pool(), world.log().as_ref()).await;
    first.stop().await;
}

#[tokio::test]
async fn tables_are_rebuilt_under_load() {
    let world = Arc::new(World::create(4).await);
    let done = AtomicBool::new(false);
    let both = [world.member(), world.member()];
    let rebuilding = async {
        eventually("both to work", async || {
            both.iter().all(|member| assigned(member) == 2).then_some(())
        })
        .await;
        for _ in 0..4 {
            rebuild(world.pool(), world.log().as_ref(), &master(), &Bans).await.unwrap();
        }
        done.store(true, Ordering::SeqCst);
    };

    tokio::join!(rebuilding, under_load(&world, &done));

    reached(world.pool(), world.relay().await).await;
    assert_true_to_the_log(world.pool(), world.log().as_ref()).await;
    for member in both {
        member.stop().await;
    }
}
