//! The report queue, one's own reports, and one report.

use events::ReportId;
use events::report::{Decision, ReportType};
use serde_json::{Value, json};
use testing::World;

use crate::support::{
    NewReport, STAFF, Stage, VIEWER, Who, creator, ids, one_page, shown, user, viewer,
};

const REPORTS: &str = "/api/v1/live-stream-reports";

fn report_of_the_viewer(id: ReportId) -> Value {
    json!({
        "id": id.to_string(), "reportedBy": viewer(),
        "liveStream": {"id": World::STREAM, "title": World::TITLE, "status": "active"},
        "streamCreator": creator(), "streamStatusAtReport": "preparing", "type": "other",
        "description": "hidden camera", "status": "pending", "reviewedBy": null,
        "adminNotes": null, "resolvedAt": null, "isArchived": false,
        "metadata": {"userAgent": "Allmine/3.1 (iPhone)", "ipAddress": "203.0.113.7",
            "platform": "ios"},
        "createdAt": "2026-01-15T11:00:00.000Z", "updatedAt": "2026-01-15T11:00:00.000Z",
    })
}

fn with(mut report: Value, changes: &Value) -> Value {
    report.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    report
}

#[tokio::test]
async fn staff_sees_more_of_a_report_than_its_reporter() {
    let stage = Stage::new().await;
    let other = NewReport {
        kind: ReportType::Other,
        description: Some("hidden camera"),
        ..NewReport::default()
    };
    let id = stage.report(other).await;
    let path = format!("{REPORTS}/{id}");
    for who in [STAFF, VIEWER] {
        assert_eq!(stage.get(who, &path).await.data(), report_of_the_viewer(id));
    }
    let at = "2026-01-15T11:30:00.000Z";
    stage.review(id, Decision::Resolved, Some("banned him"), true, at).await;
    let decided =
        json!({"status": "resolved", "resolvedAt": at, "isArchived": true, "updatedAt": at});
    let for_reporter = with(report_of_the_viewer(id), &decided);
    let reviewer = user(World::STAFF, "staff", "Stella", "Amt");
    let inside = json!({"reviewedBy": reviewer, "adminNotes": "banned him"});
    let for_staff = with(for_reporter.clone(), &inside);
    assert_eq!(stage.get(VIEWER, &path).await.data(), for_reporter);
    assert_eq!(stage.get(STAFF, &path).await.data(), for_staff);

    let own = format!("{REPORTS}/my-reports");
    assert_eq!(
        stage.get(VIEWER, &own).await.data(),
        json!({"list": [for_reporter], "pagination": one_page(1)})
    );
    // To staff, one's own reports are whole as well.
    let staff = Who(World::VIEWER, &["moderator"]);
    assert_eq!(
        stage.get(staff, &own).await.data(),
        json!({"list": [for_staff], "pagination": one_page(1)})
    );
    let queue = stage.get(STAFF, &format!("{REPORTS}?isArchived=true")).await.data();
    assert_eq!(queue, json!({"list": [for_staff], "pagination": one_page(1)}));
}

#[tokio::test]
async fn a_report_that_is_not_there_is_not_found() {
    let stage = Stage::new().await;
    let errors = stage.get(STAFF, &format!("{REPORTS}/0123456789abcdef01230001")).await.errors(404);
    assert_eq!(errors, json!(["Resource not found", "there is no such report"]));
}

/// Reports of every sort, oldest first.
struct Reports {
    spam: ReportId,
    hate: ReportId,
    resolved: ReportId,
    archived: ReportId,
    elsewhere: ReportId,
    newest: ReportId,
}

async fn reports(stage: &Stage) -> Reports {
    let by = |reporter, at| NewReport { reporter, at, ..NewReport::default() };
    let spam = stage.report(by(World::VIEWER, "2026-01-10T08:00:00.000Z")).await;
    let new = by(World::OTHER_VIEWER, "2026-01-11T08:00:00.000Z");
    let hate = stage.report(NewReport { kind: ReportType::HateSpeech, ..new }).await;
    stage.review(hate, Decision::UnderReview, None, false, "2026-01-11T09:00:00.000Z").await;
    let resolved = stage.report(by("third", "2026-01-12T08:00:00.000Z")).await;
    stage.review(resolved, Decision::Resolved, None, false, "2026-01-12T09:00:00.000Z").await;
    let archived = stage.report(by("fourth", "2026-01-13T08:00:00.000Z")).await;
    stage.review(archived, Decision::Rejected, None, true, "2026-01-13T09:00:00.000Z").await;
    let new = by(World::VIEWER, "2026-01-14T08:00:00.000Z");
    let elsewhere = stage.report(NewReport { stream: World::OTHER_STREAM, ..new }).await;
    let newest = stage.report(by("third", "2026-01-15T08:00:00.000Z")).await;
    Reports { spam, hate, resolved, archived, elsewhere, newest }
}

