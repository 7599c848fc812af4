//! `/internal/v1/…`: what the platform tells us of users and live streams.

use serde_json::{Value, json};
use testing::World;

use crate::support::*;

fn user(id: &str, name: &str, updated_at: &str) -> Value {
    json!({
        "id": id, "channelId": "UCnewcomer", "username": "newcomer", "name": name, "surname": "Neu",
        "profilePhoto": {"_id": "p1", "url": "https://cdn.test/p.png", "type": "image/png",
            "variants": {"40": "https://cdn.test/p-40.png"}, "createdAt": NOW, "updatedAt": NOW},
        "availabilityStatus": "online", "deleted": false, "updatedAt": updated_at,
    })
}

fn live_stream(id: &str) -> Value {
    json!({
        "id": id, "liveChatId": "chat-new", "title": "Bahçe\u{200f}", "status": "preparing",
        "creatorId": World::VIEWER, "moderatorIds": [], "updatedAt": NOW,
    })
}

async fn ban(service: &Service, caller: Caller, target: &str, stream: &str) -> Answer {
    let body = json!({"targetUserId": target, "liveStreamId": stream});
    service.post("/api/v1/live-stream-ban", caller, body).await
}

#[tokio::test]
async fn a_snapshot_is_what_the_next_command_sees() {
    let service = Service::start().await;
    let put = service.put("/internal/v1/users/new-1", SERVICE, user("new-1", "Nina", NOW)).await;
    assert_eq!(put.data(200), &json!({"applied": true}));
    let put = service.put("/internal/v1/live-streams/s-1", SERVICE, live_stream("s-1")).await;
    assert_eq!(put.data(200), &json!({"applied": true}));

    let answer = ban(&service, VIEWER, "new-1", "s-1").await;
    assert_eq!(
        answer.data(200)["targetUser"],
        json!({
            "_id": "new-1", "username": "newcomer", "name": "Nina", "surname": "Neu",
            "profilePhoto": {"_id": "p1", "url": "https://cdn.test/p.png", "type": "image/png",
                "variants": {"40": "https://cdn.test/p-40.png"}, "createdAt": NOW, "updatedAt": NOW},
            "availabilityStatus": "online",
        })
    );
    let insert = json!({"snippet": {"liveChatId": "chat-new", "type": "permanent",
        "bannedUserDetails": {"channelId": "UCnewcomer"}}});
    let answer = service.post("/youtube/v3/liveChat/bans?part=snippet", VIEWER, insert).await;
    let user = &answer.body["snippet"]["bannedUserDetails"];
    assert_eq!(user["profileImageUrl"], "https://cdn.test/p.png");
    assert_eq!(user["displayName"], "Nina Neu");
}

#[tokio::test]
async fn the_latest_snapshot_stays_in_whatever_order_they_come() {
    let service = Service::start().await;
    let (early, late) = ("2026-01-15T10:00:01.000Z", "2026-01-15T10:00:02.000Z");
    let path = "/internal/v1/users/new-1";
    let mut applied = Vec::new();
    for (name, at) in [("Late", late), ("Early", early), ("Again", late)] {
        let put = service.put(path, SERVICE, user("new-1", name, at)).await;
        applied.push(put.data(200)["applied"].clone());
    }
    assert_eq!(applied, [true, false, true]);
    let answer = ban(&service, CREATOR, "new-1", World::STREAM).await;
    assert_eq!(answer.data(200)["targetUser"]["name"], "Again");

    // The seeded live stream is of 10:00:00; this one is older, and changes nothing.
    let mut old = live_stream(World::STREAM);
    old["updatedAt"] = json!("2026-01-15T09:59:59.999Z");
    let path = format!("/internal/v1/live-streams/{}", World::STREAM);
    let put = service.put(&path, SERVICE, old).await;
    assert_eq!(put.data(200), &json!({"applied": false}));
}

#[tokio::test]
async fn a_batch_keeps_the_latest_of_each_user() {
    let service = Service::start().await;
    let (early, late) = ("2026-01-15T10:00:01.000Z", "2026-01-15T10:00:02.000Z");
    let users = [
        user("b", "Late", late),
        user("a", "Only", early),
        user("b", "Early", early),
        user(World::VIEWER, "Stale", "2026-01-15T09:00:00.000Z"),
    ];
    let answer = service.post("/internal/v1/users:batch", SERVICE, json!({"users": users})).await;
    assert_eq!(answer.data(200), &json!({"applied": 2, "ignored": 2}));
    let answer = ban(&service, CREATOR, "b", World::STREAM).await;
    assert_eq!(answer.data(200)["targetUser"]["name"], "Late");
    let answer = ban(&service, CREATOR, World::VIEWER, World::STREAM).await;
    assert_eq!(answer.data(200)["targetUser"]["name"], "Vera");
}

