//! Looking after a whole Docket while it runs.

use serde_json::json;

use crate::set_ups::{Installation, SetUp};

pub(crate) async fn tables_are_verified_and_rebuilt_beside_it(set_up: SetUp) {
    let docket = Installation::start(set_up).await;
    let api = docket.api();
    let (stream, viewer) = (api.id("liveStreamId"), api.id("viewerId"));
    let body = json!({"targetUserId": viewer, "liveStreamId": stream});
    let bans = "/api/v1/live-stream-ban";
    let banned = api.post("creator", bans, &body).await;
    let spam = json!({"type": "spam_or_scam"});
    let filed = api.post("viewer", &format!("/api/v1/live-stream-reports/{stream}"), &spam).await;
    let id = banned.data()["_id"].as_str().unwrap();
    for arguments in [&["verify"][..], &["rebuild", "all"], &["retry-parked"], &["verify"]] {
        let (succeeded, last) = docket.run(arguments).await;
        assert!(succeeded, "{arguments:?}: {last}");
    }
    let listed = api.get_after(&filed, "creator", bans).await;
    assert_eq!(listed.data()["list"], json!([banned.data()]));
    let freed = api.delete("creator", &format!("{bans}/{id}")).await;
    let listed = api.get_after(&freed, "creator", bans).await;
    assert_eq!(listed.data()["list"], json!([]));
    docket.stop().await;
}
