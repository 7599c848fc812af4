//! How many SQL statements a command costs when many come at once.

use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::future::join_all;
use serde_json::json;
use testing::World;

use crate::support::*;

const CONNECTIONS: usize = 64;
const COMMANDS: usize = 2500;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn at_64_connections_a_command_costs_less_than_a_third_of_a_statement() {
    let service = Service::start().await;
    let owner = &service.database.owner;
    sqlx::raw_sql("CREATE EXTENSION pg_stat_statements").execute(owner).await.unwrap();
    sqlx::query(
        "INSERT INTO directory.users
         SELECT 'user' || n, 'user' || n, 'user', '', '', NULL, 'online', false, now()
         FROM generate_series(0, $1) n",
    )
    .bind(i32::try_from(CONNECTIONS + COMMANDS).unwrap())
    .execute(owner)
    .await
    .unwrap();
    // Connections are made and statements prepared before anything is counted.
    ban_all(&service, 0..CONNECTIONS).await;
    let reset = "SELECT pg_stat_statements_reset(0, oid, 0) FROM pg_database
        WHERE datname = current_database()";
    sqlx::query(reset).execute(owner).await.unwrap();
    ban_all(&service, CONNECTIONS..CONNECTIONS + COMMANDS).await;

    let statements: Vec<(String, i64)> = sqlx::query_as(
        "SELECT query, calls FROM pg_stat_statements
         JOIN pg_database ON pg_database.oid = dbid AND datname = current_database()
         WHERE query NOT LIKE '%pg_stat_statements%' ORDER BY calls DESC",
    )
    .fetch_all(owner)
    .await
    .unwrap();
    assert_eq!(service.events().await.len(), CONNECTIONS + COMMANDS);
    let calls: i64 = statements.iter().map(|(_, calls)| calls).sum();
    let appends: i64 = statements
        .iter()
        .filter(|(query, _)| query.contains("log.append"))
        .map(|(_, calls)| calls)
        .sum();
    let allowed = |per_mille: usize| i64::try_from(COMMANDS * per_mille / 1000).unwrap();
    assert!(calls <= allowed(300), "{calls} for {COMMANDS} commands: {statements:#?}");
    assert!(appends <= allowed(100), "{appends} appends for {COMMANDS} commands");
}

/// Bans these users over all connections. Each takes the next user as soon as it has its answer, so
/// that none is idle before the last are under way.
async fn ban_all(service: &Service, users: Range<usize>) {
    let next = AtomicUsize::new(users.start);
    let connection = async || {
        loop {
            let user = next.fetch_add(1, Ordering::Relaxed);
            if user >= users.end {
                break;
            }
            let target = format!("user{user}");
            let body = json!({"targetUserId": target, "liveStreamId": World::STREAM});
            service.post("/api/v1/live-stream-ban", CREATOR, body).await.data(200);
        }
    };
    join_all((0..CONNECTIONS).map(|_| connection())).await;
}