#[tokio::test]
async fn a_batch_takes_a_thousand_and_not_one_more() {
    let service = Service::start().await;
    let batch = |count: usize| {
        let users: Vec<_> =
            (0..count).map(|n| user(&format!("u{n}"), &"x".repeat(1000), NOW)).collect();
        json!({ "users": users })
    };
    let answer = service.post("/internal/v1/users:batch", SERVICE, batch(1000)).await;
    assert_eq!(answer.data(200), &json!({"applied": 1000, "ignored": 0}));
    let answer = service.post("/internal/v1/users:batch", SERVICE, batch(1001)).await;
    answer.refuses(400, &["users: must not hold more than 1000 entries"]);
    let bare = batch(2)["users"].take();
    let answer = service.post("/internal/v1/users:batch", SERVICE, bare).await;
    assert_eq!(answer.data(200), &json!({"applied": 2, "ignored": 0}));
    let answer = service.post("/internal/v1/users:batch", SERVICE, json!({})).await;
    answer.refuses(400, &["users: is required"]);
}

#[tokio::test]
async fn a_deleted_user_cannot_be_banned_any_more() {
    let service = Service::start().await;
    let mut gone = user(World::VIEWER, "Vera", NOW);
    gone["deleted"] = json!(true);
    service.put(&format!("/internal/v1/users/{}", World::VIEWER), SERVICE, gone).await.data(200);
    let answer = ban(&service, CREATOR, World::VIEWER, World::STREAM).await;
    answer.refuses(404, &["targetUserId: this user no longer exists"]);
}

#[tokio::test]
async fn only_services_write_snapshots() {
    let service = Service::start().await;
    let told = "neither your roles nor your part in the live stream allow this";
    for caller in [CREATOR, STAFF, (World::STAFF, &["admin", "auditor"][..])] {
        let put = service.put("/internal/v1/users/a", caller, user("a", "A", NOW)).await;
        put.refuses(403, &[told]);
        let put = service.put("/internal/v1/live-streams/a", caller, live_stream("a")).await;
        put.refuses(403, &[told]);
        let post = service.post("/internal/v1/users:batch", caller, json!({"users": []})).await;
        post.refuses(403, &[told]);
    }
}

#[tokio::test]
async fn a_bad_snapshot_is_told_field_by_field() {
    let service = Service::start().await;
    let body = json!({"id": "other", "channelId": "ü", "username": 1, "name": "a\u{0}", "surname": "S",
        "profilePhoto": {"_id": "p"}, "availabilityStatus": "on", "deleted": "no", "updatedAt": "today"});
    service.put("/internal/v1/users/u", SERVICE, body).await.refuses(
        400,
        &[
            "channelId: must be 1 to 128 characters of A-Z a-z 0-9 _ . = -",
            "username: must be a string",
            "name: must not contain the control character U+0000",
            "profilePhoto: is malformed",
            "deleted: must be true or false",
            "updatedAt: must be an RFC 3339 time such as 2026-01-15T10:30:00.000Z",
        ],
    );
    let put = service.put("/internal/v1/users/u", SERVICE, user("other", "O", NOW)).await;
    put.refuses(400, &["id: must be the id in the path"]);
    let mut nul = user("u", "U", NOW);
    nul["profilePhoto"]["variants"]["40"] = json!("a\u{0}");
    let put = service.put("/internal/v1/users/u", SERVICE, nul).await;
    put.refuses(400, &["profilePhoto: must not contain the control character U+0000"]);

    let mut stream = live_stream("s");
    stream["status"] = json!("paused");
    stream["moderatorIds"] = json!(["ok", "not ok"]);
    stream["title"] = json!("x".repeat(2001));
    service.put("/internal/v1/live-streams/s", SERVICE, stream).await.refuses(400, &[
        "title: must not be longer than 2000 characters",
        "status: must be one of: active, ended, scheduled, preparing, expired, cancelled_by_host, cancelled_by_guest",
        "moderatorIds[1]: must be 1 to 128 characters of A-Z a-z 0-9 _ . = -",
    ]);
    let users = json!({"users": [user("a", "A", NOW), {"id": "b"}]});
    service.post("/internal/v1/users:batch", SERVICE, users).await.refuses(
        400,
        &[
            "users[1].username: is required",
            "users[1].name: is required",
            "users[1].surname: is required",
            "users[1].availabilityStatus: is required",
            "users[1].updatedAt: is required",
        ],
    );
    let answer = ban(&service, CREATOR, "a", World::STREAM).await;
    answer.refuses(404, &["targetUserId: there is no such user"]);
}
