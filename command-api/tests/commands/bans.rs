//! `/api/v1/live-stream-ban`

use serde_json::{Value, json};
use testing::World;

use crate::support::*;

const PATH: &str = "/api/v1/live-stream-ban";

fn ban_of(target: &str) -> Value {
    json!({"targetUserId": target, "liveStreamId": World::STREAM})
}

fn one(id: &str) -> String {
    format!("{PATH}/{id}")
}

fn viewer() -> Value {
    json!({"_id": World::VIEWER, "username": "viewer", "name": "Vera", "surname": "Schau",
        "profilePhoto": null, "availabilityStatus": "online"})
}

#[tokio::test]
async fn a_ban_is_created_and_answered_whole() {
    let service = Service::start().await;
    let answer = service.post(PATH, CREATOR, ban_of(World::VIEWER)).await;
    assert_eq!(
        answer.data(200),
        &json!({
            "_id": viewer_ban(1), "targetUserId": World::VIEWER, "targetUser": viewer(),
            "liveStreamId": World::STREAM, "actionType": "BLOCK", "reason": null,
            "createdBy": World::CREATOR, "deletedAt": null, "deletedBy": null,
            "createdAt": NOW, "updatedAt": NOW, "expiresAt": null,
        })
    );
    assert_eq!(answer.body["timestamp"], NOW);
    assert_eq!(answer.header("x-event-position"), "1");
    assert_eq!(answer.header("idempotency-replayed"), "");
}

#[tokio::test]
async fn every_field_of_a_ban_is_taken() {
    let service = Service::start().await;
    let report = service
        .post(
            &format!("/api/v1/live-stream-reports/{}", World::STREAM),
            OTHER_VIEWER,
            json!({"type": "hate_speech"}),
        )
        .await;
    let body = json!({
        "targetUserId": World::OTHER_VIEWER, "liveStreamId": World::STREAM,
        "actionType": "CHAT_ONLY", "reason": "  spam 🤖 שלום\n ", "durationSeconds": 3600,
        "reportId": report.data(201)["id"],
    });
    let answer = service.post(PATH, STAFF, body).await;
    let data = answer.data(200);
    assert_eq!(data["actionType"], "CHAT_ONLY");
    assert_eq!(data["reason"], "spam 🤖 שלום");
    assert_eq!(data["expiresAt"], "2026-01-15T11:30:00.000Z");
    assert_eq!(data["createdBy"], World::STAFF);
    assert_eq!(
        data["targetUser"]["profilePhoto"]["variants"]["40"],
        "https://cdn.test/photo-40.jpg"
    );
    let event = service.events().await.pop().unwrap();
    let stored: Value = serde_json::from_str(event.data.get()).unwrap();
    assert_eq!(stored["reportId"], report.data(201)["id"]);
}

#[tokio::test]
async fn an_event_remembers_who_sent_the_command_and_how() {
    let service = Service::start().await;
    let request = service
        .request(reqwest::Method::POST, PATH, STAFF)
        .json(&ban_of(World::VIEWER))
        .header("user-agent", "tests/1.0")
        .header("x-platform", "mobile_ios")
        .header("x-app-version", "7.3")
        .header("x-device-id", "device-1")
        .header("x-timezone", "UTC+03:00")
        .header("x-request-id", "req-42");
    Answer::of(request).await.data(200);
    let event = service.events().await.pop().unwrap();
    let mut metadata: Value = serde_json::from_str(event.metadata.get()).unwrap();
    assert!(metadata["commandId"].take().is_string());
    let sealed = metadata["sealed"].clone();
    assert_eq!(
        metadata,
        json!({
            "actor": World::STAFF, "roles": ["moderator"], "dialect": "allmine",
            "platform": "mobile_ios", "appVersion": "7.3", "timezone": "UTC+03:00",
            "correlationId": "req-42", "commandId": null, "occurredAt": NOW, "sealed": sealed,
        })
    );
    // With what somebody acted is told to those who have the key.
    let fields: Vec<_> = sealed.as_object().unwrap().keys().collect();
    assert_eq!(fields, ["clientIp", "deviceId", "userAgent"]);
}

