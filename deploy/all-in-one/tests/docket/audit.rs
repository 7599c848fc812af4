//! What auditors are told of all that.

use reqwest::Method;
use reqwest::header::CONTENT_TYPE;
use serde_json::{Value, json};

use crate::api::{Answer, Api};
use crate::set_ups::{Installation, SetUp};

const AUDIT: &str = "/api/v1/audit";

/// The lines of a history, once the command's event is among them.
async fn lines(api: &Api, command: &Answer, path: &str) -> Vec<Value> {
    let position = command.header("x-event-position");
    testing::eventually("the history to be answered", async || {
        let request = api.request("auditor", Method::GET, &format!("{AUDIT}/{path}"));
        let response = request.header("X-Min-Position", position).send().await.unwrap();
        if response.status() == 503 {
            return None;
        }
        assert_eq!(response.status(), 200, "{path}");
        assert_eq!(response.headers()[CONTENT_TYPE], "application/x-ndjson");
        let text = response.text().await.unwrap();
        Some(text.lines().map(|line| serde_json::from_str(line).unwrap()).collect())
    })
    .await
}

fn types(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["type"].as_str().unwrap()).collect()
}

/// A viewer reports, staff looks and bans somebody for it, and lifts the ban.
pub(crate) async fn history_tells_what_happened_and_why(set_up: SetUp) {
    let docket = Installation::start(set_up).await;
    let api = docket.api();
    let (stream, viewer) = (api.id("liveStreamId"), api.id("viewerId"));
    let (bans, reports) = ("/api/v1/live-stream-ban", "/api/v1/live-stream-reports");
    let filed = json!({"type": "spam_or_scam"});
    let filed = api.post("viewer", &format!("{reports}/{stream}"), &filed).await;
    let report = filed.data()["id"].as_str().unwrap();
    let decision = json!({"status": "resolved"});
    let reviewed = api.patch("platformModerator", &format!("{reports}/{report}"), &decision).await;
    let ban = json!({"targetUserId": viewer, "liveStreamId": stream, "reportId": report});
    let banned = api.post("platformModerator", bans, &ban).await;
    let ban = banned.data()["_id"].as_str().unwrap();
    let lifted = api.delete("creator", &format!("{bans}/{ban}")).await;
    let all = ["ReportFiled", "ReportReviewed", "BanCreated", "BanRevoked"];

    // Everything, in order; and what each filter leaves of it.
    let events = lines(&api, &lifted, "events").await;
    assert_eq!(types(&events), all);
    for (filter, expected) in [
        ("type=BanCreated".to_owned(), &all[2..3]),
        (format!("liveStreamId={stream}"), &all),
        (format!("userId={viewer}"), &all),
        (format!("actorId={}", api.id("creatorId")), &all[3..]),
        ("from=2020-01-01".to_owned(), &all),
        ("to=2020-01-01".to_owned(), &[]),
        (format!("after={}", events[1]["position"].as_str().unwrap()), &all[2..]),
    ] {
        let found = lines(&api, &lifted, &format!("events?{filter}")).await;
        assert_eq!(types(&found), expected, "{filter}");
    }
    let creator = lines(&api, &lifted, &format!("users/{}", api.id("creatorId"))).await;
    assert_eq!(types(&creator), [all[0], all[1], all[3]]);

    // Only where positions count bytes is there none between two events.
    if set_up == SetUp::EventStore {
        let first: u64 = events[0]["position"].as_str().unwrap().parse().unwrap();
        let nowhere = format!("{AUDIT}/events?after={}", first + 1);
        let refused = api.get("auditor", &nowhere).await;
        assert_eq!(refused.errors(400)[1], "after: must be the position of an event, or 0");
    }

    // Why, and what it was.
    for (path, own) in
        [(format!("reports/{report}"), &all[..2]), (format!("bans/{ban}"), &all[2..])]
    {
        let told = api.get_after(&lifted, "auditor", &format!("{AUDIT}/{path}")).await;
        let chain = told.data()["chain"].as_array().unwrap();
        let chain: Vec<&Value> = chain.iter().map(|link| &link["event"]).collect();
        assert_eq!(json!(chain), json!(events), "{path}");
        assert_eq!(types(told.data()["events"].as_array().unwrap()), own, "{path}");
    }
    let filed_at = filed.data()["createdAt"].as_str().unwrap();
    let then = format!("{AUDIT}/reports/{report}?at={filed_at}");
    let then = api.get_after(&reviewed, "admin", &then).await;
    assert_eq!(&then.data()["report"], filed.data(), "read is what was answered then");
    let banned_at = banned.data()["createdAt"].as_str().unwrap();
    let then = format!("{AUDIT}/live-streams/{stream}/bans?at={banned_at}");
    let then = api.get_after(&lifted, "auditor", &then).await;
    assert_eq!(then.data()["list"], json!([banned.data()]), "read is what was answered then");

    api.get("platformModerator", &format!("{AUDIT}/events")).await.errors(403);
    assert_on_record(&docket).await;
    docket.stop().await;
}

/// Who asked what is on record.
async fn assert_on_record(docket: &Installation) {
    let (owner, _) = docket.storage().await;
    let routes: Vec<String> =
        sqlx::query_scalar("SELECT DISTINCT route FROM audit.reads WHERE 'auditor' = ANY(roles)")
            .fetch_all(&owner)
            .await
            .unwrap();
    for route in ["events", "users/{id}", "bans/{id}", "reports/{id}", "live-streams/{id}/bans"] {
        assert!(routes.contains(&format!("{AUDIT}/{route}")), "{route}: {routes:?}");
    }
}
