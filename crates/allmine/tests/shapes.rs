//! What clients see of a ban and of a report.

#![expect(clippy::unwrap_used, reason = "a failed step of a test is a failed test")]

use allmine::{Ban, People, Report, UserSummary};
use events::ban::{ActionType, Lifted, RevokeCause};
use events::report::{ReportStatus, ReportType};
use events::{LiveStreamSnapshot, Platform, StreamStatus, Timestamp, UserId};
use serde_json::{Value, json};

const CREATED: &str = "2026-01-15T10:30:00.000Z";
const EXPIRES: &str = "2026-01-15T10:35:00.000Z";
const LATER: &str = "2026-01-15T11:00:00.000Z";

fn at(time: &str) -> Timestamp {
    time.parse().unwrap()
}

fn user(id: &str) -> UserId {
    id.parse().unwrap()
}

fn ban(lifted: Option<&Lifted>, now: &str) -> Value {
    let ban = events::ban::Ban {
        id: "0123456789abcdef01230001".parse().unwrap(),
        live_stream_id: "stream".parse().unwrap(),
        target_user_id: user("viewer"),
        action_type: ActionType::ChatOnly,
        reason: events::Reason::parse("spam").unwrap(),
        created_by: Some(user("creator")),
        created_at: at(CREATED),
        expires_at: Some(at(EXPIRES)),
        report_id: None,
    };
    let target = UserSummary::of(&user("viewer"), None);
    serde_json::to_value(Ban::of(&ban, lifted, target, at(now))).unwrap()
}

fn shown(deleted: Option<(&str, &str)>, updated_at: &str) -> Value {
    json!({
        "_id": "0123456789abcdef01230001", "targetUserId": "viewer",
        "targetUser": {"_id": "viewer", "username": "", "name": "", "surname": "",
            "profilePhoto": null, "availabilityStatus": "unknown"},
        "liveStreamId": "stream", "actionType": "CHAT_ONLY", "reason": "spam",
        "createdBy": "creator", "deletedAt": deleted.map(|(at, _)| at),
        "deletedBy": deleted.map(|(_, by)| by), "createdAt": CREATED, "updatedAt": updated_at,
        "expiresAt": EXPIRES,
    })
}

#[test]
fn a_ban_that_ran_out_looks_the_same_before_and_after_that_is_on_record() {
    assert_eq!(ban(None, CREATED), shown(None, CREATED));
    let recorded = Lifted { cause: RevokeCause::Expired, by: None, at: at(EXPIRES) };
    assert_eq!(ban(None, LATER), shown(None, EXPIRES));
    assert_eq!(ban(Some(&recorded), LATER), shown(None, EXPIRES));
}

#[test]
fn a_ban_that_was_ended_tells_by_whom() {
    for cause in [RevokeCause::Manual, RevokeCause::Superseded] {
        let lifted_at = "2026-01-15T10:31:00.000Z";
        let lifted = Lifted { cause, by: Some(user("moderator")), at: at(lifted_at) };
        let expected = shown(Some((lifted_at, "moderator")), lifted_at);
        assert_eq!(ban(Some(&lifted), LATER), expected);
    }
}

fn report(live_stream: Option<&LiveStreamSnapshot>, for_staff: bool) -> Value {
    let report = events::report::Report {
        id: "0123456789abcdef01230001".parse().unwrap(),
        reporter_id: Some(user("viewer")),
        live_stream_id: "stream".parse().unwrap(),
        stream_creator_id: user("creator"),
        stream_title: "Then".to_owned(),
        stream_status_at_report: StreamStatus::Active,
        report_type: ReportType::SpamOrScam,
        description: None,
        status: ReportStatus::Resolved,
        reviewed_by: Some(user("staff")),
        admin_notes: events::Notes::parse("done").unwrap(),
        resolved_at: Some(at(LATER)),
        is_archived: true,
        user_agent: Some("tests/1.0".to_owned()),
        client_ip: Some("192.0.2.7".parse().unwrap()),
        platform: Some(Platform::MobileIos),
        created_at: at(CREATED),
        updated_at: at(LATER),
    };
    let summary = |id| UserSummary::of(&user(id), None);
    let people = People {
        reported_by: Some(summary("viewer")),
        stream_creator: summary("creator"),
        reviewed_by: Some(summary("staff")),
    };
    serde_json::to_value(Report::of(&report, people, live_stream, for_staff)).unwrap()
}

#[test]
fn a_report_tells_staff_more_than_others() {
    let summary = |id| {
        json!({"_id": id, "username": "", "name": "", "surname": "", "profilePhoto": null,
            "availabilityStatus": "unknown"})
    };
    let mut expected = json!({
        "id": "0123456789abcdef01230001", "reportedBy": summary("viewer"),
        "liveStream": {"id": "stream", "title": "Then", "status": "active"},
        "streamCreator": summary("creator"), "streamStatusAtReport": "active",
        "type": "spam_or_scam", "description": null, "status": "resolved",
        "reviewedBy": summary("staff"), "adminNotes": "done", "resolvedAt": LATER,
        "isArchived": true,
        "metadata": {"userAgent": "tests/1.0", "ipAddress": "192.0.2.7", "platform": "ios"},
        "createdAt": CREATED, "updatedAt": LATER,
    });
    assert_eq!(report(None, true), expected);
    expected["reviewedBy"] = Value::Null;
    expected["adminNotes"] = Value::Null;
    assert_eq!(report(None, false), expected);
}

#[test]
fn a_report_shows_the_live_stream_as_it_is_now() {
    let now = LiveStreamSnapshot {
        id: "stream".parse().unwrap(),
        live_chat_id: "chat".parse().unwrap(),
        title: "Now".to_owned(),
        status: StreamStatus::Ended,
        creator_id: user("creator"),
        moderator_ids: vec![],
        updated_at: at(LATER),
    };
    let shown = report(Some(&now), true);
    assert_eq!(shown["liveStream"], json!({"id": "stream", "title": "Now", "status": "ended"}));
    assert_eq!(shown["streamStatusAtReport"], "active");
}
