//! Checkpoints: when, of what, with what.

use std::collections::BTreeSet;
use std::time::Duration;

use projector::CheckpointConfig;
use testing::{Database, eventually};
use tokio::time::Instant;

use crate::history::History;
use crate::world::{
    Building, Keys, ORIGIN, events, leaves, note, root, signed, tell, verified, witnessed,
};

#[tokio::test]
async fn what_is_signed_is_the_root_of_the_log_and_stands_in_the_witness() {
    let database = Database::create().await;
    let history = History::stored(&database).await;
    let keys = Keys::new(ORIGIN);
    let building = Building::start(&database.pool, history.reader(), &keys.config());
    tell(&history, "a", 300).await;
    let checkpoint = signed(&database.pool, 300, &keys.public).await;
    let leaves = leaves(&events(history.reader().as_ref()).await);
    assert_eq!((checkpoint.origin(), *checkpoint.hash()), (ORIGIN, root(&leaves)));
    assert_eq!(checkpoint.extension(), "");
    assert_eq!(witnessed(&keys.witness()), checkpoint);
    let given_out = note(&database.pool).await.unwrap();
    assert_eq!(std::fs::read_to_string(keys.witness()).unwrap(), given_out);
    building.stop().await;
}

#[tokio::test]
async fn an_empty_log_has_no_checkpoint() {
    let database = Database::create().await;
    let history = History::stored(&database).await;
    let keys = Keys::new(ORIGIN);
    let building = Building::start(&database.pool, history.reader(), &keys.config());
    eventually("the tree to be at work", async || {
        building.health.report().get("tree")?.detail["tree"].is_object().then_some(())
    })
    .await;
    assert_eq!(note(&database.pool).await, None);
    tell(&history, "a", 1).await;
    signed(&database.pool, 1, &keys.public).await;
    building.stop().await;
}

#[tokio::test]
async fn no_more_than_one_checkpoint_is_signed_in_an_interval() {
    let database = Database::create().await;
    let history = History::stored(&database).await;
    let keys = Keys::new(ORIGIN);
    let config = CheckpointConfig { checkpoint_interval: 2, ..keys.config() };
    let building = Building::start(&database.pool, history.reader(), &config);
    let (begun, mut sizes) = (Instant::now(), BTreeSet::new());
    for n in 0.. {
        tell(&history, &format!("stream-{n}"), 5).await;
        if let Some(note) = note(&database.pool).await {
            sizes.insert(verified(&note, &keys.public).unwrap().size());
        }
        if begun.elapsed() > Duration::from_millis(4_500) {
            // The last one is signed without anything more to come.
            signed(&database.pool, 5 * (n + 1), &keys.public).await;
            break;
        }
    }
    assert!((2..=3).contains(&sizes.len()), "{sizes:?}");
    building.stop().await;
}
