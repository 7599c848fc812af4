//! The broker is away.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use event_log::Position;
use projector::Projector;
use service::{Health, ManualClock};
use testing::kafka::Broker;
use testing::{Database, eventually, wait_until};
use tokio_util::sync::CancellationToken;

use crate::history::{AT, History, ban, time};
use crate::keys::master;
use crate::relaying::{Relaying, config, owner, reached, relayed};
use crate::topic::{assert_gapless, create, everything, partitions, set};

/// How long the broker is away.
const AWAY: Duration = Duration::from_secs(20);

/// No command that waited for a broker would be as fast, and none that shares this machine with all the
/// other tests is as slow.
const PROMPT: Duration = Duration::from_secs(5);

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
    let projector = Projector { pool, reader, master: master(), clock, health };
    let projecting = tokio::spawn(projector::run(projector, projector::all(), shutdown.clone()));
    let enough = Arc::new(AtomicBool::new(false));
    let writers: Vec<_> =
        (0..4).map(|n| tokio::spawn(write(Arc::clone(&history), n, Arc::clone(&enough)))).collect();

    relayed(&database.pool, Position(100)).await;
    broker.stop().await;
    let before = (history.log.head().await.unwrap(), reached(&database.pool).await);
    tokio::time::sleep(AWAY).await;
    let during = (history.log.head().await.unwrap(), reached(&database.pool).await);
    assert!(during.0.0 > before.0.0 + 100, "commands go on: {before:?}, {during:?}");
    wait_until(&database.pool, "bans", during.0.0).await;
    assert!(during.1 < during.0, "{during:?}");
    let check = eventually("the lag to be shown", async || {
        let check = relaying.health.report().get("kafka")?.clone();
        let lag = check.detail["relay"]["lagEvents"].as_u64();
        (lag > Some(100) && check.detail["brokersReachable"] == false).then_some(check)
    })
    .await;
    assert!(check.ok, "ready, with lag shown");

    broker.start_again().await;
    let back = Instant::now();
    let waiting = history.log.head().await.unwrap();
    relayed(&database.pool, waiting).await;
    let caught_up = back.elapsed();
    enough.store(true, Ordering::Release);
    let mut slowest = Duration::ZERO;
    for writer in writers {
        slowest = slowest.max(writer.await.unwrap());
    }
    assert!(slowest < PROMPT, "the slowest command took {slowest:?}");
    let head = history.log.head().await.unwrap();
    relayed(&database.pool, head).await;
    eventually("the lag to be gone", async || {
        let check = relaying.health.report().get("kafka")?.clone();
        (check.detail["relay"]["lagEvents"] == 0 && check.detail["brokersReachable"] == true)
            .then_some(())
    })
    .await;
    let records = everything(&kafka).await;
    let again = assert_gapless(&records, &(1..=head.0).collect::<BTreeSet<_>>());
    let lag = during.0.0 - during.1.0;
    println!(
        "{} events, {again} of them sent twice; {lag} behind after {AWAY:?}, {} relayed {caught_up:?} \
         after the broker was back; slowest command {slowest:?}",
        head.0,
        waiting.0 - during.1.0,
    );
    relaying.stop().await;
    shutdown.cancel();
    projecting.await.unwrap();
}

/// Writes until there is `enough`. How long the slowest took.
async fn write(history: Arc<History>, n: usize, enough: Arc<AtomicBool>) -> Duration {
    let mut slowest = Duration::ZERO;
    for m in 0.. {
        if enough.load(Ordering::Acquire) {
            break;
        }
        let (stream, user) = (format!("stream-{n}"), format!("user-{m}"));
        let begun = Instant::now();
        history.tell(AT, Some("moderator"), ban(&stream, &user, 1)).await;
        slowest = slowest.max(begun.elapsed());
        // A steady load, not as much as the machine can do.
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    slowest
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_is_killed_under_load_gets_everything() {
    let database = Database::create().await;
    let history = Arc::new(History::stored(&database).await);
    let broker = Broker::start().await;
    let kafka = config(broker.address.clone());
    let relaying = Relaying::start(&database.pool, history.reader(), &kafka);
    let enough = Arc::new(AtomicBool::new(false));
    let writers: Vec<_> =
        (0..4).map(|n| tokio::spawn(write(Arc::clone(&history), n, Arc::clone(&enough)))).collect();
    for _ in 0..3 {
        let before = history.log.head().await.unwrap();
        relayed(&database.pool, Position(before.0 + 100)).await;
        broker.kill().await;
        let dead = history.log.head().await.unwrap();
        eventually("commands to go on", async || {
            (history.log.head().await.unwrap().0 > dead.0 + 100).then_some(())
        })
        .await;
        broker.start_again().await;
    }
    enough.store(true, Ordering::Release);
    for writer in writers {
        writer.await.unwrap();
    }
    let head = history.log.head().await.unwrap();
    relayed(&database.pool, head).await;
    relaying.stop().await;
    let again = assert_gapless(&everything(&kafka).await, &(1..=head.0).collect());
    println!("{} events, 3 kills of the broker, {again} of them sent twice", head.0);
}

#[tokio::test]
async fn what_the_broker_refuses_is_sent_again_and_nothing_passes_it() {
    let database = Database::create().await;
    let history = History::stored(&database).await;
    let kafka = config(testing::kafka::brokers());
    // Nothing fits into it.
    create(&kafka, 3, ("max.message.bytes", "1")).await;
    let relaying = Relaying::start(&database.pool, history.reader(), &kafka);
    for n in 1..=20 {
        history.tell(AT, Some("moderator"), ban(&format!("stream-{n}"), "user", 1)).await;
    }
    // It has tried more than once, and given each try up.
    eventually("the claims", async || (owner(&database.pool).await >= 3).then_some(())).await;
    assert_eq!(reached(&database.pool).await, Position::START);
    assert_eq!(everything(&kafka).await.len(), 0);
    let check = relaying.health.report()["kafka"].clone();
    assert!(check.ok, "{check:?}");
    assert_eq!(check.detail["brokersReachable"], true);

    set(&kafka, "max.message.bytes", "1048588").await;
    relayed(&database.pool, Position(20)).await;
    relaying.stop().await;
    assert_gapless(&everything(&kafka).await, &(1..=20).collect());
    assert_eq!(partitions(&kafka).await, 3, "a topic that is there stays as it is");
}
