//! Processes that are killed amid records.

use std::collections::BTreeMap;
use std::ops::Range;

use chrono::{DateTime, SecondsFormat, TimeDelta};
use projector::kafka::config::{LIVE_STREAMS, USERS};
use serde_json::{Value, json};
use sqlx::PgPool;
use testing::{Database, eventually};

use crate::broker::{Platform, Sent};
use crate::running::{landed, query, spawn};
use crate::samples::{live_stream, millis, snapshot, tombstone, user};

/// Records of each topic between two kills.
const EACH: u32 = 2000;

const AT: &str = "2026-01-15T10:00:01.000Z";

/// The title of each live stream, whether it has ended, and of when that is.
type Fold = BTreeMap<String, (String, bool, String)>;

/// The n-th record of a live stream: an update or a removal, of any time, of one of 40.
fn nth(n: u32) -> (String, Option<Value>, String) {
    let mixed = n.wrapping_mul(2_654_435_761) >> 8;
    let seconds = TimeDelta::seconds(i64::from(mixed % 5000));
    let at = DateTime::from_timestamp_millis(millis(AT)).unwrap() + seconds;
    let at = at.to_rfc3339_opts(SecondsFormat::Millis, true);
    let id = format!("stream-{:02}", n % 40);
    let value =
        (!(mixed / 5000).is_multiple_of(7)).then(|| live_stream(&id, &format!("Title {n}"), &at));
    (id, value, at)
}

/// What one record after the other makes of the live streams.
fn fold(fold: &mut Fold, (id, value, at): (String, Option<Value>, String)) {
    let known = fold.get_mut(&id);
    if known.as_ref().is_some_and(|(_, _, known)| *known > at) {
        return;
    }
    match (value, known) {
        (Some(value), _) => {
            fold.insert(id, (value["title"].as_str().unwrap().to_owned(), false, at));
        }
        (None, Some(known)) => (known.1, known.2) = (true, at),
        (None, None) => {}
    }
}

fn sent((id, value, at): &(String, Option<Value>, String)) -> Sent {
    value.as_ref().map_or_else(|| tombstone(id, at), snapshot)
}

/// Each record of a user is of another user, so there must be as many rows as records were passed.
async fn users_and_offsets(pool: &PgPool) -> (i64, i64) {
    sqlx::query_as(
        "SELECT (SELECT count(*) FROM directory.users),
            (SELECT coalesce(sum(next_offset), 0)::bigint FROM inbound.offsets
             WHERE topic LIKE '%users%')",
    )
    .fetch_one(pool)
    .await
    .unwrap()
}

/// Sends the records of these numbers, some at a time.
async fn send(platform: &Platform, numbers: Range<u32>) {
    for numbers in numbers.collect::<Vec<_>>().chunks(100) {
        let users = numbers.iter().map(|n| snapshot(&user(&format!("u{n}"), "User", AT)));
        platform.send(USERS, &users.collect::<Vec<_>>()).await;
        let streams: Vec<_> = numbers.iter().map(|n| sent(&nth(*n))).collect();
        platform.send(LIVE_STREAMS, &streams).await;
    }
}

/// Kills a process as soon as it has landed more than was there before.
async fn kill_amid(database: &Database, platform: &Platform) {
    let pool = &database.pool;
    let (before, _) = users_and_offsets(pool).await;
    let mut process = spawn(database, &platform.kafka);
    eventually("records to land", async || {
        let (users, offsets) = users_and_offsets(pool).await;
        assert_eq!(users, offsets);
        (users > before).then_some(())
    })
    .await;
    process.kill().await.unwrap();
    let (users, offsets) = users_and_offsets(pool).await;
    assert_eq!(users, offsets);
}

#[tokio::test]
async fn a_killed_process_has_landed_rows_and_offsets_together() {
    let (database, platform) = (Database::create().await, Platform::with_topics(3).await);
    let (pool, mut amid) = (&database.pool, 0);
    for round in 0..4 {
        let sending = send(&platform, round * EACH..(round + 1) * EACH);
        tokio::join!(sending, kill_amid(&database, &platform));
        let (users, _) = users_and_offsets(pool).await;
        amid += u32::from(users < i64::from((round + 1) * EACH));
    }
    assert!(amid > 0, "no process was killed before it had landed everything");
    let records = 4 * EACH;

    let last = spawn(&database, &platform.kafka);
    landed(pool, &platform).await;
    assert_eq!(users_and_offsets(pool).await, (records.into(), records.into()));
    let mut expected = Fold::new();
    (0..records).for_each(|n| fold(&mut expected, nth(n)));
    let rows: Vec<(String, String, bool, String)> = sqlx::query_as(
        r#"SELECT id, title, status = 'ended',
            to_char(updated_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
         FROM directory.live_streams"#,
    )
    .fetch_all(pool)
    .await
    .unwrap();
    let found: Fold =
        rows.into_iter().map(|(id, title, over, at)| (id, (title, over, at))).collect();
    assert_eq!(found, expected);
    assert!(found.values().any(|(_, over, _)| *over), "some are removed");
    assert_eq!(query(pool, "SELECT * FROM inbound.parked").await, json!([]));
    drop(last);
}
