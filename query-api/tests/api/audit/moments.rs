//! `?at=`: what it was at a moment.

use events::ban::{ActionType, RevokeCause};
use events::report::Decision;
use serde_json::{Value, json};
use testing::World;

use crate::support::{
    AUDITOR, NewBan, NewReport, STAFF, Stage, creator, ids, one_page, shown, user, viewer,
};

/// The millisecond before, the moment itself, and the one after.
const BEFORE: &str = "2026-01-15T10:59:59.999Z";
const CREATED: &str = "2026-01-15T11:00:00.000Z";
const JUST_AFTER: &str = "2026-01-15T11:00:00.001Z";
const NOT_YET: &str = "2026-01-15T11:29:59.999Z";
const ENDED: &str = "2026-01-15T11:30:00.000Z";
const OVER: &str = "2026-01-15T11:30:00.001Z";

async fn state(stage: &Stage, path: &str, member: &str, at: &str) -> Value {
    let path = format!("/api/v1/audit/{path}?at={at}");
    stage.get(AUDITOR, &path).await.data()[member].clone()
}

fn changed(mut value: Value, changes: &[(&str, Value)]) -> Value {
    for (name, change) in changes {
        value[name] = change.clone();
    }
    value
}

#[tokio::test]
async fn a_ban_is_shown_as_it_was() {
    let stage = Stage::new().await;
    let lifted = stage.ban(NewBan { reason: Some("spam"), ..NewBan::default() }).await;
    stage.revoke(lifted, RevokeCause::Manual, ENDED).await;
    let ran_out = NewBan {
        user: World::OTHER_VIEWER,
        action: ActionType::ChatOnly,
        expires: Some(ENDED),
        ..NewBan::default()
    };
    let ran_out = stage.ban(ran_out).await;
    // Noticed late, which does not show.
    stage.revoke(ran_out, RevokeCause::Expired, "2026-01-15T11:45:00.000Z").await;
    let fresh = json!({
        "_id": lifted, "targetUserId": World::VIEWER, "targetUser": viewer(),
        "liveStreamId": World::STREAM, "actionType": "BLOCK", "reason": "spam",
        "createdBy": World::CREATOR, "deletedAt": null, "deletedBy": null,
        "createdAt": CREATED, "updatedAt": CREATED, "expiresAt": null,
    });
    let ended = changed(
        fresh.clone(),
        &[
            ("deletedAt", json!(ENDED)),
            ("deletedBy", json!(World::MODERATOR)),
            ("updatedAt", json!(ENDED)),
        ],
    );
    let path = format!("bans/{lifted}");
    for (at, expected) in [
        (BEFORE, &json!(null)),
        (CREATED, &fresh),
        (JUST_AFTER, &fresh),
        (NOT_YET, &fresh),
        (ENDED, &ended),
        (OVER, &ended),
    ] {
        assert_eq!(&state(&stage, &path, "ban", at).await, expected, "{at}");
    }
    let now = stage.get(AUDITOR, &format!("/api/v1/audit/{path}")).await.data();
    let read = stage.get(STAFF, &format!("/api/v1/live-stream-ban/{lifted}")).await.data();
    assert_eq!((&now["ban"], &now["ban"]), (&ended, &read), "as answers show it");

    let path = format!("bans/{ran_out}");
    for (at, updated) in [(CREATED, CREATED), (NOT_YET, CREATED), (ENDED, ENDED), (OVER, ENDED)] {
        let ban = state(&stage, &path, "ban", at).await;
        assert_eq!((&ban["updatedAt"], &ban["deletedAt"]), (&json!(updated), &json!(null)), "{at}");
    }
}

