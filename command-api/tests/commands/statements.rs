//! How many SQL statements a command costs when many come at once.

use std::ops::Range;

use futures_util::future::join_all;
use serde_json::json;
use testing::World;

use crate::support::*;

const CONNECTIONS: usize = 64;
const COMMANDS: usize = 20;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn at_64_connections_a_command_costs_less_than_a_third_of_a_statement() {
    let service = Service::start().await;
    let owner = &service.database.owner;
    sqlx::raw_sql("CREATE EXTENSION pg_stat_statements").execute(owner).await.unwrap();
    sqlx::query(
        "INSERT INTO directory.users
         SELECT 'user' || n, 'user' || n, 'user', '', '', NULL, 'online', false, now()
         FROM generate_series(1, $1) n",
    )
    .bind(i32::try_from(CONNECTIONS * COMMANDS).unwrap())
    .execute(owner)
    .await
    .unwrap();
    // Connections are made and statements prepared before anything is counted.
    join_all((0..CONNECTIONS).map(|nth| ban_some(&service, nth, 0..1))).await;
    let reset = "SELECT pg_stat_statements_reset(0, oid, 0) FROM pg_database
        WHERE datname = current_database()";
    sqlx::query(reset).execute(owner).await.unwrap();
    join_all((0..CONNECTIONS).map(|nth| ban_some(&service, nth, 1..COMMANDS))).await;

    let statements: Vec<(String, i64)> = sqlx::query_as(
        "SELECT query, calls FROM pg_stat_statements
         JOIN pg_database ON pg_database.oid = dbid AND datname = current_database()
         WHERE query NOT LIKE '%pg_stat_statements%' ORDER BY calls DESC",
    )
    .fetch_all(owner)
    .await
    .unwrap();
    let commands = CONNECTIONS * (COMMANDS - 1);
    assert_eq!(service.events().await.len(), CONNECTIONS * COMMANDS);
    let calls: i64 = statements.iter().map(|(_, calls)| calls).sum();
    let appends: i64 = statements
        .iter()
        .filter(|(query, _)| query.contains("log.append"))
        .map(|(_, calls)| calls)
        .sum();
    let allowed = |per_mille: usize| i64::try_from(commands * per_mille / 1000).unwrap();
    assert!(calls <= allowed(300), "{calls} for {commands} commands: {statements:#?}");
    assert!(appends <= allowed(100), "{appends} appends for {commands} commands");
}

/// Bans users one after the other; every connection has its own.
async fn ban_some(service: &Service, connection: usize, users: Range<usize>) {
    for user in users {
        let target = format!("user{}", connection * COMMANDS + user + 1);
        let body = json!({"targetUserId": target, "liveStreamId": World::STREAM});
        service.post("/api/v1/live-stream-ban", CREATOR, body).await.data(200);
    }
}