#[tokio::test]
async fn the_queue_filters_and_sorts() {
    let stage = Stage::new().await;
    let of = reports(&stage).await;
    let oldest = [of.spam, of.hate, of.resolved, of.elsewhere, of.newest];
    let newest: Vec<_> = oldest.into_iter().rev().collect();
    // Three are open on the one live stream, one on the other.
    let most = [of.spam, of.hate, of.resolved, of.newest, of.elsewhere];
    for (query, expected) in [
        (String::new(), &oldest[..]),
        ("sort=oldest".to_owned(), &oldest),
        ("sort=newest".to_owned(), &newest),
        ("sort=most_reported".to_owned(), &most),
        ("isArchived=true".to_owned(), &[of.archived]),
        ("isArchived=true&sort=most_reported".to_owned(), &[of.archived]),
        ("status=pending".to_owned(), &[of.spam, of.elsewhere, of.newest]),
        ("status=pending&sort=most_reported".to_owned(), &[of.spam, of.newest, of.elsewhere]),
        ("status=under_review".to_owned(), &[of.hate]),
        ("status=resolved".to_owned(), &[of.resolved]),
        ("status=rejected".to_owned(), &[]),
        ("status=rejected&isArchived=true".to_owned(), &[of.archived]),
        ("type=hate_speech".to_owned(), &[of.hate]),
        ("type=other".to_owned(), &[]),
        (format!("liveStreamId={}", World::OTHER_STREAM), &[of.elsewhere]),
        (format!("reporterId={}&sort=newest", World::VIEWER), &[of.elsewhere, of.spam]),
        (format!("reporterId=third&liveStreamId={}&status=pending", World::STREAM), &[of.newest]),
        ("reporterId=unknown".to_owned(), &[]),
    ] {
        let data = stage.get(STAFF, &format!("{REPORTS}?{query}")).await.data();
        assert_eq!(ids(&data), shown(expected), "{query}");
        assert_eq!(data["pagination"], one_page(expected.len()), "{query}");
    }
}

#[tokio::test]
async fn my_reports_are_mine_newest_first() {
    let stage = Stage::new().await;
    let of = reports(&stage).await;
    for (query, expected) in [
        ("", &[of.elsewhere, of.spam][..]),
        ("?status=pending&type=spam_or_scam", &[of.elsewhere, of.spam]),
        ("?status=resolved", &[]),
        ("?type=other", &[]),
        // Whose they are cannot be chosen.
        ("?reporterId=third", &[of.elsewhere, of.spam]),
    ] {
        let data = stage.get(VIEWER, &format!("{REPORTS}/my-reports{query}")).await.data();
        assert_eq!(ids(&data), shown(expected), "{query}");
    }
    let archived = stage.get(Who("fourth", &[]), &format!("{REPORTS}/my-reports")).await;
    assert_eq!(archived.ids(), shown(&[of.archived]));
}

#[tokio::test]
async fn all_that_is_wrong_is_told_at_once() {
    let stage = Stage::new().await;
    let statuses = "status: must be one of: pending, under_review, resolved, rejected";
    let types = "type: must be one of: harassment_or_bullying, hate_speech, \
        sexual_content_or_nudity, violence_or_self_harm, spam_or_scam, \
        copyright_or_intellectual_property, other";
    let pages = [
        "page: must be a whole number from 1 to 4294967295",
        "limit: must be a whole number from 1 to 100",
        "cursor: must be a pagination.nextCursor of the same list",
    ];
    let wrong = "status=open&type=spam&page=0&limit=101&cursor=nonsense";
    let errors = stage.get(VIEWER, &format!("{REPORTS}/my-reports?{wrong}")).await.errors(400);
    let mut expected = vec!["Validation failed", statuses, types];
    expected.extend(pages);
    assert_eq!(errors, json!(expected));

    let wrong = format!("{wrong}&sort=best&isArchived=1&liveStreamId=%2F&reporterId=%2F");
    let errors = stage.get(STAFF, &format!("{REPORTS}?{wrong}")).await.errors(400);
    let id = "must be 1 to 128 characters of A-Z a-z 0-9 _ . = -";
    let (stream, reporter) = (format!("liveStreamId: {id}"), format!("reporterId: {id}"));
    let mut expected = vec![
        "Validation failed",
        "sort: must be one of: oldest, newest, most_reported",
        &stream,
        &reporter,
        "isArchived: must be true or false",
        statuses,
        types,
    ];
    expected.extend(pages);
    assert_eq!(errors, json!(expected));
}

#[tokio::test]
async fn a_live_stream_and_a_user_that_the_directory_forgot_are_as_the_report_remembers() {
    let stage = Stage::new().await;
    let new =
        NewReport { reporter: "unknown-user", stream: "unknown-stream", ..NewReport::default() };
    let id = stage.report(new).await;
    let data = stage.get(STAFF, &format!("{REPORTS}/{id}")).await.data();
    assert_eq!(
        (&data["liveStream"], &data["reportedBy"]["_id"]),
        (
            &json!({"id": "unknown-stream", "title": "Morning concert", "status": "preparing"}),
            &json!("unknown-user")
        )
    );
}
