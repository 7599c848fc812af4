//! The main job from end to end: a ban and a report, in both dialects and both languages.

use reqwest::Method;
use serde_json::{Value, json};

use crate::api::{Api, answer};
use crate::set_ups::{Installation, SetUp};

const BANS: &str = "/api/v1/live-stream-ban";
const CHAT_BANS: &str = "/youtube/v3/liveChat/bans?part=id,snippet";

fn chat_ban(api: &Api, duration: Option<Value>) -> Value {
    let mut snippet = json!({
        "liveChatId": api.id("liveChatId"),
        "type": if duration.is_some() { "temporary" } else { "permanent" },
        "bannedUserDetails": {"channelId": api.id("viewerChannelId")},
    });
    if let Some(seconds) = duration.filter(|seconds| !seconds.is_null()) {
        snippet["banDurationSeconds"] = seconds;
    }
    json!({ "snippet": snippet })
}

fn ids(list: &Value) -> Vec<&str> {
    list["list"].as_array().unwrap().iter().map(|ban| ban["_id"].as_str().unwrap()).collect()
}

pub(crate) async fn a_ban_goes_through_both_dialects(set_up: SetUp) {
    let docket = Installation::start(set_up).await;
    let api = docket.api();
    let (stream, viewer) = (api.id("liveStreamId"), api.id("viewerId"));
    let body = json!({"targetUserId": viewer, "liveStreamId": stream, "reason": "spam"});
    let check = format!("{BANS}/check/{viewer}?liveStreamId={stream}");
    let access = format!("/api/v1/live-streams/{stream}/access/{viewer}");

    // The creator bans the viewer, and everybody who asks after that hears it.
    let banned = api.post("creator", BANS, &body).await;
    let ban = banned.data().clone();
    let id = ban["_id"].as_str().unwrap();
    assert_eq!(ban["actionType"], "BLOCK");
    assert_eq!(ban["targetUser"]["_id"], viewer);
    assert_eq!(ban["createdBy"], api.id("creatorId"));
    let listed = api.get_after(&banned, "creator", BANS).await;
    assert_eq!(listed.data()["list"], json!([ban]), "read is what was answered");
    let checked = api.get_after(&banned, "viewer", &check).await;
    assert_eq!(checked.data(), &json!({"isBanned": true, "ban": ban}));
    let locked_out = json!({"canWatch": false, "canChat": false, "banId": id, "until": null});
    assert_eq!(api.get_after(&banned, "service", &access).await.data(), &locked_out);

    // Once more is a conflict, in the caller's language.
    let again = api.post("streamModerator", BANS, &body).await;
    let english = "Resource already exists or cannot be changed in its current state";
    assert_eq!(again.errors(409)[0], english);
    let turkish = api.request("creator", Method::POST, BANS).header("X-Language", "tr");
    let turkish = answer(turkish.json(&body)).await;
    assert_eq!(turkish.errors(409).len(), again.errors(409).len());
    for (turkish, english) in turkish.errors(409).iter().zip(again.errors(409)) {
        assert_ne!(turkish, &english);
    }

    // To YouTube's clients a permanent ban is there already.
    let same = api.post("creator", CHAT_BANS, &chat_ban(&api, None)).await;
    assert_eq!((same.status.as_u16(), &same.body["id"]), (200, &json!(id)));
    assert_eq!(same.header("etag").trim_matches('"'), same.body["etag"]);
    assert_eq!(
        (&same.body["snippet"]["type"], &same.body["snippet"]["banDurationSeconds"]),
        (&json!("permanent"), &Value::Null)
    );

    // It is freed once.
    let freed = api.delete("streamModerator", &format!("{BANS}/{id}")).await;
    assert_eq!(freed.data()["deletedBy"], api.id("streamModeratorId"));
    assert_eq!(freed.data()["updatedAt"], freed.data()["deletedAt"]);
    let free = api.get_after(&freed, "viewer", &check).await;
    assert_eq!(free.data(), &json!({"isBanned": false, "ban": null}));
    let open = json!({"canWatch": true, "canChat": true, "banId": null, "until": null});
    assert_eq!(api.get_after(&freed, "service", &access).await.data(), &open);
    let read = api.get_after(&freed, "creator", &format!("{BANS}/{id}")).await;
    assert_eq!(read.data(), freed.data(), "read is what was answered");
    api.delete("creator", &format!("{BANS}/{id}")).await.errors(409);
    let gone = api.delete("creator", &format!("/youtube/v3/liveChat/bans?id={id}")).await;
    assert_eq!(gone.reason(404), ("liveChatBanNotFound", "youtube.liveChat"));
    docket.stop().await;
}

