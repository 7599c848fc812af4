//! The tree is the one that the log's events make.

use event_log::tree::{Edge, MAX_ENTRY, entry};
use event_log::{Position, RecordedEvent};
use events::report::{ReportEvent, ReportFiled, ReportType};
use events::{Description, Event, Metadata};
use projector::CheckpointConfig;
use serde_json::json;
use serde_json::value::to_raw_value;
use sqlx::types::Uuid;
use testing::{Database, eventually};
use ulid::Ulid;

use crate::history::{AT, History, ban, metadata, report_id, time};
use crate::world::{
    Building, Keys, ORIGIN, events, grown, leaves, note, root, signed, stored_tiles, tell,
};

#[tokio::test]
async fn the_tree_is_made_of_the_log_page_by_page() {
    let database = Database::create().await;
    let history = History::stored(&database).await;
    tell(&history, "a", 3).await;
    let unsigned = CheckpointConfig::default();
    let building = Building::start(&database.pool, history.reader(), &unsigned);
    grown(&database.pool, 3).await;
    // Across the first tile's end, and by one.
    tell(&history, "b", 253).await;
    grown(&database.pool, 256).await;
    tell(&history, "c", 1).await;
    grown(&database.pool, 257).await;
    building.stop().await;

    let events = events(history.reader().as_ref()).await;
    let mut edge = Edge::default();
    let tiles = edge.grow(leaves(&events));
    assert_eq!(stored_tiles(&database.pool).await, tiles.into_iter().collect::<Vec<_>>());
    let stored: Vec<(i64, i64, Uuid)> =
        sqlx::query_as("SELECT index, position, event_id FROM tree.leaves ORDER BY index")
            .fetch_all(&database.pool)
            .await
            .unwrap();
    let expected: Vec<(i64, i64, Uuid)> = (0..)
        .zip(&events)
        .map(|(n, event)| (n, event.position.0.try_into().unwrap(), event.id.into()))
        .collect();
    assert_eq!(stored, expected);
    assert_eq!(note(&database.pool).await, None, "without a key nothing is signed");
}

#[tokio::test]
async fn a_stand_by_takes_over_where_the_other_was() {
    let database = Database::create().await;
    let history = History::stored(&database).await;
    let keys = Keys::new(ORIGIN);
    let first = Building::start(&database.pool, history.reader(), &keys.config());
    tell(&history, "a", 5).await;
    signed(&database.pool, 5, &keys.public).await;
    let second = Building::start(&database.pool, history.reader(), &keys.config());
    tell(&history, "b", 5).await;
    signed(&database.pool, 10, &keys.public).await;
    // Ended by the server, the first one does not know it yet; then it is one of two.
    sqlx::query(
        "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
         WHERE application_name = 'docket reactor tree' AND datname = current_database()",
    )
    .fetch_all(&database.owner)
    .await
    .unwrap();
    tell(&history, "c", 5).await;
    signed(&database.pool, 15, &keys.public).await;
    first.stop().await;
    tell(&history, "d", 5).await;
    let last = signed(&database.pool, 20, &keys.public).await;
    second.stop().await;

    let leaves = leaves(&events(history.reader().as_ref()).await);
    assert_eq!(*last.hash(), root(&leaves));
}

#[tokio::test]
async fn an_event_that_no_tile_could_hold_stops_the_tree_before_it() {
    let database = Database::create().await;
    let history = History::stored(&database).await;
    let keys = Keys::new(ORIGIN);
    tell(&history, "a", 2).await;
    let huge = json!({ "text": "x".repeat(70_000) }).to_string();
    let building = Building::start(&database.pool, history.reader(), &keys.config());
    signed(&database.pool, 2, &keys.public).await;
    history.tell_raw("note-1", "Noted", &huge, metadata(AT, None)).await;
    history.tell(AT, None, ban("stream", "later", 1)).await;
    let refused = building.refused().await;
    assert!(refused.starts_with("the event at 3 cannot be in the tree"), "{refused}");
    assert!(refused.contains("bytes, more than 65535"), "{refused}");
    signed(&database.pool, 2, &keys.public).await;
    building.stop().await;
}

