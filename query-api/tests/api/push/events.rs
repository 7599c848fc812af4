//! What is pushed, to whom, and what becomes of those who cannot be told.

use events::ban::{ActionType, RevokeCause};
use serde_json::{Value, json};
use testing::World;

use super::Pushing;
use crate::support::NewBan;

const LATER: &str = "2026-01-15T11:30:00.000Z";

/// What is told of a ban of this user.
fn banned(user: &str, username: &str, action: &str, reason: Option<&str>, at: &str) -> Value {
    json!(["userBanned", {
        "targetUserId": user, "targetUser": {"_id": user, "username": username},
        "actionType": action, "reason": reason, "timestamp": at,
    }])
}

fn revoked(user: &str, at: &str) -> Value {
    json!(["userBanRevoked", {"targetUserId": user, "timestamp": at}])
}

#[tokio::test]
async fn bans_and_their_ends_are_pushed_to_the_room() {
    let pushing = Pushing::new().await;
    let stage = &pushing.stage;
    let mut client = pushing.connect(World::OTHER_VIEWER).await;
    client.join(World::STREAM).await;

    let new = NewBan { reason: Some("spam"), ..NewBan::default() };
    let ban = stage.ban(new).await;
    let told = banned(World::VIEWER, "viewer", "BLOCK", Some("spam"), new.at);
    assert_eq!(client.pushed().await, told);
    stage.revoke(ban, RevokeCause::Manual, LATER).await;
    assert_eq!(client.pushed().await, revoked(World::VIEWER, LATER));

    let ban = stage.ban(NewBan { action: ActionType::ChatOnly, at: LATER, ..new }).await;
    let told = banned(World::VIEWER, "viewer", "CHAT_ONLY", Some("spam"), LATER);
    assert_eq!(client.pushed().await, told);
    stage.revoke(ban, RevokeCause::Superseded, LATER).await;
    let ban = stage.ban(NewBan { reason: None, ..new }).await;
    assert_eq!(client.pushed().await, banned(World::VIEWER, "viewer", "BLOCK", None, new.at));
    stage.revoke(ban, RevokeCause::Expired, LATER).await;
    assert_eq!(client.pushed().await, revoked(World::VIEWER, LATER));
}

#[tokio::test]
async fn whom_the_directory_does_not_know_is_told_of_by_id() {
    let pushing = Pushing::new().await;
    let mut client = pushing.connect(World::OTHER_VIEWER).await;
    client.join(World::STREAM).await;
    let new = NewBan { user: "unknown-1", ..NewBan::default() };
    let ban = pushing.stage.ban(new).await;
    assert_eq!(client.pushed().await, banned("unknown-1", "", "BLOCK", None, new.at));
    pushing.stage.revoke(ban, RevokeCause::Manual, LATER).await;
    assert_eq!(client.pushed().await, revoked("unknown-1", LATER));
}

#[tokio::test]
async fn only_who_is_in_the_room_is_told() {
    let pushing = Pushing::new().await;
    let mut here = pushing.connect(World::VIEWER).await;
    let mut there = pushing.connect(World::OTHER_VIEWER).await;
    here.join(World::STREAM).await;
    there.join(World::OTHER_STREAM).await;
    let ban = async |stream| {
        let new = NewBan { stream, ..NewBan::default() };
        let id = pushing.stage.ban(new).await;
        pushing.stage.revoke(id, RevokeCause::Superseded, LATER).await;
        banned(World::VIEWER, "viewer", "BLOCK", None, new.at)
    };
    let told = ban(World::STREAM).await;
    ban(World::OTHER_STREAM).await;
    assert_eq!((here.pushed().await, there.pushed().await), (told.clone(), told));

    // Who has left hears of the next room only.
    let left = here.ask("leaveStream", &json!({"streamId": World::STREAM})).await;
    assert_eq!(left["isSuccess"], true, "{left}");
    here.join(World::OTHER_STREAM).await;
    pushing.stage.ban(NewBan { user: "first", ..NewBan::default() }).await;
    let other = NewBan { user: "second", stream: World::OTHER_STREAM, ..NewBan::default() };
    pushing.stage.ban(other).await;
    let told = banned("second", "", "BLOCK", None, other.at);
    assert_eq!((here.pushed().await, there.pushed().await), (told.clone(), told));
}

#[tokio::test]
async fn a_client_that_does_not_read_is_cut_off_rather_than_left_with_a_gap() {
    let pushing = Pushing::new().await;
    let mut slow = pushing.connect(World::VIEWER).await;
    let mut quick = pushing.connect(World::OTHER_VIEWER).await;
    slow.join(World::STREAM).await;
    quick.join(World::STREAM).await;
    for n in 0..100 {
        pushing.stage.ban(NewBan { user: &format!("user-{n}"), ..NewBan::default() }).await;
        let pushed = quick.pushed().await;
        assert_eq!(pushed[1]["targetUserId"], format!("user-{n}"));
    }
    for n in 0.. {
        let packet = slow.next().await;
        if packet == "41/live-stream," {
            assert!(n < 100, "{n}");
            return;
        }
        assert!(packet.contains(&format!("user-{n}\"")), "{packet}");
    }
}

#[tokio::test]
async fn what_the_tail_could_not_bring_is_read_from_the_log() {
    let pushing = Pushing::new().await;
    let mut client = pushing.connect(World::VIEWER).await;
    client.join(World::STREAM).await;
    let rename = async |from, to| {
        let statement = format!("ALTER SCHEMA {from} RENAME TO {to}");
        let statement = sqlx::AssertSqlSafe(statement);
        sqlx::query(statement).execute(&pushing.stage.database.owner).await.unwrap();
    };
    rename("directory", "away").await;
    let first = NewBan { user: "first", ..NewBan::default() };
    pushing.stage.ban(first).await;
    testing::eventually("the tail to give up", async || {
        let reached = pushing.app.tail().subscribe().await.position();
        (reached >= pushing.stage.last()).then_some(())
    })
    .await;
    rename("away", "directory").await;
    pushing.stage.ban(NewBan { user: "second", ..first }).await;
    assert_eq!(client.pushed().await, banned("first", "", "BLOCK", None, first.at));
    assert_eq!(client.pushed().await, banned("second", "", "BLOCK", None, first.at));
}
