//! The broker is away.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use projector::Projector;
use service::{Health, ManualClock};
use testing::kafka::Broker;
use testing::{Database, eventually, wait_until};
use tokio_util::sync::CancellationToken;

use crate::history::{AT, History, ban, time};
use crate::relaying::{Relaying, config, reached, relayed};
use crate::topic::{assert_gapless, everything};

/// How long the broker is away.
const AWAY: Duration = Duration::from_secs(20);

#[tokio::test(flavor = "multi_thread")]
async fn twenty_seconds_without_a_broker_lose_nothing_and_stop_nobody() {
    let database = Database::create().await;
    let history = Arc::new(History::stored(&database).await);
    let broker = Broker::start().await;
    let kafka = config(broker.address.clone());
    let relaying = Relaying::start(&database.pool, history.reader(), &kafka);
    let (shutdown, health) = (CancellationToken::new(), Health::new());
    let clock = Arc::new(ManualClock::new(time(AT)));
    let (pool, reader) = (database.pool.clone(), history.reader());
    let projector = Projector { pool, reader, clock, health };
    let projecting = tokio::spawn(projector::run(projector, projector::all(), shutdown.clone()));
    let enough = Arc::new(AtomicBool::new(false));
    let writers: Vec<_> =
        (0..4).map(|n| tokio::spawn(write(Arc::clone(&history), n, Arc::clone(&enough)))).collect();

    relayed(&database.pool, event_log::Position(100)).await;
    broker.stop().await;
    let before = (history.log.head().await.unwrap(), reached(&database.pool).await);
    tokio::time::sleep(AWAY).await;
    let during = (history.log.head().await.unwrap(), reached(&database.pool).await);
    assert!(during.0.0 > before.0.0 + 100, "commands go on: {before:?}, {during:?}");
    wait_until(&database.pool, "bans", during.0.0).await;
    assert!(during.1 < during.0, "{during:?}");
    let check = eventually("the lag to be shown", async || {
        let check = relaying.health.report().get("kafka")?.clone();
        (check.detail["relay"]["lagEvents"].as_u64() > Some(100)).then_some(check)
    })
    .await;
    assert!(check.ok, "ready, with lag shown");

    broker.start_again().await;
    enough.store(true, Ordering::Release);
    for writer in writers {
        writer.await.unwrap();
    }
    let head = history.log.head().await.unwrap();
    relayed(&database.pool, head).await;
    let records = everything(&kafka).await;
    let again = assert_gapless(&records, &(1..=head.0).collect::<BTreeSet<_>>());
    println!("{} events, {again} of them sent twice", head.0);
    relaying.stop().await;
    shutdown.cancel();
    projecting.await.unwrap();
}

async fn write(history: Arc<History>, n: usize, enough: Arc<AtomicBool>) {
    for m in 0.. {
        if enough.load(Ordering::Acquire) {
            return;
        }
        let (stream, user) = (format!("stream-{n}"), format!("user-{m}"));
        history.tell(AT, Some("moderator"), ban(&stream, &user, 1)).await;
        // A steady load, not as much as the machine can do.
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
