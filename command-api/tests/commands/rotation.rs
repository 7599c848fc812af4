//! Master keys are replaced while commands go on.

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use futures_util::future::join_all;
use sealing::MasterKeys;
use sealing::store::{retire, rewrap, usage};
use serde_json::json;
use testing::World;

use crate::support::*;

const CONNECTIONS: usize = 8;

/// As `docket master-key` does it: readers see the old file or the new one.
fn replace(path: &Path, text: &str) {
    let unfinished = path.with_extension("unfinished");
    fs::write(&unfinished, text).unwrap();
    fs::rename(unfinished, path).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rotation_under_load_fails_no_command() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys");
    let first = MasterKeys::generate("key-0").unwrap();
    fs::write(&path, &first).unwrap();
    let service = Service::start_with_keys(MasterKeys::open(&path).unwrap()).await;
    sqlx::query(
        "INSERT INTO directory.users
         SELECT 'user' || n, 'user' || n, 'user', '', '', NULL, 'online', false, now()
         FROM generate_series(1, 50000) n",
    )
    .execute(&service.database.owner)
    .await
    .unwrap();

    let (next, is_over) = (AtomicUsize::new(1), AtomicBool::new(false));
    // Each ban makes a key, and is read again.
    let commands = async || {
        while !is_over.load(Ordering::Relaxed) {
            let target = format!("user{}", next.fetch_add(1, Ordering::Relaxed));
            let ban = json!({"targetUserId": target, "liveStreamId": World::STREAM, "reason": "r"});
            let path = "/api/v1/live-stream-ban";
            let ban = service.post(path, CREATOR, ban).await;
            let id = ban.data(200)["_id"].as_str().unwrap();
            let lifted = service.delete(&format!("{path}/{id}"), CREATOR).await;
            assert_eq!(lifted.data(200)["reason"], "r");
        }
    };
    let rotations = async {
        let (pool, mut old) = (&service.database.pool, first);
        for number in 1..=5 {
            let line = MasterKeys::generate(&format!("key-{number}")).unwrap();
            replace(&path, &format!("{line}{old}"));
            let keys = MasterKeys::open(&path).unwrap();
            // A command that is under way may still bring a key that the old one wraps.
            testing::eventually("the old key to be free", async || {
                rewrap(pool, &keys).await.unwrap();
                retire(pool, &keys).await.unwrap().is_empty().then_some(())
            })
            .await;
            replace(&path, &line);
            // The next rotation meets keys that this one's wraps.
            let made = next.load(Ordering::Relaxed) + 10 * CONNECTIONS;
            testing::eventually("more commands", async || {
                (next.load(Ordering::Relaxed) > made).then_some(())
            })
            .await;
            old = line;
        }
        is_over.store(true, Ordering::Relaxed);
    };
    tokio::join!(rotations, join_all((0..CONNECTIONS).map(|_| commands())));
    let used = usage(&service.database.pool).await.unwrap();
    assert_eq!(used.iter().map(|(name, _)| &**name).collect::<Vec<_>>(), ["key-5"]);
}