#[tokio::test]
async fn a_report_is_shown_as_it_was() {
    let stage = Stage::new().await;
    let report = stage.report(NewReport::default()).await;
    stage.review(report, Decision::UnderReview, Some("Looking"), false, ENDED).await;
    stage.review(report, Decision::Resolved, None, true, "2026-01-15T11:40:00.000Z").await;
    let path = format!("reports/{report}");
    let filed = json!({
        "id": report, "reportedBy": viewer(),
        "liveStream": {"id": World::STREAM, "title": World::TITLE, "status": "active"},
        "streamCreator": creator(), "streamStatusAtReport": "preparing", "type": "spam_or_scam",
        "description": null, "status": "pending", "reviewedBy": null, "adminNotes": null,
        "resolvedAt": null, "isArchived": false,
        "metadata": {"userAgent": "Allmine/3.1 (iPhone)", "ipAddress": "203.0.113.7", "platform": "ios"},
        "createdAt": CREATED, "updatedAt": CREATED,
    });
    let staff = user(World::STAFF, "staff", "Stella", "Amt");
    let looked_at = changed(
        filed.clone(),
        &[
            ("status", json!("under_review")),
            ("reviewedBy", staff),
            ("adminNotes", json!("Looking")),
            ("updatedAt", json!(ENDED)),
        ],
    );
    for (at, expected) in [
        (BEFORE, &json!(null)),
        (CREATED, &filed),
        (JUST_AFTER, &filed),
        (NOT_YET, &filed),
        (ENDED, &looked_at),
        (OVER, &looked_at),
    ] {
        assert_eq!(&state(&stage, &path, "report", at).await, expected, "{at}");
    }
    let now = stage.get(AUDITOR, &format!("/api/v1/audit/{path}")).await.data();
    let read = stage.get(STAFF, &format!("/api/v1/live-stream-reports/{report}")).await.data();
    assert_eq!(now["report"], read, "what a moderator sees");
    assert_eq!(now["events"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn who_was_banned_then_is_listed_as_it_was_then() {
    let stage = Stage::new().await;
    let permanent = stage.ban(NewBan::default()).await;
    let temporary = NewBan { user: World::OTHER_VIEWER, expires: Some(ENDED), ..NewBan::default() };
    let temporary = stage.ban(temporary).await;
    let lifted = stage.ban(NewBan { user: World::GONE, ..NewBan::default() }).await;
    stage.ban(NewBan { stream: World::OTHER_STREAM, ..NewBan::default() }).await;
    stage.revoke(lifted, RevokeCause::Manual, ENDED).await;
    stage.revoke(temporary, RevokeCause::Expired, "2026-01-15T11:45:00.000Z").await;
    let later = NewBan { user: World::STAFF, at: OVER, ..NewBan::default() };
    let later = stage.ban(later).await;

    let path = format!("/api/v1/audit/live-streams/{}/bans", World::STREAM);
    for (at, expected) in [
        (BEFORE, vec![]),
        (CREATED, shown(&[permanent, temporary, lifted])),
        (JUST_AFTER, shown(&[permanent, temporary, lifted])),
        (NOT_YET, shown(&[permanent, temporary, lifted])),
        (ENDED, shown(&[permanent])),
        (OVER, shown(&[permanent, later])),
    ] {
        let data = stage.get(AUDITOR, &format!("{path}?at={at}")).await.data();
        let mut found = ids(&data);
        found.sort_unstable();
        let mut expected = expected;
        expected.sort_unstable();
        assert_eq!(found, expected, "{at}");
        assert_eq!(data["pagination"], one_page(expected.len()), "{at}");
        for ban in data["list"].as_array().unwrap() {
            let touched = (&ban["deletedAt"], &ban["deletedBy"], &ban["updatedAt"]);
            assert_eq!(touched, (&json!(null), &json!(null), &ban["createdAt"]), "{at}: {ban}");
        }
    }
    let now = stage.get(AUDITOR, &path).await.ids();
    assert_eq!(now, shown(&[later, permanent]), "newest first");

    let mut seen = vec![];
    let mut next = format!("{path}?at={NOT_YET}&limit=2");
    loop {
        let data = stage.get(AUDITOR, &next).await.data();
        assert_eq!(data["pagination"]["totalItems"], 3);
        seen.extend(ids(&data));
        let Some(cursor) = data["pagination"]["nextCursor"].as_str() else { break };
        next = format!("{path}?at={NOT_YET}&limit=2&cursor={cursor}");
    }
    seen.sort_unstable();
    let mut expected = shown(&[permanent, temporary, lifted]);
    expected.sort_unstable();
    assert_eq!(seen, expected);
}
