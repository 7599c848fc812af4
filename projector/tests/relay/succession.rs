//! Who relays, and what.

use std::collections::BTreeSet;

use event_log::Position;
use projector::{Command, Config, execute};
use service::StorageConfig;
use testing::{Database, eventually};

use crate::history::{AT, History, ban};
use crate::relaying::{Relaying, config, reached, relayed};
use crate::topic::{assert_gapless, everything, partitions};

#[tokio::test]
async fn a_stand_by_takes_over_where_the_other_was() {
    let database = Database::create().await;
    let history = History::stored(&database).await;
    let kafka = config(testing::kafka::brokers());
    let first = Relaying::start(&database.pool, history.reader(), &kafka);
    history.tell(AT, Some("moderator"), ban("stream", "a", 1)).await;
    relayed(&database.pool, Position(1)).await;
    let second = Relaying::start(&database.pool, history.reader(), &kafka);
    history.tell(AT, Some("moderator"), ban("stream", "b", 1)).await;
    relayed(&database.pool, Position(2)).await;
    first.stop().await;
    history.tell(AT, Some("moderator"), ban("stream", "c", 1)).await;
    relayed(&database.pool, Position(3)).await;
    second.stop().await;

    let records = everything(&kafka).await;
    assert_eq!(assert_gapless(&records, &BTreeSet::from([1, 2, 3])), 0, "one at a time");
}

#[tokio::test]
async fn a_checkpoint_of_another_log_is_not_taken_up() {
    let database = Database::create().await;
    let history = History::stored(&database).await;
    let kafka = config(testing::kafka::brokers());
    history.tell(AT, Some("moderator"), ban("stream", "a", 1)).await;
    sqlx::query(
        "INSERT INTO reactors.checkpoints (name, position, log_id) VALUES ('relay', 77, '5:other')",
    )
    .execute(&database.pool)
    .await
    .unwrap();
    let relaying = Relaying::start(&database.pool, history.reader(), &kafka);
    // It has looked at it, again and again.
    eventually("the claims", async || {
        let owner: i64 = sqlx::query_scalar("SELECT owner FROM reactors.checkpoints")
            .fetch_one(&database.pool)
            .await
            .unwrap();
        (owner >= 3).then_some(())
    })
    .await;
    assert_eq!(reached(&database.pool).await, Position(77));
    sqlx::query("UPDATE reactors.checkpoints SET position = 0")
        .execute(&database.pool)
        .await
        .unwrap();
    relayed(&database.pool, Position(1)).await;
    relaying.stop().await;
}

#[tokio::test]
async fn nothing_that_replays_the_log_relays_it() {
    let database = Database::create().await;
    let history = History::stored(&database).await;
    let kafka = config(testing::kafka::brokers());
    history.tell(AT, Some("moderator"), ban("stream", "a", 1)).await;
    for command in
        [Command::Rebuild { names: vec!["all".into()] }, Command::Verify, Command::RetryParked]
    {
        let storage = StorageConfig { database_url: database.url.clone(), event_log: None };
        let listen = "127.0.0.1:0".parse().unwrap();
        execute(Config { storage, kafka: kafka.clone(), listen }, command).await.unwrap();
    }
    assert_eq!(partitions(&kafka).await, 0, "there is not even a topic");
    assert_eq!(reached(&database.pool).await, Position::START);
}
