//! Who relays, and what.

use std::collections::BTreeSet;

use event_log::Position;
use projector::{CheckpointConfig, Command, Config, execute};
use sealing::SealingConfig;
use service::StorageConfig;
use testing::kafka::Broker;
use testing::{Database, eventually};

use crate::history::{AT, History, ban};
use crate::keys;
use crate::relaying::{Relaying, config, owner, reached, relayed};
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

/// It has lost its lock and does not know: while the broker is away, its server ends its connection.
#[tokio::test]
async fn who_was_replaced_and_sends_still_does_no_harm() {
    let database = Database::create().await;
    let history = History::stored(&database).await;
    let broker = Broker::start().await;
    let kafka = config(broker.address.clone());
    let first = Relaying::start(&database.pool, history.reader(), &kafka);
    history.tell(AT, Some("moderator"), ban("stream", "a", 1)).await;
    relayed(&database.pool, Position(1)).await;
    broker.stop().await;
    for n in 0..50 {
        history.tell(AT, Some("moderator"), ban("stream", &format!("b-{n}"), 1)).await;
    }
    let ended: bool = sqlx::query_scalar(
        "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
         WHERE application_name = 'docket reactor relay' AND datname = current_database()",
    )
    .fetch_one(&database.pool)
    .await
    .unwrap();
    assert!(ended);
    let second = Relaying::start(&database.pool, history.reader(), &kafka);
    eventually("the second to take over", async || {
        (owner(&database.pool).await >= 2).then_some(())
    })
    .await;
    assert_eq!(reached(&database.pool).await, Position(1));
    broker.start_again().await;
    relayed(&database.pool, Position(51)).await;
    eventually("both to have sent it", async || {
        (everything(&kafka).await.len() > 51).then_some(())
    })
    .await;
    history.tell(AT, Some("moderator"), ban("stream", "c", 1)).await;
    relayed(&database.pool, Position(52)).await;
    first.stop().await;
    second.stop().await;

    assert_gapless(&everything(&kafka).await, &(1..=52).collect());
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
    eventually("the claims", async || (owner(&database.pool).await >= 3).then_some(())).await;
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
        let sealing = SealingConfig { master_key_file: keys::FILE.into() };
        let listen = "127.0.0.1:0".parse().unwrap();
        let config = Config {
            storage,
            sealing,
            kafka: kafka.clone(),
            checkpoints: CheckpointConfig::default(),
            listen,
        };
        execute(config, command).await.unwrap();
    }
    assert_eq!(partitions(&kafka).await, 0, "there is not even a topic");
    assert_eq!(reached(&database.pool).await, Position::START);
}
