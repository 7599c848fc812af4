//! The projector is killed again and again.

use std::collections::BTreeSet;
use std::process::Stdio;
use std::sync::Arc;

use event_log::Position;
use projector::KafkaConfig;
use testing::{Database, eventually};
use tokio::process::{Child, Command};

use crate::history::{AT, History, ban};
use crate::relaying::{config, reached, relayed};
use crate::topic::{Record, assert_gapless, everything};

const KILLS: u64 = 10;

/// Events that are told between two kills: two batches and a half.
const BETWEEN: u64 = 2_500;

/// The most events that a relay sends before it moves its checkpoint.
const BATCH: usize = 1_000;

#[tokio::test(flavor = "multi_thread")]
async fn ten_kills_leave_no_gap_and_repeat_at_most_a_batch_each() {
    let database = Database::create().await;
    let history = Arc::new(History::stored(&database).await);
    let kafka = config(testing::kafka::brokers());
    let told = Arc::clone(&history);
    let telling = tokio::spawn(async move {
        let users = (0..16).map(|n| tell(&told, n));
        futures_util::future::join_all(users).await;
    });
    for kill in 1..=KILLS {
        let mut projector = start(&database, &kafka);
        relayed(&database.pool, Position((kill - 1) * BETWEEN + kill * 37)).await;
        if kill % 2 == 0 {
            projector.kill().await.unwrap();
        } else {
            kill_between_receipts_and_checkpoint(&database, &kafka, projector).await;
        }
        assert_at_most_a_batch_ahead(&database, &kafka).await;
    }
    telling.await.unwrap();
    let head = history.log.head().await.unwrap();
    let last = start(&database, &kafka);
    relayed(&database.pool, head).await;
    drop(last);

    let records = everything(&kafka).await;
    let again = assert_gapless(&records, &(1..=head.0).collect::<BTreeSet<_>>());
    println!("{} events, {KILLS} kills, {again} of them sent twice", head.0);
    let most = usize::try_from(KILLS).unwrap() * BATCH;
    assert!((5..=most).contains(&again), "{again}: half of the kills repeat something");
    assert_eq!(reached(&database.pool).await, head);
}

/// What the next relay sends again is what the topic holds beyond the checkpoint. The latter is read
/// first: a statement of the killed one may still be under way, and moves it on.
async fn assert_at_most_a_batch_ahead(database: &Database, kafka: &KafkaConfig) {
    let checkpoint = usize::try_from(reached(&database.pool).await.0).unwrap();
    let records = everything(kafka).await;
    let sent: BTreeSet<u64> = records.iter().map(Record::position).collect();
    assert!(sent.len() <= checkpoint + BATCH, "{} after {checkpoint}", sent.len());
}

/// The worst moment: all of a batch has arrived, and the checkpoint does not say so yet.
async fn kill_between_receipts_and_checkpoint(
    database: &Database,
    kafka: &KafkaConfig,
    mut projector: Child,
) {
    let mut held = database.pool.begin().await.unwrap();
    let position: i64 = sqlx::query_scalar(
        "SELECT position FROM reactors.checkpoints WHERE name = 'relay' FOR UPDATE",
    )
    .fetch_one(&mut *held)
    .await
    .unwrap();
    eventually("more records than the checkpoint says", async || {
        let highest = everything(kafka).await.iter().map(Record::position).max()?;
        (highest > position.unsigned_abs()).then_some(())
    })
    .await;
    projector.kill().await.unwrap();
    // Its statement waits in the server, and would be done still.
    sqlx::query(
        "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
         WHERE application_name = 'docket reactor relay' AND datname = current_database()",
    )
    .execute(&database.pool)
    .await
    .unwrap();
    held.rollback().await.unwrap();
}

/// A sixteenth of the events.
async fn tell(history: &History, n: u64) {
    for m in 0..KILLS * BETWEEN / 16 {
        let (stream, user) = (format!("stream-{n}"), format!("user-{m}"));
        history.tell(AT, Some("moderator"), ban(&stream, &user, 1)).await;
    }
}

fn start(database: &Database, kafka: &KafkaConfig) -> Child {
    Command::new(env!("CARGO_BIN_EXE_projector"))
        .arg("run")
        .env("MASTER_KEY_FILE", crate::keys::FILE)
        .env("DATABASE_URL", &database.url)
        .env_remove("EVENT_LOG")
        .env_remove("PROJECTOR_SOURCE")
        .env("KAFKA_BROKERS", kafka.brokers.as_deref().unwrap())
        .env("KAFKA_TOPIC_PREFIX", &kafka.topic_prefix)
        .env("LISTEN", "127.0.0.1:0")
        .env("LOG", "warn")
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap()
}
