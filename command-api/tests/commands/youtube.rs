//! `/youtube/v3/liveChat/bans`

use serde_json::{Value, json};
use testing::World;

use crate::support::*;

pub(crate) const INSERT: &str = "/youtube/v3/liveChat/bans?part=snippet,id";
pub(crate) const DELETE: &str = "/youtube/v3/liveChat/bans?id=";

pub(crate) fn ban(kind: &str) -> Value {
    json!({"snippet": {"liveChatId": World::CHAT, "type": kind,
        "bannedUserDetails": {"channelId": World::VIEWER_CHANNEL}}})
}

pub(crate) fn temporary(seconds: Value) -> Value {
    let mut body = ban("temporary");
    body["snippet"]["banDurationSeconds"] = seconds;
    body
}

fn resource(ordinal: u16, etag: &Value, seconds: Option<&str>) -> Value {
    let mut resource = json!({
        "kind": "youtube#liveChatBan", "etag": etag, "id": viewer_ban(ordinal),
        "snippet": {
            "liveChatId": World::CHAT, "type": "permanent",
            "bannedUserDetails": {
                "channelId": World::VIEWER_CHANNEL,
                "channelUrl": format!("https://www.youtube.com/channel/{}", World::VIEWER_CHANNEL),
                "displayName": "Vera Schau",
            },
        },
    });
    if let Some(seconds) = seconds {
        resource["snippet"]["type"] = json!("temporary");
        resource["snippet"]["banDurationSeconds"] = json!(seconds);
    }
    resource
}

#[tokio::test]
async fn a_permanent_ban_is_inserted_and_answered_whole() {
    let service = Service::start().await;
    let answer = service.post(INSERT, CREATOR, ban("permanent")).await;
    assert_eq!(answer.status, 200);
    let etag = &answer.body["etag"];
    assert_eq!(answer.body, resource(1, etag, None));
    assert_eq!(etag.as_str().unwrap().len(), 27);
    assert_eq!(answer.header("etag"), format!("\"{}\"", etag.as_str().unwrap()));
    assert_eq!(answer.header("content-type"), "application/json; charset=UTF-8");
    assert_eq!(answer.header("x-event-position"), "1");
}

#[tokio::test]
async fn a_temporary_ban_takes_numbers_and_digits_and_answers_digits() {
    let service = Service::start().await;
    for (nth, (given, answered)) in [
        (Value::Null, "300"),
        (json!(60), "60"),
        (json!("90"), "90"),
        (json!(31_536_000), "31536000"),
    ]
    .into_iter()
    .enumerate()
    {
        let answer = service.post(INSERT, MODERATOR, temporary(given)).await;
        let ordinal = u16::try_from(nth).unwrap() + 1;
        assert_eq!(answer.body, resource(ordinal, &answer.body["etag"], Some(answered)));
    }
}

#[tokio::test]
async fn both_dialects_see_one_ban() {
    let service = Service::start().await;
    service.post(INSERT, CREATOR, temporary(json!(60))).await;
    let body = json!({"targetUserId": World::VIEWER, "liveStreamId": World::STREAM});
    let told = format!("this user is banned there already, by ban {}", viewer_ban(1));
    service.post("/api/v1/live-stream-ban", CREATOR, body).await.refuses(409, &[&told]);
    let path = format!("/api/v1/live-stream-ban/{}", viewer_ban(1));
    let lifted = service.delete(&path, CREATOR).await;
    assert_eq!(lifted.data(200)["actionType"], "CHAT_ONLY");
    assert_eq!(lifted.data(200)["expiresAt"], "2026-01-15T10:31:00.000Z");
}

#[tokio::test]
async fn over_a_permanent_ban_an_insert_changes_nothing() {
    let service = Service::start().await;
    let first = service.post(INSERT, CREATOR, ban("permanent")).await;
    service
        .post(
            INSERT,
            CREATOR,
            json!({"snippet": {"liveChatId": World::CHAT, "type": "permanent",
        "bannedUserDetails": {"channelId": World::OTHER_VIEWER}}}),
        )
        .await;
    service.wait(60);
    for body in [ban("permanent"), temporary(json!(5))] {
        let again = service.post(INSERT, MODERATOR, body).await;
        assert_eq!((again.status, &again.body), (200, &first.body));
        assert_eq!(again.header("x-event-position"), "1");
    }
    assert_eq!(service.event_types().await, ["BanCreated", "BanCreated"]);
}

#[tokio::test]
async fn a_temporary_ban_is_superseded_in_one_append() {
    let service = Service::start().await;
    service.post(INSERT, CREATOR, temporary(json!(60))).await;
    let answer = service.post(INSERT, MODERATOR, ban("permanent")).await;
    assert_eq!(answer.body, resource(2, &answer.body["etag"], None));
    assert_eq!(answer.header("x-event-position"), "3");
    let events = service.events().await;
    let data: Vec<Value> =
        events.iter().map(|event| serde_json::from_str(event.data.get()).unwrap()).collect();
    assert_eq!(data[1], json!({"banId": viewer_ban(1), "cause": "superseded"}));
    assert_eq!(data[2]["banId"], viewer_ban(2));
    let command = |nth: usize| -> Value {
        let metadata: Value = serde_json::from_str(events[nth].metadata.get()).unwrap();
        metadata["commandId"].clone()
    };
    assert_eq!(command(1), command(2));
    assert_ne!(command(0), command(1));
    assert_eq!(events.iter().map(|event| event.version).collect::<Vec<_>>(), [1, 2, 3]);
}

#[tokio::test]
async fn many_inserts_over_one_temporary_ban_supersede_one_another() {
    let service = Service::start().await;
    service.post(INSERT, CREATOR, temporary(json!(60))).await;
    let inserts = (0..64).map(|_| service.post(INSERT, MODERATOR, temporary(json!(90))));
    let answers = futures_util::future::join_all(inserts).await;
    assert!(answers.iter().all(|answer| answer.status == 200));
    let types = service.event_types().await;
    assert_eq!(types[0], "BanCreated");
    assert_eq!(types.len(), 1 + 2 * 64);
    assert!(types[1..].chunks(2).all(|pair| pair == ["BanRevoked", "BanCreated"]));
}

#[tokio::test]
async fn a_ban_is_deleted_once() {
    let service = Service::start().await;
    service.post(INSERT, CREATOR, ban("permanent")).await;
    let path = format!("{DELETE}{}", viewer_ban(1));
    let answer = service.delete(&path, MODERATOR).await;
    assert_eq!((answer.status, &answer.body), (204, &Value::Null));
    assert_eq!(answer.header("x-event-position"), "2");
    let item = ("youtube.liveChat", "liveChatBanNotFound", None, "the ban has ended already");
    service.delete(&path, MODERATOR).await.fails(404, Some("NOT_FOUND"), &[item]);
}

#[tokio::test]
async fn a_ban_that_ran_out_is_not_found() {
    let service = Service::start().await;
    service.post(INSERT, CREATOR, temporary(json!(60))).await;
    service.wait(60);
    let item = ("youtube.liveChat", "liveChatBanNotFound", None, "the ban has ended already");
    let answer = service.delete(&format!("{DELETE}{}", viewer_ban(1)), CREATOR).await;
    answer.fails(404, Some("NOT_FOUND"), &[item]);
    assert_eq!(service.event_types().await, ["BanCreated"]);
}
