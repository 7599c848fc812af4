//! Who has read what is on record before it is answered.

use serde_json::{Value, json};
use sqlx::AssertSqlSafe;
use testing::World;

use crate::support::{ADMIN, AUDITOR, NOW, NewBan, NewReport, STAFF, Stage};

async fn reads(stage: &Stage) -> Value {
    sqlx::query_scalar(
        "SELECT coalesce(jsonb_agg(to_jsonb(r) - 'id' ORDER BY id), '[]') FROM audit.reads r",
    )
    .fetch_one(&stage.database.owner)
    .await
    .unwrap()
}

#[tokio::test]
async fn a_read_is_on_record_with_who_what_and_when() {
    let stage = Stage::new().await;
    let path = "/api/v1/audit/events?type=BanCreated&from=2026-01-15&x=%00&x=2";
    stage.get_with(AUDITOR, path, &[("X-Request-ID", "ask-17")]).await.errors(400);
    let missing = "/api/v1/audit/bans/0123456789abcdef01230001?at=2026-01-15T10:00:00.000Z";
    stage.get_with(ADMIN, missing, &[("X-Request-ID", "ask-18")]).await.errors(404);
    // Those who may not have read nothing.
    stage.get(STAFF, "/api/v1/audit/events").await.errors(403);
    stage.get_anonymously("/api/v1/audit/events").await.errors(401);

    let mut found = reads(&stage).await;
    let found = found.as_array_mut().unwrap();
    found.sort_by_key(|read| read["correlation_id"].to_string());
    let at = NOW.replace(".000Z", "+00:00");
    let expected = [
        json!({
            "actor": "auditor-1", "roles": ["auditor"], "route": "/api/v1/audit/events", "at": at,
            "correlation_id": "ask-17",
            "filter": {"path": {}, "query":
                {"type": "BanCreated", "from": "2026-01-15", "x": ["\u{fffd}", "2"]}},
        }),
        json!({
            "actor": World::STAFF, "roles": ["admin"], "route": "/api/v1/audit/bans/{id}",
            "at": at, "correlation_id": "ask-18",
            "filter": {"path": {"id": "0123456789abcdef01230001"},
                "query": {"at": "2026-01-15T10:00:00.000Z"}},
        }),
    ];
    assert_eq!(found, &expected);
}

/// Also one that is added tomorrow.
#[tokio::test]
async fn no_route_for_auditors_goes_unrecorded() {
    let stage = Stage::new().await;
    let ban = stage.ban(NewBan::default()).await.to_string();
    let report = stage.report(NewReport::default()).await.to_string();
    let document = stage.get_anonymously("/openapi.json").await.body;
    let paths = document["paths"].as_object().unwrap().keys();
    let audited: Vec<_> = paths.filter(|path| path.starts_with("/api/v1/audit/")).collect();
    assert!(audited.len() >= 5, "{audited:?}");
    for template in audited {
        let id = match template.as_str() {
            "/api/v1/audit/bans/{id}" => &ban,
            "/api/v1/audit/reports/{id}" => &report,
            _ => World::STREAM,
        };
        let filled: Vec<_> =
            template.split('/').map(|part| if part.starts_with('{') { id } else { part }).collect();
        let before = reads(&stage).await.as_array().unwrap().len();
        let answer = stage.get(AUDITOR, &filled.join("/")).await;
        assert_eq!(reads(&stage).await.as_array().unwrap().len(), before + 1, "{template}");
        let routes: Vec<String> = sqlx::query_scalar("SELECT route FROM audit.reads")
            .fetch_all(&stage.database.owner)
            .await
            .unwrap();
        assert!(routes.contains(template), "{template} is not among {routes:?}");
        assert!(answer.status.as_u16() < 500, "{template}");
    }
}

#[tokio::test]
async fn what_cannot_be_recorded_is_not_answered() {
    let stage = Stage::new().await;
    let revoke = "REVOKE INSERT ON audit.reads FROM docket_service";
    sqlx::query(revoke).execute(&stage.database.owner).await.unwrap();
    for path in ["/api/v1/audit/events", "/api/v1/audit/users/a"] {
        let answer = stage.get(AUDITOR, path).await;
        assert_eq!(answer.header("retry-after"), "1", "{path}");
        let reason = "the read could not be recorded, so it is not answered: try again";
        assert_eq!(
            answer.errors(503),
            json!(["Service temporarily unavailable", reason]),
            "{path}"
        );
    }
    let grant = "GRANT INSERT ON audit.reads TO docket_service";
    sqlx::query(grant).execute(&stage.database.owner).await.unwrap();
    assert_eq!(stage.lines("events").await.positions(), [0; 0]);
    assert_eq!(reads(&stage).await.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn the_record_can_only_be_added_to() {
    let stage = Stage::new().await;
    stage.lines("events").await;
    for statement in [
        "SELECT * FROM audit.reads",
        "UPDATE audit.reads SET actor = 'nobody'",
        "DELETE FROM audit.reads",
        "TRUNCATE audit.reads",
        "ALTER TABLE audit.reads DISABLE TRIGGER ALL",
    ] {
        let refused = sqlx::raw_sql(AssertSqlSafe(statement)).execute(stage.pool()).await;
        let error = refused.expect_err(statement);
        assert_eq!(error.as_database_error().unwrap().code().unwrap(), "42501", "{statement}");
    }
    for statement in [
        "UPDATE audit.reads SET actor = 'nobody'",
        "DELETE FROM audit.reads WHERE false",
        "TRUNCATE audit.reads",
        "SET session_replication_role = replica; DELETE FROM audit.reads",
    ] {
        let refused = sqlx::raw_sql(AssertSqlSafe(statement)).execute(&stage.database.owner).await;
        let error = refused.expect_err(statement);
        assert_eq!(error.as_database_error().unwrap().code().unwrap(), "55000", "{statement}");
    }
    assert_eq!(reads(&stage).await.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn many_reads_share_few_statements() {
    const READS: usize = 200;
    let stage = Stage::new().await;
    let asks = (0..READS).map(|_| stage.get(AUDITOR, "/api/v1/audit/events?limit=1"));
    for answer in futures_util::future::join_all(asks).await {
        assert_eq!(answer.status.as_u16(), 200);
    }
    let (rows, transactions): (i64, i64) =
        sqlx::query_as("SELECT count(*), count(DISTINCT xmin::text) FROM audit.reads")
            .fetch_one(&stage.database.owner)
            .await
            .unwrap();
    assert_eq!(rows, 200);
    assert!(transactions < rows / 2, "{transactions} for {rows}");
}
