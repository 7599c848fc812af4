//! Positions, and those who miss something.

use std::collections::BTreeMap;
use std::time::Duration;

use event_log::Position;
use futures_util::FutureExt;
use query_api::tail::Lost;
use testing::World;

use crate::scene::Scene;

/// More events than a subscriber may lag behind.
const MANY: usize = 1_500;
/// More events than may wait to be completed.
const TOO_MANY: usize = 9_000;

#[tokio::test]
async fn everything_behind_the_position_comes_in_order() {
    let scene = Scene::new().await;
    scene.tail.begin(Position::START);
    scene.ban("first", BTreeMap::new()).await;
    scene.hand().await;
    // Nobody wanted that one.
    let mut early = scene.tail.subscribe().await;
    assert_eq!(early.position(), Position(1));
    scene.ban("second", BTreeMap::new()).await;
    scene.hand().await;
    assert_eq!(early.next().await.unwrap().position, Position(2));

    let mut late = scene.tail.subscribe().await;
    assert_eq!(late.position(), Position(2));
    for user in ["third", "fourth", "fifth"] {
        scene.ban(user, BTreeMap::new()).await;
        scene.hand().await;
    }
    for subscription in [&mut early, &mut late] {
        for position in 3..=5 {
            assert_eq!(subscription.next().await.unwrap().position, Position(position));
            assert_eq!(subscription.position(), Position(position));
        }
    }
}

#[tokio::test]
async fn who_comes_before_the_start_waits_for_it() {
    let scene = Scene::new().await;
    let tail = scene.tail.clone();
    let mut early = Box::pin(tail.subscribe());
    assert!(early.as_mut().now_or_never().is_none());
    // The table of bans is made from these.
    scene.tail.begin(Position(40));
    assert_eq!(early.await.position(), Position(40));
}

#[tokio::test]
async fn nothing_is_completed_for_nobody() {
    let scene = Scene::new().await;
    scene.tail.begin(Position::START);
    scene.database.pool.close().await;
    sqlx::query("DROP SCHEMA directory CASCADE").execute(&scene.database.owner).await.unwrap();
    drop(scene.tail.subscribe().await);
    for user in ["first", "second"] {
        scene.ban(user, BTreeMap::new()).await;
        scene.hand().await;
    }
    let subscription = scene.tail.subscribe().await;
    assert_eq!(subscription.position(), Position(2));
}

#[tokio::test]
async fn who_is_too_slow_is_told() {
    let (scene, mut slow) = Scene::with_subscriber().await;
    let mut quick = scene.tail.subscribe().await;
    for nth in 0..MANY {
        scene.ban(&format!("user-{nth}"), BTreeMap::new()).await;
        scene.hand().await;
        quick.next().await.unwrap();
    }
    assert_eq!(slow.next().await.unwrap_err(), Lost::Lagged);
    // And stays so, or the next event would pass for the next.
    scene.ban(World::VIEWER, BTreeMap::new()).await;
    scene.hand().await;
    quick.next().await.unwrap();
    assert_eq!(slow.next().await.unwrap_err(), Lost::Lagged);
    assert_eq!(slow.position(), Position::START);
}

#[tokio::test]
async fn more_than_can_be_completed_is_left_to_the_log() {
    let (scene, mut subscription) = Scene::with_subscriber().await;
    for nth in 0..TOO_MANY {
        scene.ban(&format!("user-{nth}"), BTreeMap::new()).await;
    }
    scene.hand().await;
    assert_eq!(subscription.next().await.unwrap_err(), Lost::Lagged);

    let mut again = scene.tail.subscribe().await;
    assert_eq!(again.position(), Position(TOO_MANY as u64));
    scene.ban(World::VIEWER, BTreeMap::new()).await;
    scene.hand().await;
    assert_eq!(again.next().await.unwrap().position, Position(TOO_MANY as u64 + 1));
}

#[tokio::test]
async fn what_cannot_be_completed_is_left_to_the_log() {
    let (scene, mut subscription) = Scene::with_subscriber().await;
    let rename = async |from: &str, to: &str| {
        let statement = format!("ALTER TABLE directory.{from} RENAME TO {to}");
        let statement = sqlx::AssertSqlSafe(statement);
        sqlx::query(statement).execute(&scene.database.owner).await.unwrap();
    };
    rename("live_streams", "gone").await;
    scene.ban(World::VIEWER, BTreeMap::new()).await;
    scene.hand().await;
    assert_eq!(subscription.next().await.unwrap_err(), Lost::Lagged);

    rename("gone", "live_streams").await;
    let mut again = scene.tail.subscribe().await;
    assert_eq!(again.position(), Position(1));
    scene.ban(World::OTHER_VIEWER, BTreeMap::new()).await;
    scene.hand().await;
    assert_eq!(again.next().await.unwrap().position, Position(2));
}

#[tokio::test]
async fn a_moment_without_the_database_is_not_even_noticed() {
    let (scene, mut subscription) = Scene::with_subscriber().await;
    let mut lock = scene.database.owner.begin().await.unwrap();
    sqlx::query("LOCK TABLE directory.live_streams").execute(&mut *lock).await.unwrap();
    scene.ban(World::VIEWER, BTreeMap::new()).await;
    scene.hand().await;
    let waited = tokio::time::timeout(Duration::from_millis(2_500), subscription.next()).await;
    assert!(waited.is_err(), "a first try has failed meanwhile");
    lock.rollback().await.unwrap();
    assert_eq!(subscription.next().await.unwrap().position, Position(1));
}

#[tokio::test]
async fn the_end_is_told() {
    let (scene, mut subscription) = Scene::with_subscriber().await;
    scene.end.cancel();
    assert_eq!(subscription.next().await.unwrap_err(), Lost::Closed);
    // Neither does anybody wait for a start that will not come.
    let late = Scene::new().await;
    late.end.cancel();
    assert_eq!(late.tail.subscribe().await.next().await.unwrap_err(), Lost::Closed);
}
