//! How fast a tree is made: `cargo test --release -p projector --test tree -- --ignored --nocapture speed`.

use std::time::Instant;

use event_log::Position;
use event_log::tree::entry;
use sqlx::AssertSqlSafe;
use testing::Database;

use crate::history::{AT, History, ban, metadata};
use crate::world::{Building, Keys, ORIGIN, signed};

#[tokio::test(flavor = "multi_thread")]
#[ignore = "measures, and takes its time"]
async fn a_tree_of_many_events() {
    let (database, events) = (Database::create().await, 500_000_u32);
    let history = History::stored(&database).await;
    let encoded = ban("673ac9e2c93fe18d3fdd23f1", "673ac9e2c93fe18d3fdd2311", 1).encode().unwrap();
    let metadata = serde_json::to_string(&metadata(AT, Some("673ac9e2c93fe18d3fdd2302"))).unwrap();
    let statement = format!(
        "INSERT INTO log.events
         SELECT n, 'ban-' || n, 1, md5(n::text)::uuid, 'BanCreated', 1, now(), '{}', '{metadata}'
         FROM generate_series(1, {events}) AS n",
        encoded.data
    );
    sqlx::query(AssertSqlSafe(statement)).execute(&database.owner).await.unwrap();
    let (keys, begun) = (Keys::new(ORIGIN), Instant::now());
    let building = Building::start(&database.pool, history.reader(), &keys.config());
    while crate::world::size_of(&database.pool).await < u64::from(events) {
        tokio::task::yield_now().await;
    }
    signed(&database.pool, events.into(), &keys.public).await;
    let seconds = begun.elapsed().as_secs_f64();
    println!("{events} events in {seconds:.2} s: {:.0} a second", f64::from(events) / seconds);
    let (reader, begun) = (history.reader(), Instant::now());
    for tile in 0..100 {
        let (after, until) = (Position(tile * 256), Position(tile * 256 + 256));
        let events = reader.read_raw(after, until).await.unwrap();
        let bytes: usize = events.iter().map(|event| entry(event).unwrap().len()).sum();
        assert_eq!((events.len(), bytes > 0), (256, true));
    }
    println!("{:?} to read a tile of entries from the log", begun.elapsed() / 100);
    let bytes: Vec<(String, i64)> = sqlx::query_as(
        "SELECT n, pg_total_relation_size(n::regclass) FROM unnest(ARRAY['tree.tiles', 'tree.leaves',
             'log.events']) AS n",
    )
    .fetch_all(&database.pool)
    .await
    .unwrap();
    println!("{bytes:?}");
    building.stop().await;
}