/// Every text as long as its type allows, of characters that take the most bytes.
#[test]
fn the_largest_event_that_the_api_takes_is_far_from_what_a_tile_holds() {
    let text = |count: usize| "\u{1d11e}".repeat(count);
    let id = "x".repeat(events::ids::MAX_PLATFORM_ID);
    let filed = ReportFiled {
        report_id: report_id(&id, &id, u16::MAX),
        live_stream_id: id.parse().unwrap(),
        stream_creator_id: id.parse().unwrap(),
        stream_title: text(events::snapshot::MAX_TEXT),
        stream_status_at_report: events::StreamStatus::CancelledByGuest,
        report_type: ReportType::CopyrightOrIntellectualProperty,
        description: Description::parse(&text(Description::MAX)).unwrap(),
    };
    let encoded = Event::Report(ReportEvent::Filed(filed)).encode().unwrap();
    let metadata = Metadata {
        user_agent: Some(text(512)),
        device_id: Some(id.clone()),
        app_version: Some(id.clone()),
        ..metadata(AT, Some(&id))
    };
    let event = RecordedEvent {
        position: Position(i64::MAX.unsigned_abs()),
        stream: "report-0123456789abcdef0123".to_owned(),
        version: u32::MAX,
        id: Ulid(u128::MAX),
        event_type: encoded.event_type.to_owned(),
        schema_version: encoded.schema_version,
        recorded_at: time(AT),
        data: encoded.data,
        metadata: to_raw_value(&metadata).unwrap(),
    };
    let entry = entry(&event).unwrap();
    // Sealed and in base64, texts take no more than half as much again.
    assert!((18_000..MAX_ENTRY / 2).contains(&entry.len()), "{}", entry.len());
}

#[tokio::test]
async fn a_tree_that_was_thrown_away_is_made_anew_and_signed_on() {
    let database = Database::create().await;
    let history = History::stored(&database).await;
    let keys = Keys::new(ORIGIN);
    tell(&history, "a", 300).await;
    let building = Building::start(&database.pool, history.reader(), &keys.config());
    let before = signed(&database.pool, 300, &keys.public).await;
    building.stop().await;
    // What the message about a damaged tree advises.
    for statement in ["UPDATE tree.tiles SET hashes = ''", "DELETE FROM reactors.checkpoints"] {
        sqlx::query(statement).execute(&database.owner).await.unwrap();
    }
    let building = Building::start(&database.pool, history.reader(), &keys.config());
    eventually("the tree to be made anew", async || {
        let tiles = stored_tiles(&database.pool).await;
        (tiles.len() == 3 && tiles[0].1.len() == 256 * 32).then_some(())
    })
    .await;
    assert_eq!(signed(&database.pool, 300, &keys.public).await, before);
    tell(&history, "b", 1).await;
    signed(&database.pool, 301, &keys.public).await;
    building.stop().await;
}

#[tokio::test]
async fn a_damaged_tree_is_not_signed() {
    let database = Database::create().await;
    let history = History::stored(&database).await;
    let keys = Keys::new(ORIGIN);
    tell(&history, "a", 300).await;
    let building = Building::start(&database.pool, history.reader(), &keys.config());
    signed(&database.pool, 300, &keys.public).await;
    building.stop().await;
    sqlx::query("DELETE FROM tree.tiles WHERE level = 0 AND index = 1")
        .execute(&database.pool)
        .await
        .unwrap();
    let building = Building::start(&database.pool, history.reader(), &keys.config());
    let refused = building.refused().await;
    assert!(refused.starts_with("the tree over the log is damaged"), "{refused}");
    building.stop().await;
}
