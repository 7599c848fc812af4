//! PostgreSQL goes away and comes back.

use std::str::FromStr;
use std::time::Duration;

use query_api::access::Access;
use serde_json::json;
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use testing::{World, eventually};

use crate::support::{NewBan, STAFF, Stage, VIEWER};

const BANS: &str = "/api/v1/live-stream-ban";

/// Lets connections to the stage's database in, or throws all out.
pub(crate) async fn allow(stage: &Stage, allowed: bool) {
    let options = PgConnectOptions::from_str(&stage.database.owner_url).unwrap();
    let name = options.get_database().unwrap().to_owned();
    let mut admin = PgConnection::connect_with(&options.database("postgres")).await.unwrap();
    let alter = format!("ALTER DATABASE {name} ALLOW_CONNECTIONS {allowed}");
    sqlx::query(AssertSqlSafe(alter)).execute(&mut admin).await.unwrap();
    if !allowed {
        let terminate = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1";
        sqlx::query(terminate).bind(name).execute(&mut admin).await.unwrap();
    }
}

#[tokio::test]
async fn an_outage_is_told_and_outlived() {
    let stage = Stage::with(Access::new(Duration::from_mins(1)), |log| log).await;
    stage.ban(NewBan::default()).await;
    let access = format!("/api/v1/live-streams/{}/access/{}", World::STREAM, World::VIEWER);
    assert_eq!(stage.get(VIEWER, &access).await.status.as_u16(), 200);
    assert_eq!(stage.get(STAFF, BANS).await.status.as_u16(), 200);
    let ready = |ok: bool| {
        let health = stage.health.clone();
        async move || (health.report()["database"].ok == ok).then_some(())
    };
    eventually("the database to be there", ready(true)).await;

    allow(&stage, false).await;
    for path in [
        BANS.to_owned(),
        format!("{BANS}/0123456789abcdef01230001"),
        format!("{BANS}/check/{}?liveStreamId={}", World::VIEWER, World::STREAM),
        "/api/v1/live-stream-reports".to_owned(),
        "/api/v1/live-stream-reports/my-reports".to_owned(),
        "/api/v1/live-stream-reports/0123456789abcdef01230001".to_owned(),
        "/api/v1/statistics".to_owned(),
    ] {
        let answer = stage.get_with(STAFF, &path, &[]).await;
        assert_eq!(answer.header("retry-after"), "1", "{path}");
        assert_eq!(answer.errors(503), json!(["Service temporarily unavailable"]), "{path}");
    }
    // Memory still knows; only who runs the live stream cannot be looked up.
    assert_eq!(stage.get(VIEWER, &access).await.data()["canWatch"], json!(false));
    eventually("the outage to be seen", ready(false)).await;
    assert!(stage.health.report()["access"].ok);

    allow(&stage, true).await;
    eventually("the database to be there again", ready(true)).await;
    stage.ban(NewBan { user: "second", ..NewBan::default() }).await;
    eventually("queries to be answered again", async || {
        let answer = stage.get(STAFF, BANS).await;
        (answer.status.as_u16() == 200).then(|| assert_eq!(answer.ids().len(), 2))
    })
    .await;
    let second = format!("/api/v1/live-streams/{}/access/second", World::STREAM);
    assert_eq!(stage.get(STAFF, &second).await.data()["canWatch"], json!(false));
}
