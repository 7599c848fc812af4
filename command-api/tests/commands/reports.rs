//! `/api/v1/live-stream-reports`

use serde_json::{Value, json};
use testing::World;

use crate::support::*;

const PATH: &str = "/api/v1/live-stream-reports";

fn of(stream: &str) -> String {
    format!("{PATH}/{stream}")
}

async fn filed(service: &Service) -> String {
    let answer = service.post(&of(World::STREAM), VIEWER, json!({"type": "spam_or_scam"})).await;
    let id = answer.data(201)["id"].as_str().unwrap();
    format!("{PATH}/{id}")
}

#[tokio::test]
async fn a_report_is_filed_and_answered_whole() {
    let service = Service::start().await;
    let request = service
        .request(reqwest::Method::POST, &of(World::STREAM), VIEWER)
        .json(&json!({"type": "other", "description": " cafe\u{301} "}))
        .header("user-agent", "tests/1.0")
        .header("x-platform", "mobile_android");
    let answer = Answer::of(request).await;
    let id =
        events::ReportId::first(&World::STREAM.parse().unwrap(), &World::VIEWER.parse().unwrap());
    assert_eq!(
        answer.data(201),
        &json!({
            "id": id.to_string(),
            "reportedBy": {"_id": World::VIEWER, "username": "viewer", "name": "Vera",
                "surname": "Schau", "profilePhoto": null, "availabilityStatus": "online"},
            "liveStream": {"id": World::STREAM, "title": World::TITLE, "status": "active"},
            "streamCreator": {"_id": World::CREATOR, "username": "creator", "name": "Cemile",
                "surname": "Yaratan", "profilePhoto": null, "availabilityStatus": "online"},
            "streamStatusAtReport": "active", "type": "other", "description": "café",
            "status": "pending", "reviewedBy": null, "adminNotes": null, "resolvedAt": null,
            "isArchived": false,
            "metadata": {"userAgent": "tests/1.0", "ipAddress": "127.0.0.1", "platform": "android"},
            "createdAt": NOW, "updatedAt": NOW,
        })
    );
    assert_eq!(answer.header("x-event-position"), "1");
}

#[tokio::test]
async fn a_report_is_reviewed_to_its_end() {
    let service = Service::start().await;
    let report = filed(&service).await;
    service.wait(60);
    let body = json!({"status": "under_review", "adminNotes": "looks real"});
    let answer = service.patch(&report, STAFF, body).await;
    let data = answer.data(200);
    assert_eq!(data["status"], "under_review");
    assert_eq!(data["adminNotes"], "looks real");
    assert_eq!(data["reviewedBy"]["username"], "staff");
    assert_eq!(data["resolvedAt"], Value::Null);
    assert_eq!(data["updatedAt"], "2026-01-15T10:31:00.000Z");

    service.wait(60);
    let answer = service.patch(&report, STAFF, json!({"status": "resolved"})).await;
    let data = answer.data(200);
    assert_eq!(data["adminNotes"], "looks real");
    assert_eq!(data["resolvedAt"], "2026-01-15T10:32:00.000Z");
    assert_eq!(answer.header("x-event-position"), "3");

    let archived = service.patch(&report, STAFF, json!({"isArchived": true})).await;
    assert_eq!(archived.data(200)["isArchived"], true);
    // Archived already: nothing to do, and the same answer.
    let again = service.patch(&report, STAFF, json!({"isArchived": true})).await;
    assert_eq!(again.data(200), archived.data(200));
    assert_eq!(again.header("x-event-position"), "4");

    service.clock.set(NOW.parse().unwrap());
    for body in [
        json!({"status": "rejected"}),
        json!({"adminNotes": "x"}),
        json!({"isArchived": false, "adminNotes": "x"}),
    ] {
        let told = "a report that is resolved does not take this change";
        service.patch(&report, STAFF, body).await.refuses(409, &[told]);
    }
    let types = service.event_types().await;
    assert_eq!(types, ["ReportFiled", "ReportReviewed", "ReportReviewed", "ReportReviewed"]);
}

#[tokio::test]
async fn one_report_of_a_user_on_a_live_stream_is_open_at_a_time() {
    let service = Service::start().await;
    let report = filed(&service).await;
    let again = service.post(&of(World::STREAM), VIEWER, json!({"type": "hate_speech"})).await;
    let id = report.rsplit_once('/').unwrap().1;
    again.refuses(409, &[&format!("your report {id} of this live stream is still open")]);
    service.patch(&report, STAFF, json!({"status": "rejected"})).await.data(200);
    let second = service.post(&of(World::STREAM), VIEWER, json!({"type": "hate_speech"})).await;
    assert_eq!(second.data(201)["id"], format!("{}0002", &id[..20]));
    // The first one can still be archived, by its own id.
    let first = service.patch(&report, STAFF, json!({"isArchived": true})).await;
    assert_eq!(first.data(200)["id"], id);
}

#[tokio::test]
async fn a_report_is_refused_for_a_reason_that_is_told() {
    let service = Service::start().await;
    let own = "you cannot report your own live stream";
    let unknown = "streamId: there is no such live stream";
    let body = || json!({"type": "spam_or_scam"});
    service.post(&of(World::STREAM), CREATOR, body()).await.refuses(403, &[own]);
    service.post(&of("no-such-stream"), VIEWER, body()).await.refuses(404, &[unknown]);
    assert!(service.events().await.is_empty());
    // A moderator is not the creator, and may.
    service.post(&of(World::STREAM), MODERATOR, body()).await.data(201);
}

#[tokio::test]
async fn only_impartial_staff_reviews() {
    let service = Service::start().await;
    let report = filed(&service).await;
    let body = || json!({"status": "resolved"});
    let missing = format!("{PATH}/0123456789abcdef01230001");
    let not_staff = "neither your roles nor your part in the live stream allow this";
    for caller in [VIEWER, CREATOR, MODERATOR, SERVICE, (World::STAFF, &["auditor"][..])] {
        for path in [&report, &missing] {
            service.patch(path, caller, body()).await.refuses(403, &[not_staff]);
        }
    }
    let partial = "you cannot review your own report, nor a report of your own live stream";
    for caller in [(World::VIEWER, &["moderator"][..]), (World::CREATOR, &["admin"][..])] {
        service.patch(&report, caller, body()).await.refuses(403, &[partial]);
    }
    service.patch(&missing, STAFF, body()).await.refuses(404, &["there is no such report"]);
    assert_eq!(service.event_types().await, ["ReportFiled"]);
}

#[tokio::test]
async fn a_review_reads_its_body() {
    let service = Service::start().await;
    let report = filed(&service).await;
    let cases = [
        (json!({}), "status: is required"),
        (json!({"status": "pending"}), "status: must be one of: under_review, resolved, rejected"),
        (json!({"status": "resolved", "isArchived": "yes"}), "isArchived: must be true or false"),
        (
            json!({"status": "resolved", "adminNotes": "a\u{0}"}),
            "adminNotes: must not contain the control character U+0000",
        ),
    ];
    for (body, error) in cases {
        service.patch(&report, STAFF, body).await.refuses(400, &[error]);
    }
    let bad_id = service.patch(&format!("{PATH}/abc"), STAFF, json!({"status": "resolved"})).await;
    bad_id.refuses(400, &["id: must be 24 lower-case hexadecimal digits"]);
}
