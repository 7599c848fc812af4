//! Event streams that hold what they should not.

use event_log::{EventLog, Expected, NewEvent};
use serde_json::value::to_raw_value;
use serde_json::{Value, json};
use testing::World;
use ulid::Ulid;

use crate::support::*;

const BANS: &str = "/api/v1/live-stream-ban";
const CHAT_BANS: &str = "/youtube/v3/liveChat/bans?part=id";

/// Puts an event into the stream of the viewer's bans.
async fn plant(service: &Service, event: NewEvent) {
    let stream = format!("ban-{}", &viewer_ban(1)[..20]);
    service.log.append(&stream, Expected::NoStream, vec![event]).await.unwrap();
}

async fn bans_of_the_viewer(service: &Service) -> [Answer; 2] {
    let ban = json!({"targetUserId": World::VIEWER, "liveStreamId": World::STREAM});
    let chat_ban = json!({"snippet": {"liveChatId": World::CHAT, "type": "permanent",
        "bannedUserDetails": {"channelId": World::VIEWER_CHANNEL}}});
    [service.post(BANS, CREATOR, ban).await, service.post(CHAT_BANS, CREATOR, chat_ban).await]
}

#[tokio::test]
async fn a_stream_of_another_pair_is_never_written_to() {
    let service = Service::start().await;
    let other = json!({"targetUserId": World::OTHER_VIEWER, "liveStreamId": World::STREAM});
    service.post(BANS, CREATOR, other).await.data(200);
    // As if the ids of both viewers hashed alike.
    let foreign = service.events().await.remove(0);
    let mut metadata: Value = serde_json::from_str(foreign.metadata.get()).unwrap();
    // What is sealed opens in its own event only.
    metadata.as_object_mut().unwrap().remove("sealed");
    let event = NewEvent {
        id: Ulid::from(7_u128),
        event_type: foreign.event_type,
        schema_version: foreign.schema_version,
        data: foreign.data,
        metadata: to_raw_value(&metadata).unwrap(),
    };
    plant(&service, event).await;
    let told = "the record kept under this id belongs to another user or live stream";
    let [ban, chat_ban] = bans_of_the_viewer(&service).await;
    ban.refuses(409, &[told]);
    chat_ban.fails(409, Some("ABORTED"), &[("youtube.liveChat", "conflict", None, told)]);
    assert_eq!(service.events().await.len(), 2);
}

#[tokio::test]
async fn a_stream_that_cannot_be_read_is_our_fault_and_no_detail_gets_out() {
    let service = Service::start().await;
    let event = NewEvent {
        id: Ulid::from(7_u128),
        event_type: "BanFromTheFuture".to_owned(),
        schema_version: 9,
        data: to_raw_value(&json!({})).unwrap(),
        metadata: to_raw_value(&json!({})).unwrap(),
    };
    plant(&service, event).await;
    let [ban, chat_ban] = bans_of_the_viewer(&service).await;
    ban.refuses(500, &[]);
    let item = ("global", "backendError", None, "Internal server error");
    chat_ban.fails(500, Some("INTERNAL"), &[item]);
    assert_eq!(service.events().await.len(), 1);
}