pub(crate) async fn a_chat_ban_is_seen_in_the_other_dialect(set_up: SetUp) {
    let docket = Installation::start(set_up).await;
    let api = docket.api();
    let (stream, viewer) = (api.id("liveStreamId"), api.id("viewerId"));
    let check = format!("{BANS}/check/{viewer}?liveStreamId={stream}");
    let access = format!("/api/v1/live-streams/{stream}/access/{viewer}");

    let first = api.post("creator", CHAT_BANS, &chat_ban(&api, Some(Value::Null))).await;
    assert_eq!(first.body["snippet"]["banDurationSeconds"], "300");
    let first_id = first.body["id"].as_str().unwrap();
    let checked = api.get_after(&first, "viewer", &check).await;
    let ban = &checked.data()["ban"];
    assert_eq!((&ban["_id"], &ban["actionType"]), (&json!(first_id), &json!("CHAT_ONLY")));
    let answered = api.get_after(&first, "service", &access).await;
    let quiet = json!({
        "canWatch": true, "canChat": false, "banId": first_id, "until": ban["expiresAt"]
    });
    assert_eq!(answered.data(), &quiet);

    // A new one takes the place of a temporary one, in one step.
    let second = api.post("streamModerator", CHAT_BANS, &chat_ban(&api, Some(json!(600)))).await;
    assert_eq!(second.body["snippet"]["banDurationSeconds"], "600");
    let second_id = second.body["id"].as_str().unwrap();
    let all = format!("{BANS}?targetUserId={viewer}&status=all");
    let all = api.get_after(&second, "creator", &all).await;
    assert_eq!(ids(all.data()), [second_id, first_id]);
    assert_eq!(ids(api.get("creator", BANS).await.data()), [second_id]);

    let delete = format!("/youtube/v3/liveChat/bans?id={second_id}");
    let deleted = api.delete("creator", &delete).await;
    assert_eq!((deleted.status.as_u16(), &deleted.body), (204, &Value::Null));
    let free = api.get_after(&deleted, "viewer", &check).await;
    assert_eq!(free.data()["isBanned"], false);
    docket.stop().await;
}

pub(crate) async fn a_report_is_filed_queued_reviewed_and_counted(set_up: SetUp) {
    let docket = Installation::start(set_up).await;
    let api = docket.api();
    let reports = "/api/v1/live-stream-reports";
    let file = format!("{reports}/{}", api.id("liveStreamId"));
    let spam = json!({"type": "spam_or_scam", "description": " buy\u{301} now "});

    let filing = api.request("viewer", Method::POST, &file);
    let filing = filing.header("X-Platform", "mobile_ios").header("User-Agent", "Test/1");
    let filed = answer(filing.json(&spam)).await;
    assert_eq!(filed.status, 201);
    let report = filed.data().clone();
    let id = report["id"].as_str().unwrap();
    assert_eq!(report["description"], "buý now");
    assert_eq!(report["status"], "pending");
    assert_eq!(
        report["metadata"],
        json!({"userAgent": "Test/1", "ipAddress": "127.0.0.1", "platform": "ios"})
    );
    api.post("viewer", &file, &spam).await.errors(409);
    api.post("creator", &file, &spam).await.errors(403);

    let mine = api.get_after(&filed, "viewer", &format!("{reports}/my-reports")).await;
    assert_eq!(mine.data()["list"], json!([report]), "read is what was answered");
    let queue = api.get_after(&filed, "platformModerator", reports).await;
    assert_eq!(queue.data()["list"], json!([report]));
    api.get("viewer", reports).await.errors(403);

    let one = format!("{reports}/{id}");
    let look = json!({"status": "under_review"});
    api.patch("platformModerator", &one, &look).await.data();
    api.patch("viewer", &one, &look).await.errors(403);
    let decide = json!({"status": "resolved", "adminNotes": "banned him"});
    let resolved = api.patch("platformModerator", &one, &decide).await;
    assert_eq!(resolved.data()["status"], "resolved");
    assert_eq!(resolved.data()["adminNotes"], "banned him");
    api.patch("platformModerator", &one, &decide).await.errors(409);
    let read = api.get_after(&resolved, "admin", &one).await;
    assert_eq!(read.data(), resolved.data(), "read is what was answered");
    let his = api.get_after(&resolved, "viewer", &one).await;
    assert_eq!(
        (&his.data()["adminNotes"], &his.data()["reviewedBy"]),
        (&Value::Null, &Value::Null)
    );
    api.get("creator", &one).await.errors(404);

    let statistics = api.get_after(&resolved, "admin", "/api/v1/statistics?interval=hour").await;
    let statistics = statistics.data();
    assert_eq!(statistics["timeToDecision"]["decided"], 1);
    let hours = statistics["buckets"].as_array().unwrap();
    let counted = |name: &str| {
        let counts = hours.iter().map(|hour| &hour[name]["spam_or_scam"]);
        counts.filter(|count| !count.is_null()).cloned().collect::<Vec<_>>()
    };
    assert_eq!(counted("reportsFiled"), [json!(1)]);
    assert_eq!(counted("reportsDecided"), [json!({"resolved": 1})]);
    api.get("creator", "/api/v1/statistics").await.errors(403);
    docket.stop().await;
}
