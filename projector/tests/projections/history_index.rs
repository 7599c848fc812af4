//! Given events, the rows by which they are found.

use events::Event;
use events::ban::{BanEvent, RevokeCause};
use events::report::{Decision, ReportType};
use serde_json::{Value, json};
use testing::Database;
use ulid::Ulid;

use crate::history::{AT, History, ban_id, banned, end, file, metadata, report_id, review, time};
use crate::running::{assert_true_to_the_log, project};
use crate::tables::{query, rows};

const LATER: &str = "2026-01-15T11:05:00.000Z";

fn row(position: u64, event_type: &str, subject: &str, differing: &Value) -> Value {
    let mut row = json!({
        "position": position, "event_id": format!("00000000-0000-0000-0000-{position:012x}"),
        "event_type": event_type, "subject_id": subject, "live_stream_id": "stream",
        "user_id": "viewer", "creator_id": null, "actor_id": null, "report_id": null,
        "correlation_id": Ulid::nil().to_string(), "causation_id": null,
        "occurred_at": time(AT).to_rfc3339().replace(".250", ".25"),
    });
    let differing = differing.as_object().unwrap().clone();
    row.as_object_mut().unwrap().extend(differing);
    row
}

/// Told in two goes, so that what goes on is found in the page and in the table.
#[tokio::test]
async fn every_event_is_found_by_whom_it_concerns() {
    let (database, history) = (Database::create().await, History::new());
    let report = report_id("stream", "reporter", 1);
    history.tell(AT, Some("reporter"), file("stream", "reporter", 1, ReportType::Other)).await;
    let resolved = review(("stream", "reporter", 1), Decision::Resolved, None, false);
    history.tell(AT, Some("staff"), resolved).await;
    let mut created = banned("stream", "viewer", 1);
    created.report_id = Some(report);
    let encoded = Event::Ban(BanEvent::Created(created)).encode().unwrap();
    let mut caused = metadata(AT, Some("staff"));
    caused.causation_id = Some(Ulid(2));
    let stream = ban_id("stream", "viewer", 1).stream();
    history.tell_raw(&stream, "BanCreated", encoded.data.get(), caused).await;
    project(&database, &history).await;
    history.tell(LATER, None, end("stream", "viewer", 1, RevokeCause::Expired)).await;
    let archived = review(("stream", "reporter", 1), Decision::Resolved, None, true);
    history.tell(LATER, Some("staff"), archived).await;
    project(&database, &history).await;

    let (report, ban) = (report.to_string(), ban_id("stream", "viewer", 1).to_string());
    let of_report = |actor: &str, at: &str| json!({"user_id": "reporter", "creator_id": "creator", "actor_id": actor, "occurred_at": at});
    let (first, later) = ("2026-01-15T10:30:00.25+00:00", "2026-01-15T11:05:00+00:00");
    let expected = json!([
        row(1, "ReportFiled", &report, &of_report("reporter", first)),
        row(2, "ReportReviewed", &report, &of_report("staff", first)),
        row(
            3,
            "BanCreated",
            &ban,
            &json!({"actor_id": "staff", "report_id": report,
            "causation_id": "00000000-0000-0000-0000-000000000002"})
        ),
        row(4, "BanRevoked", &ban, &json!({"occurred_at": later})),
        row(5, "ReportReviewed", &report, &of_report("staff", later)),
    ]);
    assert_eq!(rows(&database.pool, "history").await, expected);
    let hours = query(&database.pool, "SELECT first, last FROM projections.history_hours").await;
    assert_eq!(hours, json!([{"first": 1, "last": 3}, {"first": 4, "last": 5}]));
    assert_true_to_the_log(&database.pool, history.reader().as_ref()).await;
}

#[tokio::test]
async fn the_end_of_what_never_began_is_found_by_the_rest() {
    let (database, history) = (Database::create().await, History::new());
    history.tell(AT, Some("staff"), end("stream", "viewer", 1, RevokeCause::Manual)).await;

    project(&database, &history).await;

    let ban = ban_id("stream", "viewer", 1).to_string();
    let nowhere = json!({"live_stream_id": null, "user_id": null, "actor_id": "staff"});
    assert_eq!(
        rows(&database.pool, "history").await,
        json!([row(1, "BanRevoked", &ban, &nowhere)])
    );
}

/// The log is in the order of its writing; clocks of two writers may differ.
#[tokio::test]
async fn an_hour_reaches_from_its_first_event_to_its_last() {
    let (database, history) = (Database::create().await, History::new());
    for (user, at) in [("a", LATER), ("b", AT), ("c", LATER), ("d", AT)] {
        history.tell(at, Some("staff"), crate::history::ban("stream", user, 1)).await;
        project(&database, &history).await;
    }

    let expected = json!([
        {"hour": "2026-01-15T10:00:00+00:00", "first": 2, "last": 4},
        {"hour": "2026-01-15T11:00:00+00:00", "first": 1, "last": 3},
    ]);
    assert_eq!(rows(&database.pool, "history_hours").await, expected);
}
