//! What is not signed, whatever happened to the database.

use projector::CheckpointConfig;
use sqlx::types::Uuid;
use testing::{Database, eventually};

use crate::history::History;
use crate::world::{
    Building, Keys, ORIGIN, events, grown, leaves, note, root, signed, size_of, tell, tell_other,
    witnessed,
};

/// Takes the last `count` events, and all that was made of them, as a restored backup would.
async fn restore(database: &Database, keep: i64) {
    let statements = [
        "ALTER TABLE log.events DISABLE TRIGGER events_immutable".to_owned(),
        format!("DELETE FROM log.events WHERE position > {keep}"),
        "ALTER TABLE log.events ENABLE ALWAYS TRIGGER events_immutable".to_owned(),
    ];
    for statement in statements {
        sqlx::raw_sql(sqlx::AssertSqlSafe(statement)).execute(&database.owner).await.unwrap();
    }
}

/// Forgets the tree, so that it is made of the log as it is now.
async fn forget_the_tree(database: &Database) {
    sqlx::query("DELETE FROM reactors.checkpoints WHERE name = 'tree'")
        .execute(&database.owner)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_restored_log_is_not_signed_until_it_has_a_name_of_its_own() {
    let database = Database::create().await;
    let history = History::stored(&database).await;
    let keys = Keys::new(ORIGIN);
    tell(&history, "a", 20).await;
    let building = Building::start(&database.pool, history.reader(), &keys.config());
    signed(&database.pool, 20, &keys.public).await;
    building.stop().await;

    restore(&database, 15).await;
    forget_the_tree(&database).await;
    sqlx::query("UPDATE tree.head SET checkpoint = NULL").execute(&database.pool).await.unwrap();
    let building = Building::start(&database.pool, history.reader(), &keys.config());
    let refused = building.refused().await;
    assert!(refused.starts_with("the log has 15 events, and a checkpoint of 20 was"), "{refused}");
    assert!(refused.contains("new origin") && refused.contains("CHECKPOINT_WITNESS"), "{refused}");
    // It grows to the size of what was signed, and beyond, with other events.
    tell_other(&history, "b", 10).await;
    grown(&database.pool, 25).await;
    let differs = eventually("another reason", async || {
        Some(building.refused().await).filter(|reason| *reason != refused)
    })
    .await;
    let root_now = root(&leaves(&events(history.reader().as_ref()).await)[..20]);
    assert!(differs.starts_with(&format!("the first 20 events have root {root_now}")), "{differs}");
    assert_eq!((note(&database.pool).await, witnessed(&keys.witness()).size()), (None, 20));
    building.stop().await;

    let new = Keys::new("docket.test/log-2");
    let building = Building::start(&database.pool, history.reader(), &new.config());
    let checkpoint = signed(&database.pool, 25, &new.public).await;
    assert_eq!(checkpoint.origin(), "docket.test/log-2");
    assert_eq!(building.health.report()["tree"].detail["refused"], serde_json::Value::Null);
    building.stop().await;
}

#[tokio::test]
async fn a_log_that_was_cut_keeps_its_tree_until_it_has_a_name_of_its_own() {
    let database = Database::create().await;
    let history = History::stored(&database).await;
    let keys = Keys::new(ORIGIN);
    tell(&history, "a", 20).await;
    let building = Building::start(&database.pool, history.reader(), &keys.config());
    let last = signed(&database.pool, 20, &keys.public).await;
    building.stop().await;

    restore(&database, 15).await;
    let building = Building::start(&database.pool, history.reader(), &keys.config());
    let refused = building.refused().await;
    assert!(
        refused.contains("ends at 15, and the tree over it, which tells what is missing, at 20"),
        "{refused}"
    );
    assert_eq!(size_of(&database.pool).await, 20, "it tells which events are missing");
    assert_eq!(signed(&database.pool, 20, &keys.public).await, last, "given out still");
    building.stop().await;

    let new = Keys::new("docket.test/log-2");
    let building = Building::start(&database.pool, history.reader(), &new.config());
    signed(&database.pool, 15, &new.public).await;
    building.stop().await;
}

#[tokio::test]
async fn another_log_is_not_signed_under_the_name_of_the_first() {
    let database = Database::create().await;
    let first = History::stored(&database).await;
    let keys = Keys::new(ORIGIN);
    tell(&first, "a", 3).await;
    let building = Building::start(&database.pool, first.reader(), &keys.config());
    signed(&database.pool, 3, &keys.public).await;
    building.stop().await;

    let elsewhere = Database::create().await;
    let second = History::stored(&elsewhere).await;
    tell_other(&second, "b", 3).await;
    let building = Building::start(&database.pool, second.reader(), &keys.config());
    let refused = building.refused().await;
    assert!(refused.starts_with("the tree is of another event log"), "{refused}");
    building.stop().await;

    let new = Keys::new("docket.test/log-2");
    let building = Building::start(&database.pool, second.reader(), &new.config());
    signed(&database.pool, 3, &new.public).await;
    building.stop().await;

    // Nobody was promised anything of a tree that was never signed.
    let unsigned = Database::create().await;
    for history in [&first, &second] {
        let config = CheckpointConfig::default();
        let building = Building::start(&unsigned.pool, history.reader(), &config);
        let wanted = events(history.reader().as_ref()).await[0].id;
        eventually("a tree of this log", async || {
            let id: Option<Uuid> =
                sqlx::query_scalar("SELECT event_id FROM tree.leaves WHERE index = 0")
                    .fetch_optional(&unsigned.pool)
                    .await
                    .unwrap();
            (id? == Uuid::from(wanted)).then_some(())
        })
        .await;
        building.stop().await;
    }
}

#[tokio::test]
async fn a_witness_that_is_lost_foreign_or_unreadable_is_not_signed_over() {
    let database = Database::create().await;
    let history = History::stored(&database).await;
    let keys = Keys::new(ORIGIN);
    tell(&history, "a", 3).await;
    let building = Building::start(&database.pool, history.reader(), &keys.config());
    signed(&database.pool, 3, &keys.public).await;
    building.stop().await;
    let kept = std::fs::read(keys.witness()).unwrap();
    tell(&history, "b", 3).await;

    let refusal = async |reason: &str| {
        let building = Building::start(&database.pool, history.reader(), &keys.config());
        let refused = building.refused().await;
        assert!(refused.contains(reason), "{refused}");
        building.stop().await;
        signed(&database.pool, 3, &keys.public).await;
    };
    std::fs::remove_file(keys.witness()).unwrap();
    refusal("a checkpoint of 3 events was signed, and there is no witness").await;
    std::fs::write(keys.witness(), "nonsense").unwrap();
    refusal("holds no checkpoint").await;
    let foreign = String::from_utf8(kept.clone()).unwrap().replace(ORIGIN, "other.test/log");
    std::fs::write(keys.witness(), foreign).unwrap();
    refusal("is of the log other.test/log, and the keys are of docket.test/log").await;
    std::fs::remove_file(keys.witness()).unwrap();
    std::fs::create_dir(keys.witness()).unwrap();
    refusal("cannot be used").await;

    let building = Building::start(&database.pool, history.reader(), &keys.config());
    building.refused().await;
    std::fs::remove_dir(keys.witness()).unwrap();
    std::fs::write(keys.witness(), kept).unwrap();
    // It sees that by itself.
    signed(&database.pool, 6, &keys.public).await;
    building.stop().await;
}

/// Tiles land without waiting for the disk, so a crash of the database may take some of them.
#[tokio::test]
async fn a_tree_that_lost_its_last_tiles_catches_up_and_is_signed_on() {
    let database = Database::create().await;
    let history = History::stored(&database).await;
    let keys = Keys::new(ORIGIN);
    tell(&history, "a", 300).await;
    let building = Building::start(&database.pool, history.reader(), &keys.config());
    let before = signed(&database.pool, 300, &keys.public).await;
    building.stop().await;
    forget_the_tree(&database).await;
    sqlx::query("UPDATE tree.head SET checkpoint = NULL").execute(&database.pool).await.unwrap();
    let building = Building::start(&database.pool, history.reader(), &keys.config());
    assert_eq!(signed(&database.pool, 300, &keys.public).await, before);
    building.stop().await;
}

#[test]
fn keys_without_a_witness_are_refused() {
    let config = CheckpointConfig { checkpoint_witness: None, ..Keys::new(ORIGIN).config() };
    assert_eq!(config.open().unwrap_err().to_string(), "LOG_KEY_FILE needs CHECKPOINT_WITNESS");
}
