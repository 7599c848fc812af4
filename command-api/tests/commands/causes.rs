//! `causationId`: the event that led to an event.

use serde_json::{Value, json};
use testing::World;

use crate::support::*;
use crate::youtube::{INSERT, temporary};

const BANS: &str = "/api/v1/live-stream-ban";
const REPORTS: &str = "/api/v1/live-stream-reports";

/// Each event's type, and which event led to it, counted from 1.
async fn causes(service: &Service) -> Vec<(String, Option<usize>)> {
    let events = service.events().await;
    let cause = |metadata: Value| {
        let id = metadata.get("causationId")?.as_str()?.to_owned();
        Some(1 + events.iter().position(|event| event.id.to_string() == id).unwrap())
    };
    let of = |event: &event_log::RecordedEvent| {
        (event.event_type.clone(), cause(serde_json::from_str(event.metadata.get()).unwrap()))
    };
    events.iter().map(of).collect()
}

fn expected(causes: &[(&str, Option<usize>)]) -> Vec<(String, Option<usize>)> {
    causes.iter().map(|(name, cause)| ((*name).to_owned(), *cause)).collect()
}

#[tokio::test]
async fn from_the_report_to_the_end_of_the_ban() {
    let service = Service::start().await;
    let of_stream = format!("{REPORTS}/{}", World::STREAM);
    let filed = service.post(&of_stream, OTHER_VIEWER, json!({"type": "spam_or_scam"})).await;
    let id = filed.data(201)["id"].as_str().unwrap();
    let report = format!("{REPORTS}/{id}");
    for review in [json!({"status": "under_review"}), json!({"status": "resolved"})] {
        service.patch(&report, STAFF, review).await.data(200);
    }
    let ban = json!({"targetUserId": World::VIEWER, "liveStreamId": World::STREAM, "reportId": id});
    service.post(BANS, STAFF, ban).await.data(200);
    service.delete(&format!("{BANS}/{}", viewer_ban(1)), CREATOR).await.data(200);
    assert_eq!(
        causes(&service).await,
        expected(&[
            ("ReportFiled", None),
            ("ReportReviewed", Some(1)),
            ("ReportReviewed", Some(2)),
            ("BanCreated", Some(3)),
            ("BanRevoked", Some(4)),
        ])
    );
}

#[tokio::test]
async fn a_report_is_reviewed_because_of_itself_not_of_the_next_one() {
    let service = Service::start().await;
    let of_stream = format!("{REPORTS}/{}", World::STREAM);
    let first = service.post(&of_stream, VIEWER, json!({"type": "spam_or_scam"})).await;
    let first = format!("{REPORTS}/{}", first.data(201)["id"].as_str().unwrap());
    service.patch(&first, STAFF, json!({"status": "rejected"})).await.data(200);
    service.post(&of_stream, VIEWER, json!({"type": "hate_speech"})).await.data(201);
    service.patch(&first, STAFF, json!({"isArchived": true})).await.data(200);
    assert_eq!(
        causes(&service).await,
        expected(&[
            ("ReportFiled", None),
            ("ReportReviewed", Some(1)),
            ("ReportFiled", None),
            ("ReportReviewed", Some(2)),
        ])
    );
}

#[tokio::test]
async fn a_ban_that_supersedes_another_follows_from_its_end() {
    let service = Service::start().await;
    for seconds in [60, 90] {
        assert_eq!(service.post(INSERT, CREATOR, temporary(json!(seconds))).await.status, 200);
    }
    assert_eq!(
        causes(&service).await,
        expected(&[("BanCreated", None), ("BanRevoked", Some(1)), ("BanCreated", Some(2))])
    );
}

#[tokio::test]
async fn a_ban_after_one_that_ran_out_does_not_follow_from_it() {
    let service = Service::start().await;
    let of_stream = format!("{REPORTS}/{}", World::STREAM);
    let filed = service.post(&of_stream, OTHER_VIEWER, json!({"type": "spam_or_scam"})).await;
    let id = filed.data(201)["id"].clone();
    let ban = |report_id: Value| {
        json!({"targetUserId": World::VIEWER, "liveStreamId": World::STREAM, "durationSeconds": 10,
            "reportId": report_id})
    };
    for report_id in [Value::Null, Value::Null, id] {
        let mut ban = ban(report_id);
        if ban["reportId"].is_null() {
            ban.as_object_mut().unwrap().remove("reportId");
        }
        service.post(BANS, STAFF, ban).await.data(200);
        service.wait(10);
    }
    assert_eq!(
        causes(&service).await,
        expected(&[
            ("ReportFiled", None),
            ("BanCreated", None),
            ("BanRevoked", Some(2)),
            ("BanCreated", None),
            ("BanRevoked", Some(4)),
            ("BanCreated", Some(1)),
        ])
    );
}
