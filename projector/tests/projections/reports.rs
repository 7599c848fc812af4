//! Given events of reports, these rows.

use events::report::{Decision, ReportType};
use serde_json::{Value, json};
use testing::Database;

use crate::history::{AT, History, file, report_id, review};
use crate::running::project;
use crate::tables::rows;

const LATER: &str = "2026-01-15T11:00:00.000Z";
const LATEST: &str = "2026-01-15T12:00:00.000Z";

/// The row of a report that was just filed, with some columns changed.
fn report(changes: &Value) -> Value {
    let mut row = json!({
        "id": report_id("stream", "viewer", 1),
        "reporter_id": "viewer",
        "live_stream_id": "stream",
        "stream_creator_id": "creator",
        "stream_title": "Evening concert",
        "stream_status_at_report": "active",
        "type": "hate_speech",
        "description": "İyi değil 🎭",
        "status": "pending",
        "reviewed_by": null,
        "admin_notes": null,
        "resolved_at": null,
        "is_archived": false,
        "user_agent": "Allmine/7.1",
        "ip_address": "203.0.113.7",
        "platform": "ios",
        "created_at": "2026-01-15T10:30:00.25+00:00",
        "updated_at": "2026-01-15T10:30:00.25+00:00",
        "position": 1,
    });
    for (column, value) in changes.as_object().unwrap() {
        row[column] = value.clone();
    }
    row
}

#[tokio::test]
async fn a_report_has_all_that_its_event_says() {
    let (database, history) = (Database::create().await, History::new());
    history.tell(AT, Some("viewer"), file("stream", "viewer", 1, ReportType::HateSpeech)).await;

    project(&database, &history).await;

    assert_eq!(rows(&database.pool, "reports").await, json!([report(&json!({}))]));
}

#[tokio::test]
async fn a_review_changes_what_it_says_and_leaves_the_rest() {
    let which = ("stream", "viewer", 1);
    let cases = [
        (
            vec![review(which, Decision::UnderReview, Some("Looking"), false)],
            json!({"status": "under_review", "reviewed_by": "staff", "admin_notes": "Looking",
                "updated_at": "2026-01-15T11:00:00+00:00", "position": 2}),
        ),
        // Notes stand until there are new ones.
        (
            vec![
                review(which, Decision::UnderReview, Some("Looking"), false),
                review(which, Decision::Rejected, None, false),
            ],
            json!({"status": "rejected", "reviewed_by": "staff", "admin_notes": "Looking",
                "resolved_at": "2026-01-15T12:00:00+00:00",
                "updated_at": "2026-01-15T12:00:00+00:00", "position": 3}),
        ),
        // Archiving a decided report does not decide it again.
        (
            vec![
                review(which, Decision::Resolved, Some("Banned"), false),
                review(which, Decision::Resolved, None, true),
            ],
            json!({"status": "resolved", "reviewed_by": "staff", "admin_notes": "Banned",
                "resolved_at": "2026-01-15T11:00:00+00:00", "is_archived": true,
                "updated_at": "2026-01-15T12:00:00+00:00", "position": 3}),
        ),
    ];
    for (reviews, expected) in cases {
        let (database, history) = (Database::create().await, History::new());
        history.tell(AT, Some("viewer"), file("stream", "viewer", 1, ReportType::HateSpeech)).await;
        for (at, review) in [LATER, LATEST].into_iter().zip(reviews) {
            history.tell(at, Some("staff"), review).await;
        }

        project(&database, &history).await;

        assert_eq!(rows(&database.pool, "reports").await, json!([report(&expected)]));
    }
}

#[tokio::test]
async fn reports_are_counted_by_kind_and_the_open_ones_by_live_stream() {
    let (database, history) = (Database::create().await, History::new());
    for (live_stream, user) in [("one", "a"), ("one", "b"), ("one", "c"), ("two", "a")] {
        history.tell(AT, Some(user), file(live_stream, user, 1, ReportType::SpamOrScam)).await;
    }
    for (which, status, is_archived) in [
        (("one", "a", 1), Decision::UnderReview, false),
        (("one", "b", 1), Decision::UnderReview, true),
        (("two", "a", 1), Decision::Resolved, false),
    ] {
        history.tell(LATER, Some("staff"), review(which, status, None, is_archived)).await;
    }

    project(&database, &history).await;

    let count = |status: &str, is_archived: bool, reports: i64| {
        json!({
            "status": status, "type": "spam_or_scam", "is_archived": is_archived,
            "reports": reports,
        })
    };
    let expected = json!([
        count("pending", false, 1),
        count("resolved", false, 1),
        count("under_review", false, 1),
        count("under_review", true, 1),
    ]);
    assert_eq!(rows(&database.pool, "report_counts").await, expected);
    let expected = json!([
        {"live_stream_id": "one", "open": 2},
        {"live_stream_id": "two", "open": 0},
    ]);
    assert_eq!(rows(&database.pool, "stream_report_counts").await, expected);
}