#[tokio::test]
async fn a_ban_is_lifted_once() {
    let service = Service::start().await;
    service.post(PATH, CREATOR, ban_of(World::VIEWER)).await.data(200);
    service.wait(60);
    let answer = service.delete(&one(&viewer_ban(1)), MODERATOR).await;
    let lifted = "2026-01-15T10:31:00.000Z";
    assert_eq!(
        answer.data(200),
        &json!({
            "_id": viewer_ban(1), "targetUserId": World::VIEWER, "targetUser": viewer(),
            "liveStreamId": World::STREAM, "actionType": "BLOCK", "reason": null,
            "createdBy": World::CREATOR, "deletedAt": lifted, "deletedBy": World::MODERATOR,
            "createdAt": NOW, "updatedAt": lifted, "expiresAt": null,
        })
    );
    assert_eq!(answer.header("x-event-position"), "2");
    service.clock.set(NOW.parse().unwrap());
    let again = service.delete(&one(&viewer_ban(1)), MODERATOR).await;
    again.refuses(409, &["the ban has ended already"]);
    assert_eq!(service.event_types().await, ["BanCreated", "BanRevoked"]);
}

#[tokio::test]
async fn after_a_ban_has_ended_a_new_one_counts_on() {
    let service = Service::start().await;
    let mut body = ban_of(World::VIEWER);
    body["durationSeconds"] = json!(10);
    service.post(PATH, CREATOR, body).await.data(200);
    service.wait(10);
    let answer = service.post(PATH, CREATOR, ban_of(World::VIEWER)).await;
    assert_eq!(answer.data(200)["_id"], viewer_ban(2));
    assert_eq!(answer.header("x-event-position"), "3");
    assert_eq!(service.event_types().await, ["BanCreated", "BanRevoked", "BanCreated"]);
    service.clock.set(NOW.parse().unwrap());
    let ended = service.delete(&one(&viewer_ban(1)), CREATOR).await;
    ended.refuses(409, &["the ban has ended already"]);
}

#[tokio::test]
async fn a_second_active_ban_is_refused_whatever_its_type() {
    let service = Service::start().await;
    service.post(PATH, CREATOR, ban_of(World::VIEWER)).await.data(200);
    let mut chat_only = ban_of(World::VIEWER);
    chat_only["actionType"] = json!("CHAT_ONLY");
    let told = format!("this user is banned there already, by ban {}", viewer_ban(1));
    for body in [ban_of(World::VIEWER), chat_only] {
        service.post(PATH, MODERATOR, body).await.refuses(409, &[&told]);
    }
    assert_eq!(service.event_types().await, ["BanCreated"]);
}

#[tokio::test]
async fn who_may_not_ban_hears_nothing_of_the_target() {
    let service = Service::start().await;
    let told = "neither your roles nor your part in the live stream allow this";
    for target in [World::VIEWER, World::CREATOR, World::GONE, "nobody"] {
        for caller in [VIEWER, OTHER_CREATOR, (World::STAFF, &["auditor", "service"][..])] {
            service.post(PATH, caller, ban_of(target)).await.refuses(403, &[told]);
        }
    }
    assert!(service.events().await.is_empty());
}

#[tokio::test]
async fn a_ban_names_what_it_cannot_find_or_may_not_touch() {
    let service = Service::start().await;
    let protected = "the live stream's creator and its moderators cannot be banned there";
    let other_stream = json!({"targetUserId": World::VIEWER, "liveStreamId": "no-such-stream"});
    let own = json!({"targetUserId": World::STAFF, "liveStreamId": World::STREAM});
    let refused: [(Caller, Value, u16, &str); 7] = [
        (VIEWER, other_stream, 404, "liveStreamId: there is no such live stream"),
        (CREATOR, ban_of("nobody"), 404, "targetUserId: there is no such user"),
        (CREATOR, ban_of(World::GONE), 404, "targetUserId: this user no longer exists"),
        (MODERATOR, ban_of(World::CREATOR), 403, protected),
        (STAFF, ban_of(World::MODERATOR), 403, protected),
        (CREATOR, ban_of(World::CREATOR), 403, "nobody can ban themselves"),
        (STAFF, own, 403, "nobody can ban themselves"),
    ];
    for (caller, body, status, error) in refused {
        service.post(PATH, caller, body).await.refuses(status, &[error]);
    }
    assert!(service.events().await.is_empty());
}

#[tokio::test]
async fn the_report_behind_a_ban_must_be_of_that_live_stream() {
    let service = Service::start().await;
    let report = service
        .post(
            &format!("/api/v1/live-stream-reports/{}", World::OTHER_STREAM),
            OTHER_VIEWER,
            json!({"type": "hate_speech"}),
        )
        .await;
    let elsewhere = report.data(201)["id"].clone();
    for id in [elsewhere, json!("0123456789abcdef01230001")] {
        let mut body = ban_of(World::VIEWER);
        body["reportId"] = id;
        let answer = service.post(PATH, STAFF, body.clone()).await;
        answer.refuses(400, &["reportId: there is no such report of this live stream"]);
        let outsider = service.post(PATH, VIEWER, body).await;
        outsider.refuses(403, &["neither your roles nor your part in the live stream allow this"]);
    }
}

