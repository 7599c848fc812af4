//! `Idempotency-Key`: the same command twice is one command.

use reqwest::Method;
use serde_json::{Value, json};
use testing::World;

use crate::support::*;

const BANS: &str = "/api/v1/live-stream-ban";
const CHAT_BANS: &str = "/youtube/v3/liveChat/bans?part=id,snippet";

fn ban_of(target: &str) -> Value {
    json!({"targetUserId": target, "liveStreamId": World::STREAM})
}

fn chat_ban(kind: &str) -> Value {
    json!({"snippet": {"liveChatId": World::CHAT, "type": kind,
        "bannedUserDetails": {"channelId": World::VIEWER_CHANNEL}}})
}

impl Service {
    async fn keyed(&self, method: Method, path: &str, caller: Caller, body: Value) -> Answer {
        let request = self.request(method, path, caller).header("idempotency-key", "key 1");
        Answer::of(request.json(&body)).await
    }
}

/// `again` is `first`, answered once more.
fn is_replay(again: &Answer, first: &Answer) {
    assert_eq!((again.status, &again.body["data"]), (first.status, &first.body["data"]));
    assert_eq!(again.header("x-event-position"), first.header("x-event-position"));
    assert_eq!(first.header("idempotency-replayed"), "");
    assert_eq!(again.header("idempotency-replayed"), "true");
}

#[tokio::test]
async fn a_ban_is_answered_again_as_it_was_whatever_came_since() {
    let service = Service::start().await;
    let first = service.keyed(Method::POST, BANS, CREATOR, ban_of(World::VIEWER)).await;
    service.wait(60);
    service.delete(&format!("{BANS}/{}", viewer_ban(1)), CREATOR).await.data(200);
    service.post(BANS, CREATOR, ban_of(World::VIEWER)).await.data(200);
    let before = service.events().await.len();
    let again = service.keyed(Method::POST, BANS, CREATOR, ban_of(World::VIEWER)).await;
    is_replay(&again, &first);
    assert_eq!(again.data(200)["_id"], viewer_ban(1));
    assert_eq!(again.data(200)["deletedAt"], Value::Null);
    assert_eq!(service.events().await.len(), before);
}

#[tokio::test]
async fn a_temporary_ban_that_ran_out_is_answered_as_it_was() {
    let service = Service::start().await;
    let mut body = ban_of(World::VIEWER);
    body["durationSeconds"] = json!(10);
    let first = service.keyed(Method::POST, BANS, CREATOR, body.clone()).await;
    service.wait(60);
    let again = service.keyed(Method::POST, BANS, CREATOR, body).await;
    is_replay(&again, &first);
}

#[tokio::test]
async fn every_command_takes_a_key() {
    let service = Service::start().await;
    let report = format!("/api/v1/live-stream-reports/{}", World::STREAM);
    let body = json!({"type": "spam_or_scam"});
    let filed = service.keyed(Method::POST, &report, VIEWER, body.clone()).await;
    let id = filed.data(201)["id"].as_str().unwrap().to_owned();
    let review = format!("/api/v1/live-stream-reports/{id}");
    let decision = json!({"status": "resolved", "adminNotes": "done"});
    let reviewed = service.keyed(Method::PATCH, &review, STAFF, decision.clone()).await;
    reviewed.data(200);
    is_replay(&service.keyed(Method::POST, &report, VIEWER, body).await, &filed);
    is_replay(&service.keyed(Method::PATCH, &review, STAFF, decision).await, &reviewed);

    service.post(BANS, CREATOR, ban_of(World::VIEWER)).await.data(200);
    let path = format!("{BANS}/{}", viewer_ban(1));
    let lifted = service.keyed(Method::DELETE, &path, CREATOR, Value::Null).await;
    lifted.data(200);
    is_replay(&service.keyed(Method::DELETE, &path, CREATOR, Value::Null).await, &lifted);
    let types = service.event_types().await;
    assert_eq!(types, ["ReportFiled", "ReportReviewed", "BanCreated", "BanRevoked"]);
}

#[tokio::test]
async fn superseding_is_answered_again_with_both_events() {
    let service = Service::start().await;
    service.post(CHAT_BANS, CREATOR, chat_ban("temporary")).await;
    let first = service.keyed(Method::POST, CHAT_BANS, CREATOR, chat_ban("permanent")).await;
    let again = service.keyed(Method::POST, CHAT_BANS, CREATOR, chat_ban("permanent")).await;
    is_replay(&again, &first);
    assert_eq!(again.body, first.body);
    assert_eq!(again.header("x-event-position"), "3");
    let path = format!("/youtube/v3/liveChat/bans?id={}", viewer_ban(2));
    let request = |key| {
        let request = service.request(Method::DELETE, &path, CREATOR);
        Answer::of(request.header("idempotency-key", key))
    };
    let lifted = request("key 2").await;
    assert_eq!(lifted.status, 204);
    is_replay(&request("key 2").await, &lifted);
}

