//! Given events, these statistics.

use events::ban::RevokeCause;
use events::report::{Decision, ReportType};
use serde_json::{Value, json};
use testing::Database;

use crate::history::{History, ban, end, file, report_id, review};
use crate::running::project;
use crate::tables::rows;

#[tokio::test]
async fn events_are_counted_in_the_hour_in_which_they_occurred() {
    let (database, history) = (Database::create().await, History::new());
    for (at, user) in [
        ("2026-01-15T10:00:00.000Z", "a"),
        ("2026-01-15T10:59:59.999Z", "b"),
        ("2026-01-15T11:00:00.000Z", "c"),
    ] {
        history.tell(at, Some("moderator"), ban("stream", user, 1)).await;
    }
    let at = "2026-01-15T11:30:00.000Z";
    history.tell(at, None, end("stream", "a", 1, RevokeCause::Expired)).await;
    history.tell(at, Some("a"), file("stream", "a", 1, ReportType::Other)).await;
    for (status, is_archived) in [
        (Decision::UnderReview, false),
        (Decision::Resolved, false),
        // Archived: nothing is decided again.
        (Decision::Resolved, true),
    ] {
        let review = review(("stream", "a", 1), status, None, is_archived);
        history.tell("2026-01-15T12:00:00.000Z", Some("staff"), review).await;
    }

    project(&database, &history).await;

    let count = |hour: &str, metric: &str, key: &str, count: i64| {
        let hour = format!("2026-01-15T{hour}:00:00+00:00");
        json!({"hour": hour, "metric": metric, "key": key, "count": count})
    };
    let expected = json!([
        count("10", "bans_created", "BLOCK", 2),
        count("11", "bans_created", "BLOCK", 1),
        count("11", "bans_revoked", "expired", 1),
        count("11", "reports_filed", "other", 1),
        count("12", "reports_decided", "other:resolved", 1),
    ]);
    assert_eq!(rows(&database.pool, "statistics_hourly").await, expected);
}

#[tokio::test]
async fn a_decision_takes_from_filing_to_the_first_final_status() {
    let (database, history) = (Database::create().await, History::new());
    for user in ["a", "b"] {
        let filed = file("stream", user, 1, ReportType::HateSpeech);
        history.tell("2026-01-15T10:00:00.500Z", Some(user), filed).await;
    }
    for (at, status, is_archived) in [
        ("2026-01-15T10:10:00.000Z", Decision::UnderReview, false),
        ("2026-01-15T10:30:00.250Z", Decision::Rejected, false),
        ("2026-01-15T10:50:00.000Z", Decision::Rejected, true),
    ] {
        let review = review(("stream", "a", 1), status, None, is_archived);
        history.tell(at, Some("staff"), review).await;
    }

    project(&database, &history).await;

    let mut expected = vec![
        json!({
            "report_id": report_id("stream", "a", 1), "type": "hate_speech",
            "filed_at": "2026-01-15T10:00:00.5+00:00", "is_archived": true,
            "decided_at": "2026-01-15T10:30:00.25+00:00", "seconds": 1799,
        }),
        json!({
            "report_id": report_id("stream", "b", 1), "type": "hate_speech",
            "filed_at": "2026-01-15T10:00:00.5+00:00", "is_archived": false,
            "decided_at": null, "seconds": null,
        }),
    ];
    expected.sort_by_key(|row| row["report_id"].to_string());
    assert_eq!(rows(&database.pool, "decisions").await, json!(expected));
}

#[tokio::test]
async fn the_backlog_changes_in_the_hour_in_which_something_was_filed_or_decided() {
    let (database, history) = (Database::create().await, History::new());
    for (at, user) in [
        ("2026-01-15T08:10:00.000Z", "a"),
        ("2026-01-15T08:20:00.000Z", "b"),
        ("2026-01-15T11:00:00.000Z", "c"),
        // Another machine's clock is late.
        ("2026-01-15T07:59:00.000Z", "d"),
    ] {
        history.tell(at, Some(user), file("stream", user, 1, ReportType::Other)).await;
    }
    for (at, user, status, is_archived) in [
        // Looked at, and so still open.
        ("2026-01-15T09:30:00.000Z", "b", Decision::UnderReview, false),
        ("2026-01-15T10:30:00.000Z", "a", Decision::Resolved, false),
        // Out of sight, and so no longer open; decided later, which changes nothing.
        ("2026-01-15T12:30:00.000Z", "b", Decision::UnderReview, true),
        ("2026-01-15T13:30:00.000Z", "b", Decision::Rejected, true),
    ] {
        let review = review(("stream", user, 1), status, None, is_archived);
        history.tell(at, Some("staff"), review).await;
    }

    project(&database, &history).await;

    let changed = |hour: &str, change: i64| {
        let hour = format!("2026-01-15T{hour}:00:00+00:00");
        json!({"type": "other", "hour": hour, "change": change})
    };
    let expected = [
        changed("07", 1),
        changed("08", 2),
        changed("10", -1),
        changed("11", 1),
        changed("12", -1),
    ];
    let found = rows(&database.pool, "backlog_changes").await;
    assert_eq!(sorted(&found), sorted(&json!(expected)));
}

fn sorted(rows: &Value) -> Vec<String> {
    let mut rows: Vec<_> = rows.as_array().unwrap().iter().map(ToString::to_string).collect();
    rows.sort();
    rows
}
