//! `X-Min-Position` and `X-Read-Position`.

use std::time::Duration;

use serde_json::json;
use testing::World;
use tokio::time::Instant;

use crate::support::{NewBan, NewReport, STAFF, Stage};

const BANS: &str = "/api/v1/live-stream-ban";

fn queries() -> [String; 5] {
    [
        BANS.to_owned(),
        format!("{BANS}/0123456789abcdef01230001"),
        "/api/v1/live-stream-reports".to_owned(),
        "/api/v1/statistics".to_owned(),
        format!("/api/v1/live-streams/{}/access/{}", World::STREAM, World::VIEWER),
    ]
}

#[tokio::test]
async fn every_answer_tells_how_far_it_read() {
    let stage = Stage::new().await;
    stage.ban(NewBan::default()).await;
    stage.report(NewReport::default()).await;
    for path in queries() {
        let answer = stage.get(STAFF, &path).await;
        assert_eq!(answer.header("x-read-position"), "2", "{path}");
    }
}

#[tokio::test]
async fn what_is_no_position_is_refused() {
    let stage = Stage::new().await;
    let error = "X-Min-Position: must be a value that X-Event-Position or X-Read-Position gave";
    for path in queries() {
        for position in ["", "-1", "1.5", "abc", "9223372036854775808", "1 2"] {
            let answer = stage.get_with(STAFF, &path, &[("X-Min-Position", position)]).await;
            let expected = json!(["Validation failed", error]);
            assert_eq!(answer.errors(400), expected, "{path} {position}");
        }
    }
}

#[tokio::test]
async fn a_position_that_does_not_come_is_given_up() {
    let stage = Stage::new().await;
    let headers = [("X-Min-Position", "1000")];
    let begin = Instant::now();
    let paths = queries();
    let answers = paths.iter().map(|path| stage.get_with(STAFF, path, &headers));
    for answer in futures_util::future::join_all(answers).await {
        assert_eq!(answer.header("retry-after"), "1");
        assert_eq!(answer.header("x-read-position"), "0");
        let expected = json!([
            "Service temporarily unavailable",
            "X-Min-Position: this position is not reached yet"
        ]);
        assert_eq!(answer.errors(503), expected);
    }
    let waited = begin.elapsed();
    assert!(waited >= Duration::from_secs(2), "{waited:?}");
}

#[tokio::test]
async fn a_query_waits_for_what_it_must_know_of() {
    let stage = Stage::new().await;
    stage.ban(NewBan::default()).await;
    let before = stage.get(STAFF, BANS).await;
    assert_eq!(before.header("x-read-position"), "1");
    // The projector can read its table, and not write it.
    let mut brake = stage.database.owner.begin().await.unwrap();
    sqlx::query("LOCK TABLE projections.bans IN SHARE MODE").execute(&mut *brake).await.unwrap();
    let new = stage.ban(NewBan { user: "second", ..NewBan::default() }).await;

    let early = stage.get_with(STAFF, BANS, &[]).await;
    assert_eq!(early.header("x-read-position"), "1");
    assert_eq!(early.ids().len(), 1);

    let release = async { brake.rollback().await.unwrap() };
    let (patient, ()) = tokio::join!(stage.get(STAFF, BANS), release);
    assert_eq!(patient.header("x-read-position"), "2");
    assert!(patient.ids().contains(&new.to_string()));
}

#[tokio::test]
async fn a_notification_is_heard_before_the_table_is_asked_again() {
    let stage = Stage::new().await;
    // No such position is in the table, so the next look at it forgets this one.
    testing::eventually("a notification to be heard", async || {
        let notify = "SELECT pg_notify('docket_checkpoint', 'bans:1000')";
        sqlx::query(notify).execute(stage.pool()).await.unwrap();
        let answer = stage.get_with(STAFF, BANS, &[]).await;
        (answer.header("x-read-position") == "1000").then_some(())
    })
    .await;
    testing::eventually("the table to be asked", async || {
        let answer = stage.get_with(STAFF, BANS, &[]).await;
        (answer.header("x-read-position") == "0").then_some(())
    })
    .await;
}
