//! EventStoreDB is away.

use eventstore_stand_in::StandIn;
use serde_json::json;

use crate::api::Api;
use crate::support::{Docket, command, data_dir};

const BANS: &str = "/api/v1/live-stream-ban";

#[tokio::test(flavor = "multi_thread")]
async fn commands_are_put_off_and_queries_answered() {
    let data_dir = data_dir();
    let event_store = StandIn::start().unwrap();
    let mut command = command(&["--listen", "127.0.0.1:0", "--data-dir"]);
    command.arg(data_dir.path()).env("EVENT_LOG", &event_store.url);
    let docket = Docket::begin(command, data_dir.path()).await;
    let api = Api::of(&data_dir.path().join("demo.json"));
    let (stream, viewer) = (api.id("liveStreamId"), api.id("viewerId"));
    let access = format!("/api/v1/live-streams/{stream}/access/{viewer}");
    let body = json!({"targetUserId": viewer, "liveStreamId": stream});
    let banned = api.post("creator", BANS, &body).await;
    let id = banned.data()["_id"].as_str().unwrap();
    api.get_after(&banned, "creator", BANS).await.data();

    event_store.refuse().await;
    // From memory, which is not too old yet.
    assert_eq!(api.get("service", &access).await.data()["banId"], id);
    let put_off = api.delete("creator", &format!("{BANS}/{id}")).await;
    assert_eq!(put_off.errors(503), ["Service temporarily unavailable"]);
    assert_eq!(put_off.header("retry-after"), "1");
    let chat = format!("/youtube/v3/liveChat/bans?id={id}");
    let put_off = api.delete("creator", &chat).await;
    assert_eq!(put_off.reason(503).0, "backendError");
    assert_eq!(api.get("creator", BANS).await.data()["list"], json!([banned.data()]));

    event_store.accept().await.unwrap();
    let freed = testing::eventually("commands to be taken again", async || {
        let answer = api.delete("creator", &format!("{BANS}/{id}")).await;
        (answer.status != 503).then_some(answer)
    })
    .await;
    assert_eq!(freed.data()["deletedBy"], api.id("creatorId"));
    assert_eq!(api.get_after(&freed, "creator", BANS).await.data()["list"], json!([]));
    assert!(docket.stop().await.success());
}
