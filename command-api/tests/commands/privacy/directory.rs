//! What the platform tells of somebody who was erased.

use serde_json::{Value, json};
use testing::World;

use super::{erase, user};
use crate::support::*;

/// What is left in the directory of somebody who was erased at [`NOW`].
fn blank(id: &str, deleted: bool, erased: bool, updated_at: &str) -> Value {
    json!({"id": id, "channel_id": id, "username": "", "name": "", "surname": "",
        "profile_photo": null, "availability_status": "unknown", "deleted": deleted,
        "erased": erased, "updated_at": updated_at})
}

async fn tell(service: &Service, id: &str, deleted: bool, updated_at: &str) -> Value {
    let user = json!({"id": id, "channelId": "UCback", "username": "back", "name": "Bea",
        "surname": "Zurück", "profilePhoto": {"_id": "p1", "url": "https://cdn.test/p.png",
        "type": "image/png", "variants": {}, "createdAt": NOW, "updatedAt": NOW},
        "availabilityStatus": "online", "deleted": deleted, "updatedAt": updated_at});
    let told = service.put(&format!("/internal/v1/users/{id}"), SERVICE, user).await;
    told.data(200)["applied"].clone()
}

#[tokio::test]
async fn names_that_were_told_before_do_not_come_back() {
    let service = Service::start().await;
    let pool = &service.database.pool;
    // Also when the directory had not heard of them yet.
    for id in [World::VIEWER, "unheard-of"] {
        erase(&service, id).await.data(201);
        let left = blank(id, true, true, "2026-01-15T10:30:00.001+00:00");
        assert_eq!(user(pool, id).await, left);
        for updated_at in [World::UPDATED_AT, "2026-01-15T10:29:59.999Z", NOW] {
            for deleted in [false, true] {
                assert_eq!(tell(&service, id, deleted, updated_at).await, false, "{updated_at}");
            }
        }
        assert_eq!(user(pool, id).await, left);
    }
}

#[tokio::test]
async fn nor_do_they_when_the_platform_s_clock_runs_ahead() {
    let service = Service::start().await;
    let ahead = "2026-01-15T11:00:00.000Z";
    assert_eq!(tell(&service, World::VIEWER, false, ahead).await, true);
    erase(&service, World::VIEWER).await.data(201);
    assert_eq!(tell(&service, World::VIEWER, false, ahead).await, false);
    let left = blank(World::VIEWER, true, true, "2026-01-15T11:00:00.001+00:00");
    assert_eq!(user(&service.database.pool, World::VIEWER).await, left);
}

#[tokio::test]
async fn that_they_are_deleted_is_taken_in_without_the_names() {
    let service = Service::start().await;
    erase(&service, World::VIEWER).await.data(201);
    assert_eq!(tell(&service, World::VIEWER, true, "2026-01-15T11:00:00.000Z").await, true);
    let left = blank(World::VIEWER, true, true, "2026-01-15T11:00:00+00:00");
    assert_eq!(user(&service.database.pool, World::VIEWER).await, left);
}

#[tokio::test]
async fn a_later_snapshot_of_somebody_who_is_still_there_is_taken_in() {
    let service = Service::start().await;
    erase(&service, World::VIEWER).await.data(201);
    let ban = json!({"targetUserId": World::VIEWER, "liveStreamId": World::STREAM});
    let bans = "/api/v1/live-stream-ban";
    let gone = ["targetUserId: this user no longer exists"];
    service.post(bans, CREATOR, ban.clone()).await.refuses(404, &gone);

    assert_eq!(tell(&service, World::VIEWER, false, "2026-01-15T11:00:00.000Z").await, true);
    let banned = service.post(bans, CREATOR, ban).await;
    assert_eq!(banned.data(200)["targetUser"]["username"], "back");
    // From then on it is the platform's word again, until the next erasure.
    assert_eq!(tell(&service, World::VIEWER, true, "2026-01-15T12:00:00.000Z").await, true);
    assert_eq!(user(&service.database.pool, World::VIEWER).await["name"], "Bea");
}

#[tokio::test]
async fn an_erased_user_is_shown_like_one_of_whom_nothing_is_known() {
    let service = Service::start().await;
    let ban = json!({"targetUserId": World::VIEWER, "liveStreamId": World::STREAM,
        "reason": "spam"});
    service.post("/api/v1/live-stream-ban", CREATOR, ban).await.data(200);
    erase(&service, World::VIEWER).await.data(201);
    let path = format!("/api/v1/live-stream-ban/{}", viewer_ban(1));
    let revoked = service.delete(&path, CREATOR).await;
    assert_eq!(
        revoked.data(200)["targetUser"],
        json!({"_id": World::VIEWER, "username": "", "name": "", "surname": "",
            "profilePhoto": null, "availabilityStatus": "unknown"})
    );
}
