//! What happened over time.

use events::ban::{ActionType, RevokeCause};
use events::report::{Decision, ReportType};
use serde_json::{Value, json};

use crate::support::{NewBan, NewReport, STAFF, Stage};

const STATISTICS: &str = "/api/v1/statistics";

async fn history(stage: &Stage) {
    let ban = NewBan { at: "2026-01-13T10:15:00.000Z", ..NewBan::default() };
    let first = stage.ban(ban).await;
    stage.ban(NewBan { user: "second", action: ActionType::ChatOnly, ..ban }).await;
    stage.revoke(first, RevokeCause::Manual, "2026-01-14T00:00:00.000Z").await;
    let at = "2026-01-13T10:00:00.000Z";
    for (reporter, kind, decided) in [
        ("one", ReportType::SpamOrScam, Some((Decision::Resolved, "2026-01-13T10:00:10.000Z"))),
        ("two", ReportType::SpamOrScam, Some((Decision::Rejected, "2026-01-13T11:59:59.999Z"))),
        ("three", ReportType::Other, Some((Decision::Resolved, "2026-01-14T10:00:00.000Z"))),
        ("four", ReportType::Other, None),
    ] {
        let id = stage.report(NewReport { reporter, kind, at, ..NewReport::default() }).await;
        if let Some((decision, at)) = decided {
            stage.review(id, decision, None, false, at).await;
        }
    }
}

fn empty(start: &str) -> Value {
    json!({"start": start, "reportsFiled": {}, "reportsDecided": {}, "bansCreated": {},
        "bansRevoked": {}, "openBacklog": {},
        "timeToDecision": {"decided": 0, "medianSeconds": null, "p95Seconds": null}})
}

fn bucket(start: &str, changes: &Value) -> Value {
    let mut bucket = empty(start);
    bucket.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    bucket
}

#[tokio::test]
async fn days_add_up() {
    let stage = Stage::new().await;
    history(&stage).await;
    let data =
        stage.get(STAFF, &format!("{STATISTICS}?from=2026-01-12&to=2026-01-15")).await.data();
    let expected = json!({
        "from": "2026-01-12T00:00:00.000Z", "to": "2026-01-16T00:00:00.000Z", "interval": "day",
        "timeToDecision": {"decided": 3, "medianSeconds": 7199, "p95Seconds": 86400},
        "buckets": [
            empty("2026-01-12T00:00:00.000Z"),
            bucket("2026-01-13T00:00:00.000Z", &json!({
                "reportsFiled": {"spam_or_scam": 2, "other": 2},
                "reportsDecided": {"spam_or_scam": {"resolved": 1, "rejected": 1}},
                "bansCreated": {"BLOCK": 1, "CHAT_ONLY": 1},
                "openBacklog": {"other": 2},
                "timeToDecision": {"decided": 2, "medianSeconds": 10, "p95Seconds": 7199},
            })),
            bucket("2026-01-14T00:00:00.000Z", &json!({
                "reportsDecided": {"other": {"resolved": 1}},
                "bansRevoked": {"manual": 1},
                "openBacklog": {"other": 1},
                "timeToDecision": {"decided": 1, "medianSeconds": 86400, "p95Seconds": 86400},
            })),
            bucket("2026-01-15T00:00:00.000Z", &json!({"openBacklog": {"other": 1}})),
        ],
    });
    assert_eq!(data, expected);
}

#[tokio::test]
async fn hours_are_cut_where_they_begin() {
    let stage = Stage::new().await;
    history(&stage).await;
    let range = "interval=hour&from=2026-01-13T09:59:59.999Z&to=2026-01-13T11:00:00.001Z";
    let data = stage.get(STAFF, &format!("{STATISTICS}?{range}")).await.data();
    let expected = json!({
        "from": "2026-01-13T09:00:00.000Z", "to": "2026-01-13T12:00:00.000Z", "interval": "hour",
        "timeToDecision": {"decided": 2, "medianSeconds": 10, "p95Seconds": 7199},
        "buckets": [
            empty("2026-01-13T09:00:00.000Z"),
            bucket("2026-01-13T10:00:00.000Z", &json!({
                "reportsFiled": {"spam_or_scam": 2, "other": 2},
                "reportsDecided": {"spam_or_scam": {"resolved": 1}},
                "bansCreated": {"BLOCK": 1, "CHAT_ONLY": 1},
                "openBacklog": {"other": 2, "spam_or_scam": 1},
                "timeToDecision": {"decided": 1, "medianSeconds": 10, "p95Seconds": 10},
            })),
            bucket("2026-01-13T11:00:00.000Z", &json!({
                "reportsDecided": {"spam_or_scam": {"rejected": 1}},
                "openBacklog": {"other": 2},
                "timeToDecision": {"decided": 1, "medianSeconds": 7199, "p95Seconds": 7199},
            })),
        ],
    });
    assert_eq!(data, expected);
}

#[tokio::test]
async fn a_range_that_is_not_given_ends_now() {
    let stage = Stage::new().await;
    for (query, from, to, buckets) in [
        ("", "2025-12-17T00:00:00.000Z", "2026-01-16T00:00:00.000Z", 30),
        ("?interval=hour", "2026-01-14T12:00:00.000Z", "2026-01-15T12:00:00.000Z", 24),
        ("?from=2026-01-15", "2026-01-15T00:00:00.000Z", "2026-01-16T00:00:00.000Z", 1),
        (
            "?from=2026-01-14T00:00:00Z&to=2026-01-15T00:00:00Z",
            "2026-01-14T00:00:00.000Z",
            "2026-01-15T00:00:00.000Z",
            1,
        ),
        (
            "?from=2026-01-14T00:00:00Z&to=2026-01-14T00:00:00Z",
            "2026-01-14T00:00:00.000Z",
            "2026-01-15T00:00:00.000Z",
            1,
        ),
        ("?to=2026-01-01", "2025-12-03T00:00:00.000Z", "2026-01-02T00:00:00.000Z", 30),
        (
            "?from=2025-01-01&to=2026-01-01",
            "2025-01-01T00:00:00.000Z",
            "2026-01-02T00:00:00.000Z",
            366,
        ),
    ] {
        let data = stage.get(STAFF, &format!("{STATISTICS}{query}")).await.data();
        let found = (&data["from"], &data["to"], data["buckets"].as_array().unwrap().len());
        assert_eq!(found, (&json!(from), &json!(to), buckets), "{query}");
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_range_is_told() {
    let stage = Stage::new().await;
    for (query, error) in [
        ("interval=week", "interval: must be one of: hour, day"),
        ("from=2026-01-02&to=2026-01-01", "to: must not lie before from"),
        ("from=2025-01-01&to=2026-01-02", "from: an answer by day covers at most 366 days"),
        (
            "interval=hour&from=2025-12-01&to=2026-01-01",
            "from: an answer by hour covers at most 31 days",
        ),
        ("from=0000-01-01", "from: an answer by day covers at most 366 days"),
        ("to=9999-12-31&from=9999-12-31", ""),
        (
            "from=now",
            "from: must be a date such as 2026-01-15 or an RFC 3339 time such as 2026-01-15T10:30:00.000Z",
        ),
    ] {
        let answer = stage.get(STAFF, &format!("{STATISTICS}?{query}")).await;
        if error.is_empty() {
            assert_eq!(answer.status.as_u16(), 200, "{query}");
        } else {
            assert_eq!(answer.errors(400), json!(["Validation failed", error]), "{query}");
        }
    }
}
