//! What a stranger does first: start it, paste what it prints, stop it, start it again.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use crate::support::{Docket, data_dir};
use serde_json::{Value, json};

/// Runs the printed command lines in a shell, in order, and answers what they print.
fn paste(docket: &Docket) -> Vec<Value> {
    let lines = docket.printed.lines().filter(|line| line.starts_with("curl "));
    let pasted = lines.map(|line| {
        let output = Command::new("bash").args(["-c", line]).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    });
    pasted.collect()
}

/// The ids of the bans that are in force on the demonstration's live stream.
async fn active_bans(docket: &Docket) -> Vec<String> {
    let demo = docket.demo();
    let live_stream = demo["liveStreamId"].as_str().unwrap();
    let path = format!("/api/v1/live-stream-ban?liveStreamId={live_stream}");
    let (status, body) = docket.get("creator", &path).await;
    assert_eq!(status, 200, "{body}");
    let bans = body["data"]["list"].as_array().unwrap();
    bans.iter().map(|ban| ban["_id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn the_printed_lines_ban_and_the_bans_outlive_a_stop_and_a_kill() {
    let data_dir = data_dir();
    let docket = Docket::start(data_dir.path()).await;
    let pasted = paste(&docket);
    let [allmine, youtube] = pasted.as_slice() else { panic!("not two lines: {pasted:?}") };
    assert_eq!(allmine["statusCode"], 200, "{allmine}");
    assert_eq!(allmine["data"]["liveStreamId"], docket.demo()["liveStreamId"]);
    assert_eq!(youtube["kind"], "youtube#liveChatBan", "{youtube}");
    assert_eq!(youtube["snippet"]["banDurationSeconds"], "300");
    let mut made =
        [&allmine["data"]["_id"], &youtube["id"]].map(|id| id.as_str().unwrap().to_owned());
    made.sort();

    assert!(docket.stop().await.success());
    let docket = Docket::start(data_dir.path()).await;
    // The tables may still be a moment behind the log.
    testing::eventually("both bans in the list", async || {
        let mut found = active_bans(&docket).await;
        found.sort();
        (found == made).then_some(())
    })
    .await;

    let key = |printed: &str| {
        let line = printed.lines().find(|line| line.contains("Log key")).unwrap();
        line.split_whitespace().nth(2).unwrap().to_owned()
    };
    let public = key(&docket.printed);
    assert!(public.starts_with("localhost/docket-"), "{public}");
    docket.kill().await;
    let docket = Docket::start(data_dir.path()).await;
    assert_eq!(key(&docket.printed), public);
    let again = paste(&docket);
    assert_eq!(again[0]["statusCode"], 409, "still in force: {}", again[0]);
    let successor = again[1]["id"].as_str().unwrap();
    assert_ne!(again[1]["id"], youtube["id"], "the new ban takes the place of the old");
    assert!(successor.starts_with(&youtube["id"].as_str().unwrap()[..20]), "{successor}");
    assert!(docket.stop().await.success());
}

#[tokio::test]
async fn scripts_find_what_they_need_in_demo_json() {
    let data_dir = data_dir();
    let docket = Docket::start(data_dir.path()).await;
    let file = data_dir.path().join("demo.json");
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let demo = docket.demo();
    let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(
        keys(&demo),
        [
            "baseUrl",
            "creatorChannelId",
            "creatorId",
            "dashboard",
            "liveChatId",
            "liveStreamId",
            "metricsUrl",
            "streamModeratorId",
            "tokens",
            "viewerChannelId",
            "viewerId",
        ]
    );
    assert_eq!(demo["baseUrl"], docket.base_url);
    let ban_list = "/api/v1/live-stream-ban";
    let queue = "/api/v1/live-stream-reports";
    let own = "/api/v1/live-stream-reports/my-reports";
    let live_stream = demo["liveStreamId"].as_str().unwrap();
    let check = format!(
        "{ban_list}/check/{}?liveStreamId={live_stream}",
        demo["viewerId"].as_str().unwrap()
    );
    let mut answers = serde_json::Map::new();
    for part in keys(&demo["tokens"]) {
        let mut statuses = vec![];
        for path in [ban_list, queue, own, &check] {
            statuses.push(docket.get(&part, path).await.0);
        }
        answers.insert(part, json!(statuses));
    }
    assert_eq!(
        Value::Object(answers),
        json!({
            "admin": [200, 200, 200, 200],
            "auditor": [403, 403, 200, 403],
            "creator": [200, 403, 200, 200],
            "platformModerator": [200, 200, 200, 200],
            "service": [403, 403, 200, 200],
            "streamModerator": [200, 403, 200, 200],
            "viewer": [403, 403, 200, 200],
        })
    );
    let metrics = reqwest::get(demo["metricsUrl"].as_str().unwrap()).await.unwrap();
    assert!(metrics.text().await.unwrap().contains("docket_uptime_seconds "));
    let docs = reqwest::get(format!("{}/docs/", docket.base_url)).await.unwrap();
    assert_eq!(docs.status(), 200);
    assert!(docket.stop().await.success());
}
