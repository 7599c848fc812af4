//! What is in the log stays as it is, whoever asks.

use sqlx::{AssertSqlSafe, PgPool};
use testing::Database;

use crate::given::{everything, extend};
use crate::server::connect;

const CHANGES: [&str; 5] = [
    "UPDATE log.events SET data = '{}'",
    "UPDATE log.events SET data = '{}' WHERE false",
    "DELETE FROM log.events",
    "DELETE FROM log.events WHERE position > 100",
    "TRUNCATE log.events",
];

/// What the database says to it: an SQLSTATE.
async fn refusal(pool: &PgPool, statement: &str) -> String {
    let refused = sqlx::raw_sql(AssertSqlSafe(statement.to_owned())).execute(pool).await;
    let error = refused.expect_err(statement);
    error.as_database_error().expect("an error of the database").code().unwrap().into_owned()
}

#[tokio::test]
async fn the_services_may_not_change_an_event() {
    let database = Database::create().await;
    let log = connect(&database).await;
    extend(&log, "a", 0).await;
    for change in CHANGES {
        assert_eq!(refusal(&database.pool, change).await, "42501", "{change}");
    }
    assert_eq!(everything(&log).await.len(), 1);
}

#[tokio::test]
async fn the_owner_cannot_change_an_event() {
    let database = Database::create().await;
    let log = connect(&database).await;
    extend(&log, "a", 0).await;
    for change in CHANGES {
        assert_eq!(refusal(&database.owner, change).await, "55000", "{change}");
        let as_replica = format!("SET session_replication_role = replica; {change}");
        assert_eq!(refusal(&database.owner, &as_replica).await, "55000", "{as_replica}");
    }
    assert_eq!(everything(&log).await.len(), 1);
}

#[tokio::test]
async fn the_services_cannot_switch_the_guard_off() {
    let database = Database::create().await;
    for statement in [
        "ALTER TABLE log.events DISABLE TRIGGER ALL",
        "DROP TRIGGER events_immutable ON log.events",
        "DROP TABLE log.events",
        "CREATE OR REPLACE FUNCTION log.refuse_change() RETURNS trigger LANGUAGE sql AS ''",
    ] {
        assert_eq!(refusal(&database.pool, statement).await, "42501", "{statement}");
    }
}
