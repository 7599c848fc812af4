//! The feed of a whole docket: live, through kills, many at once, with the official client.

mod client;
mod latency;
pub(crate) mod listener;
mod many;

use serde_json::{Value, json};

use crate::api::Api;
use crate::set_ups::{Installation, SetUp};
use listener::Listener;

const BANS: &str = "/api/v1/live-stream-ban";

/// A ban, or its end: the position that was answered.
async fn ban(api: &Api, user: &str) -> (u64, String) {
    let body = json!({"targetUserId": user, "liveStreamId": api.id("liveStreamId"),
        "reason": "Spam in the chat"});
    let answer = api.post("creator", BANS, &body).await;
    let id = answer.data()["_id"].as_str().unwrap().to_owned();
    (position(answer.header("x-event-position")), id)
}

async fn lift(api: &Api, id: &str) -> u64 {
    let answer = api.delete("creator", &format!("{BANS}/{id}")).await;
    assert!(answer.status.is_success(), "{answer:?}");
    position(answer.header("x-event-position"))
}

fn position(text: &str) -> u64 {
    text.parse().unwrap()
}

pub(crate) async fn what_happens_is_told_through_a_kill_once(set_up: SetUp) {
    let mut docket = Installation::start(set_up).await;
    let api = docket.api();
    let viewer = api.id("viewerId");
    let mut staff = Listener::open(&api, "platformModerator", None).await;
    let mut creator = Listener::open(&api, "creator", None).await;
    let (created, id) = ban(&api, viewer).await;
    for listener in [&mut staff, &mut creator] {
        let (position, name, data) = listener.event().await.unwrap();
        assert_eq!((position, name.as_str()), (created, "BanCreated"));
        assert_eq!(data["data"]["banId"], json!(id));
        assert_eq!(data["data"]["reason"], "Spam in the chat");
        assert_eq!(data["actor"], api.id("creatorId"));
        assert_eq!(data["liveStreamId"], api.id("liveStreamId"));
    }
    let revoked = lift(&api, &id).await;
    let filed = json!({"type": "spam_or_scam", "description": "Links"});
    let path = format!("/api/v1/live-stream-reports/{}", api.id("liveStreamId"));
    let filed = api.post("viewer", &path, &filed).await;
    let filed = position(filed.header("x-event-position"));
    assert_eq!(creator.position_of_next().await, revoked);
    assert_eq!(staff.position_of_next().await, revoked);
    assert_eq!(staff.event().await.unwrap().2["data"]["description"], "Links");

    // What nobody has heard when it dies is in the log, and so is what happens before they are back.
    docket.kill(2).await;
    assert!(staff.event().await.is_none() && creator.event().await.is_none());
    docket.begin().await;
    let api = docket.api();
    let (missed, id) = ban(&api, viewer).await;
    let mut staff = Listener::open(&api, "platformModerator", Some(revoked)).await;
    let mut creator = Listener::open(&api, "creator", Some(revoked)).await;
    let revoked = lift(&api, &id).await;
    for expected in [filed, missed, revoked] {
        assert_eq!(staff.position_of_next().await, expected);
    }
    for expected in [missed, revoked] {
        assert_eq!(creator.position_of_next().await, expected);
    }
    all_of_history_is_told(&api, revoked).await;
    docket.stop().await;
}

/// From the beginning, to whoever has seen nothing.
async fn all_of_history_is_told(api: &Api, last: u64) {
    let mut staff = Listener::open(api, "platformModerator", Some(0)).await;
    let mut names = vec![];
    loop {
        let (position, name, _): (u64, String, Value) = staff.event().await.unwrap();
        names.push(name);
        if position == last {
            break;
        }
    }
    assert_eq!(names, ["BanCreated", "BanRevoked", "ReportFiled", "BanCreated", "BanRevoked"]);
}
