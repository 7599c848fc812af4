//! How long after a command's answer its event is at a connected client, compared with a bare `NOTIFY`:
//! `deploy/test --release -p all-in-one --test docket -- --ignored --nocapture latency`.

use std::time::{Duration, Instant};

use sqlx::PgPool;
use sqlx::postgres::PgListener;
use tokio::sync::mpsc;

use super::listener::Listener;
use super::{ban, lift};
use crate::set_ups::{Installation, SetUp};

/// Commands, and notifications.
const COUNT: usize = 1_000;

/// Which are not measured, because everything is still cold.
const WARM_UP: usize = 100;

#[tokio::test(flavor = "multi_thread")]
#[ignore = "measures, and takes its time"]
async fn latency_of_the_feed() {
    let docket = Installation::start(SetUp::AllInOne).await;
    let (pool, _log) = docket.storage().await;
    let before = round_trips(&pool).await;
    let mut told = delays(&docket).await;
    let mut notified = [before, round_trips(&pool).await].concat();
    let (p50, p99) = (at(&mut told, 50), at(&mut told, 99));
    let (n50, n99) = (at(&mut notified, 50), at(&mut notified, 99));
    let ratio = |one: Duration, other: Duration| one.as_secs_f64() / other.as_secs_f64();
    println!(
        "acknowledged to told: p50 {p50:?}, p99 {p99:?}; NOTIFY round trip: p50 {n50:?}, p99 {n99:?}; \
         p50 to p50 {:.2}, p99 to p50 {:.2}",
        ratio(p50, n50),
        ratio(p99, n50)
    );
    docket.stop().await;
}

/// From the moment that the answer to a command is there to the moment that its event is.
async fn delays(docket: &Installation) -> Vec<Duration> {
    let api = docket.api();
    let mut listener = Listener::open(&api, "platformModerator", None).await;
    let (sender, mut heard) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Some((position, ..)) = listener.event().await {
            sender.send((position, Instant::now())).unwrap();
        }
    });
    let mut delays = vec![];
    let mut active: Option<String> = None;
    for nth in 0..WARM_UP + COUNT {
        let position = if let Some(id) = active.take() {
            lift(&api, &id).await
        } else {
            let (position, id) = ban(&api, api.id("viewerId")).await;
            active = Some(id);
            position
        };
        let answered = Instant::now();
        let (told, at) = heard.recv().await.unwrap();
        assert_eq!(told, position);
        if nth >= WARM_UP {
            // It may be there before the answer.
            delays.push(at.saturating_duration_since(answered));
        }
    }
    delays
}

/// From a notification on one connection until it is heard on another.
async fn round_trips(pool: &PgPool) -> Vec<Duration> {
    let mut listener = PgListener::connect_with(pool).await.unwrap();
    listener.listen("measured").await.unwrap();
    let mut connection = pool.acquire().await.unwrap();
    let mut times = vec![];
    for nth in 0..WARM_UP + COUNT {
        let begun = Instant::now();
        sqlx::query("NOTIFY measured").execute(&mut *connection).await.unwrap();
        listener.recv().await.unwrap();
        if nth >= WARM_UP {
            times.push(begun.elapsed());
        }
    }
    times
}

fn at(times: &mut [Duration], percent: usize) -> Duration {
    times.sort_unstable();
    times[times.len() * percent / 100]
}
