//! A docket that has outgrown PostgreSQL as its log takes its history along.

use eventstore_stand_in::StandIn;
use serde_json::json;

use crate::api::Api;
use crate::support::{Docket, command, data_dir, run};

const BANS: &str = "/api/v1/live-stream-ban";
const REPORTS: &str = "/api/v1/live-stream-reports";

#[tokio::test(flavor = "multi_thread")]
async fn the_history_moves_to_another_engine_and_the_tables_follow() {
    let data_dir = data_dir();
    let folder = data_dir.path().to_str().unwrap();
    let demo = data_dir.path().join("demo.json");
    let docket = Docket::start(data_dir.path()).await;
    let api = Api::of(&demo);
    let (stream, viewer) = (api.id("liveStreamId"), api.id("viewerId"));
    let access = format!("/api/v1/live-streams/{stream}/access/{viewer}");
    let body = json!({"targetUserId": viewer, "liveStreamId": stream, "durationSeconds": 3600});
    let banned = api.post("creator", BANS, &body).await;
    let ban = banned.data()["_id"].as_str().unwrap();
    let spam = json!({"type": "spam_or_scam"});
    let filed = api.post("viewer", &format!("{REPORTS}/{stream}"), &spam).await;
    let report = api.get_after(&filed, "admin", REPORTS).await.data()["list"].clone();
    let locked_out = api.get_after(&filed, "service", &access).await.data().clone();
    assert_eq!(locked_out["banId"], ban);
    assert!(docket.stop().await.success());

    let event_store = StandIn::start().unwrap();
    for told in ["2 events copied, 0 were there already", "0 events copied, 2 were there already"] {
        let arguments = ["copy-log", "--to", &event_store.url, "--data-dir", folder];
        let (status, said, last) = run(&arguments).await;
        assert!(status.success(), "{last}");
        assert_eq!(said.trim(), told);
    }
    let start = |event_log: Option<&str>| {
        let mut command = command(&["--listen", "127.0.0.1:0", "--data-dir", folder]);
        command.envs(event_log.map(|url| ("EVENT_LOG", url)));
        Docket::begin(command, data_dir.path())
    };
    let docket = start(Some(&event_store.url)).await;
    let api = Api::of(&demo);
    assert_eq!(api.get("creator", BANS).await.data()["list"], json!([banned.data()]));
    assert_eq!(api.get("admin", REPORTS).await.data()["list"], report);
    assert_eq!(api.get("service", &access).await.data(), &locked_out);
    let freed = api.delete("creator", &format!("{BANS}/{ban}")).await;
    assert_eq!(api.get_after(&freed, "creator", BANS).await.data()["list"], json!([]));
    assert!(docket.stop().await.success());

    // The old log does not know of that.
    let docket = start(None).await;
    let api = Api::of(&demo);
    assert_eq!(api.get("creator", BANS).await.data()["list"], json!([banned.data()]));
    assert_eq!(api.get("service", &access).await.data(), &locked_out);
    assert!(docket.stop().await.success());
}
