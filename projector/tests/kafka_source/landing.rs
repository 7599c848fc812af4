//! Records become rows.

use std::time::Instant;

use testing::Database;

use crate::history::{AT, History, ban};
use crate::member::{Member, assert_true_to_the_log, reached};
use crate::tables::rows;
use crate::topic::Topic;

#[tokio::test]
async fn what_is_relayed_becomes_the_rows_that_the_log_makes() {
    let database = Database::create().await;
    sqlx::raw_sql("CREATE SCHEMA IF NOT EXISTS reactors; CREATE TABLE IF NOT EXISTS reactors.checkpoints(name text primary key, position bigint); GRANT USAGE ON SCHEMA reactors TO docket_service; GRANT ALL ON ALL TABLES IN SCHEMA reactors TO docket_service").execute(&database.owner).await.unwrap();
    let (history, topic) = (History::stored(&database).await, Topic::create(6).await);
    let log = history.reader();
    for nth in 0..200 {
        let stream = format!("stream-{}", nth % 9);
        history.tell(AT, Some("moderator"), ban(&stream, &format!("user-{nth}"), 1)).await;
    }
    topic.relay(log.as_ref(), &database.pool).await;
    let member = Member::start(&database.pool, log.clone(), &topic.config);
    reached(&database.pool, log.head().await.unwrap()).await;
    for nth in 0..10 {
        history.tell(AT, Some("moderator"), ban("stream-1", &format!("late-{nth}"), 1)).await;
        let told = Instant::now();
        let head = topic.relay(log.as_ref(), &database.pool).await;
        let relayed = told.elapsed();
        reached(&database.pool, head).await;
        eprintln!("relayed {relayed:?} reached {:?}", told.elapsed());
    }
    assert_eq!(rows(&database.pool, "parked").await, serde_json::json!([]));
    assert_true_to_the_log(&database.pool, log.as_ref()).await;
    member.stop().await;
}
