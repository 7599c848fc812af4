//! A log that somebody with the rights of a superuser has changed.

use event_log::{LogError, LogReader, Position};
use sqlx::AssertSqlSafe;
use testing::Database;

use crate::given::extend;
use crate::server::connect;

async fn tamper(database: &Database, statement: &str) {
    let past_the_guard = format!(
        "ALTER TABLE log.events DISABLE TRIGGER events_immutable; {statement};
         ALTER TABLE log.events ENABLE ALWAYS TRIGGER events_immutable"
    );
    sqlx::raw_sql(AssertSqlSafe(past_the_guard)).execute(&database.owner).await.unwrap();
}

#[tokio::test]
async fn a_hole_stops_the_reader_but_not_the_auditor() {
    let database = Database::create().await;
    let log = connect(&database).await;
    for version in 0..5 {
        extend(&log, "a", version).await;
    }
    tamper(&database, "DELETE FROM log.events WHERE position = 3").await;
    tamper(&database, "UPDATE log.events SET version = -1 WHERE position = 5").await;

    let read = log.read_all(Position::START, 4).await;
    assert!(matches!(read, Err(LogError::Broken(_))), "{read:?}");
    let raw = log.read_raw(Position::START, Position(10)).await.unwrap();
    // Of the fifth row no event can be made.
    assert_eq!(raw.iter().map(|event| event.position.0).collect::<Vec<_>>(), [1, 2, 4]);
    assert!(log.read_at(&[Position(3)]).await.unwrap().is_empty());
}