#[tokio::test]
async fn who_is_no_staff_cannot_tell_who_has_reported() {
    let service = Service::start().await;
    let path = format!("/api/v1/live-stream-reports/{}", World::STREAM);
    let filed = service.post(&path, OTHER_VIEWER, json!({"type": "hate_speech"})).await;
    let exists = filed.data(201)["id"].clone();
    service.post(PATH, CREATOR, ban_of(World::OTHER_VIEWER)).await.data(200);
    // Whom nobody can ban, who is banned already, who is unknown, whom anybody there could ban.
    let targets = [World::CREATOR, World::OTHER_VIEWER, World::GONE, "nobody", World::VIEWER];
    let asked = targets.into_iter().flat_map(|target| [(CREATOR, target), (MODERATOR, target)]);
    for (caller, target) in asked {
        for id in [&exists, &json!("0123456789abcdef01230001")] {
            let mut body = ban_of(target);
            body["reportId"] = id.clone();
            let answer = service.post(PATH, caller, body).await;
            answer.refuses(400, &["reportId: there is no such report of this live stream"]);
        }
    }
    assert_eq!(service.event_types().await, ["ReportFiled", "BanCreated"]);
}

#[tokio::test]
async fn an_outsider_cannot_tell_which_bans_exist() {
    let service = Service::start().await;
    service.post(PATH, CREATOR, ban_of(World::VIEWER)).await.data(200);
    let told = "neither your roles nor your part in the live stream allow this";
    let ids = [viewer_ban(1), viewer_ban(2), viewer_ban(0), "0123456789abcdef01230001".to_owned()];
    for id in &ids {
        service.delete(&one(id), OTHER_VIEWER).await.refuses(403, &[told]);
    }
    // Who runs a live stream may hear what does not exist, and may still touch only his own.
    service.delete(&one(&ids[0]), OTHER_CREATOR).await.refuses(403, &[told]);
    for caller in [OTHER_CREATOR, MODERATOR, STAFF] {
        service.delete(&one(&ids[3]), caller).await.refuses(404, &["there is no such ban"]);
    }
    for caller in [CREATOR, STAFF] {
        for id in &ids[1..3] {
            service.delete(&one(id), caller).await.refuses(404, &["there is no such ban"]);
        }
    }
    assert_eq!(service.event_types().await, ["BanCreated"]);
}

#[tokio::test]
async fn a_moderator_s_ban_is_lifted_from_above_only() {
    let service = Service::start().await;
    service.post(PATH, CREATOR, ban_of(World::VIEWER)).await.data(200);
    // The platform makes him a moderator while he is banned.
    let promoted = json!({
        "id": World::STREAM, "liveChatId": World::CHAT, "title": World::TITLE, "status": "active",
        "creatorId": World::CREATOR, "moderatorIds": [World::MODERATOR, World::VIEWER], "updatedAt": NOW,
    });
    let path = format!("/internal/v1/live-streams/{}", World::STREAM);
    service.put(&path, SERVICE, promoted).await.data(200);
    let told = "a moderator may not lift a ban that is on another moderator";
    service.delete(&one(&viewer_ban(1)), MODERATOR).await.refuses(403, &[told]);
    service.delete(&one(&viewer_ban(1)), CREATOR).await.data(200);
}

#[tokio::test]
async fn a_malformed_ban_id_is_told() {
    let service = Service::start().await;
    for id in ["x", "0123456789ABCDEF01230001", "0123456789abcdef0123000", "%00%F0%9F%A4%96"] {
        let answer = service.delete(&one(id), VIEWER).await;
        answer.refuses(400, &["id: must be 24 lower-case hexadecimal digits"]);
    }
}

#[tokio::test]
async fn errors_speak_turkish() {
    let service = Service::start().await;
    let turkish = |body: Value, caller| {
        let request = service.request(reqwest::Method::POST, PATH, caller).json(&body);
        Answer::of(request.header("x-language", "tr"))
    };
    turkish(json!({"actionType": "MUTE"}), CREATOR).await.says(
        400,
        &[
            "Doğrulama başarısız oldu",
            "targetUserId: zorunludur",
            "liveStreamId: zorunludur",
            "actionType: şunlardan biri olmalıdır: BLOCK, CHAT_ONLY",
        ],
    );
    turkish(ban_of("nobody"), CREATOR)
        .await
        .says(404, &["Kaynak bulunamadı", "targetUserId: böyle bir kullanıcı yok"]);
    turkish(ban_of(World::VIEWER), VIEWER).await.says(
        403,
        &["Yetersiz yetki", "ne rolleriniz ne de canlı yayındaki göreviniz buna izin veriyor"],
    );
}