#[tokio::test]
async fn the_same_key_with_another_request_is_refused() {
    let service = Service::start().await;
    service.keyed(Method::POST, BANS, CREATOR, ban_of(World::VIEWER)).await.data(200);
    let mut other_terms = ban_of(World::VIEWER);
    other_terms["reason"] = json!("another");
    let mut other_stream = ban_of(World::VIEWER);
    other_stream["liveStreamId"] = json!(World::OTHER_STREAM);
    let others = [other_terms, ban_of(World::OTHER_VIEWER)];
    for body in others {
        service.keyed(Method::POST, BANS, CREATOR, body).await.refuses(422, &[]);
    }
    let path = format!("{BANS}/{}", viewer_ban(1));
    service.keyed(Method::DELETE, &path, CREATOR, Value::Null).await.refuses(422, &[]);
    let told = "Idempotency-Key was used with another request";
    let item = ("global", "idempotencyKeyReused", None, told);
    let answer = service.keyed(Method::POST, CHAT_BANS, CREATOR, chat_ban("permanent")).await;
    answer.fails(422, Some("INVALID_ARGUMENT"), &[item]);
    assert_eq!(service.event_types().await, ["BanCreated"]);
}

#[tokio::test]
async fn a_key_is_its_caller_s_own() {
    let service = Service::start().await;
    service.keyed(Method::POST, BANS, CREATOR, ban_of(World::VIEWER)).await.data(200);
    let answer = service.keyed(Method::POST, BANS, MODERATOR, ban_of(World::OTHER_VIEWER)).await;
    answer.data(200);
    assert_eq!(answer.header("idempotency-replayed"), "");
}

#[tokio::test]
async fn a_request_is_the_same_however_its_json_is_written() {
    let service = Service::start().await;
    let first = service.keyed(Method::POST, BANS, CREATOR, ban_of(World::VIEWER)).await;
    let body = format!(
        "{{ \"actionType\": \"BLOCK\", \"reason\": \" \", \"liveStreamId\": \"{}\",\n \"targetUserId\": \"{}\" }}",
        World::STREAM,
        World::VIEWER,
    );
    let request = service.request(Method::POST, BANS, CREATOR).header("idempotency-key", "key 1");
    let request = request.header("content-type", "application/json").body(body);
    is_replay(&Answer::of(request).await, &first);
}

#[tokio::test]
async fn what_was_refused_is_not_remembered() {
    let service = Service::start().await;
    let path = format!("{BANS}/{}", viewer_ban(1));
    let answer = service.keyed(Method::DELETE, &path, CREATOR, Value::Null).await;
    answer.refuses(404, &["there is no such ban"]);
    service.post(BANS, CREATOR, ban_of(World::VIEWER)).await.data(200);
    service.keyed(Method::DELETE, &path, CREATOR, Value::Null).await.data(200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_at_once_one_appends_and_all_get_its_answer() {
    let service = Service::start().await;
    let sent = (0..32).map(|_| service.keyed(Method::POST, BANS, CREATOR, ban_of(World::VIEWER)));
    let answers = futures_util::future::join_all(sent).await;
    let fresh = answers.iter().filter(|answer| answer.header("idempotency-replayed").is_empty());
    assert_eq!(fresh.count(), 1);
    for answer in &answers {
        assert_eq!(answer.data(200), answers[0].data(200));
        assert_eq!(answer.header("x-event-position"), "1");
    }
    assert_eq!(service.event_types().await, ["BanCreated"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_different_ones_at_once_under_one_key_one_succeeds() {
    let service = Service::start().await;
    let targets = [World::VIEWER, World::OTHER_VIEWER, World::STAFF, World::OTHER_CREATOR];
    let sent = targets
        .iter()
        .cycle()
        .take(32)
        .map(|target| service.keyed(Method::POST, BANS, CREATOR, ban_of(target)));
    let answers = futures_util::future::join_all(sent).await;
    let created = &service.events().await;
    assert_eq!(created.len(), 1);
    let created: Value = serde_json::from_str(created[0].data.get()).unwrap();
    for (answer, target) in answers.iter().zip(targets.iter().cycle()) {
        if created["targetUserId"] == *target {
            assert_eq!(answer.data(200)["_id"], created["banId"]);
        } else {
            answer.refuses(422, &[]);
        }
    }
}
