//! The log tampered with in the database itself, with a superuser's rights: the auditor, who has nothing
//! but a token and a public key, finds it and names the very event.

mod place;

use std::fs;

use event_log::tree::{Edge, Hash};
use projector::tree::log_key;
use serde_json::{Value, json};
use signed_note::{Note, StandardSigner};
use tlog_tiles::Checkpoint;

use place::{Place, SIZE, execute, without_the_trigger};

/// An event of which only the place is known, and what the gap on its event stream tells.
fn gone(event: &Value) -> Value {
    let mut event = event.clone();
    event.as_object_mut().unwrap().retain(|name, _| name != "id" && name != "type");
    event
}

fn finding(kind: &str, events: &[Value]) -> Value {
    json!({ "kind": kind, "events": events })
}

/// That this is found by who asks the server, and by who has an archive and remembers.
async fn is_found(place: Place, expected: Value) {
    assert_eq!(place.check(false).await.findings(), expected);
    assert_eq!(place.check(true).await.findings(), expected);
    assert_eq!(place.check_archive(true).await.unwrap().findings(), expected);
    let alone = place.check_archive(false).await.unwrap().findings();
    assert_eq!(alone[0]["kind"], "root", "an archive alone tells that much: {alone}");
    place.stop().await;
}

#[tokio::test]
async fn an_update() {
    let place = Place::checked().await;
    let event = place.event(3).await;
    let data = r#"jsonb_set(data, '{actionType}', '"CHAT_ONLY"')"#;
    let update = format!("UPDATE log.events SET data = {data} WHERE position = 3");
    let _hold = place.tamper(&update).await;
    is_found(place, json!([finding("changed", &[event])])).await;
}

#[tokio::test]
async fn an_update_of_when_it_was_recorded() {
    let place = Place::checked().await;
    let event = place.event(9).await;
    let later = "recorded_at + interval '1 microsecond'";
    let update = format!("UPDATE log.events SET recorded_at = {later} WHERE position = 9");
    let _hold = place.tamper(&update).await;
    is_found(place, json!([finding("changed", &[event])])).await;
}

#[tokio::test]
async fn a_delete() {
    let place = Place::checked().await;
    let event = gone(&place.event(2).await);
    let _hold = place.tamper("DELETE FROM log.events WHERE position = 2").await;
    let expected = json!([finding("missing", &[event])]);
    assert_eq!(place.check(false).await.findings(), expected);
    assert_eq!(place.check(true).await.findings(), expected);
    // Such a log is not even archived.
    let refusal = place.check_archive(true).await.unwrap_err();
    assert!(refusal.contains("the log has a hole: position 3 follows 1"), "{refusal}");
    place.stop().await;
}

/// Moves all events from this position on by so many places. Two steps, since positions are unique.
fn shift(from: i64, by: i64) -> String {
    format!(
        "UPDATE log.events SET position = position + 1000 WHERE position >= {from};
         UPDATE log.events SET position = position - 1000 + {by} WHERE position >= 1000"
    )
}

#[tokio::test]
async fn a_delete_that_is_hidden_by_new_positions() {
    let place = Place::checked().await;
    let event = gone(&place.event(5).await);
    let delete = format!("DELETE FROM log.events WHERE position = 5; {}", shift(6, -1));
    let _hold = place.tamper(&delete).await;
    is_found(place, json!([finding("missing", &[event])])).await;
}

#[tokio::test]
async fn an_insert() {
    let place = Place::checked().await;
    let insert = format!(
        "{};
         INSERT INTO log.events
         SELECT 4, 'ban-00000000000000000000', 1, gen_random_uuid(), event_type, schema_version,
                recorded_at, data, metadata
         FROM log.events WHERE position = 1",
        shift(4, 1)
    );
    let _hold = place.tamper(&insert).await;
    let event = place.event(4).await;
    is_found(place, json!([finding("inserted", &[event])])).await;
}

#[tokio::test]
async fn a_swap() {
    let place = Place::checked().await;
    let swap = "UPDATE log.events SET position = 1000 WHERE position = 4;
         UPDATE log.events SET position = 4 WHERE position = 7;
         UPDATE log.events SET position = 7 WHERE position = 1000";
    let _hold = place.tamper(swap).await;
    // The one that belongs at position 4 is now at 7, and the other way round.
    let events = [place.event(7).await, place.event(4).await];
    is_found(place, json!([finding("moved", &events)])).await;
}

/// The tree of the first `size` events, signed with a key of whoever does this: same name, other key.
async fn sign_anew(place: &Place, size: u64) -> String {
    let hashes: Vec<u8> =
        sqlx::query_scalar("SELECT hashes FROM tree.tiles WHERE level = 0 AND index = 0")
            .fetch_one(&place.database.owner)
            .await
            .unwrap();
    let leaves = hashes.as_chunks().0.iter().map(|bytes| Hash(*bytes));
    let mut edge = Edge::default();
    edge.grow(leaves.take(usize::try_from(size).unwrap()));
    let origin = place.key.split('+').next().unwrap();
    let file = place.folder().join("forger's key");
    log_key::generate(origin, &file).unwrap();
    let checkpoint = Checkpoint::new(origin, size, edge.root().unwrap(), "").unwrap();
    let mut note = Note::new(&checkpoint.to_bytes(), &[]).unwrap();
    let key = fs::read_to_string(file).unwrap();
    note.add_sigs(&[&StandardSigner::new(key.trim()).unwrap()]).unwrap();
    String::from_utf8(note.to_bytes()).unwrap()
}

#[tokio::test]
async fn a_tail_cut_off_and_the_rest_signed_with_another_key() {
    let place = Place::checked().await;
    let note = sign_anew(&place, 6).await;
    let cut = format!(
        "DELETE FROM log.events WHERE position > 6;
         UPDATE tree.tiles SET hashes = substring(hashes FROM 1 FOR 6 * 32);
         DELETE FROM tree.leaves WHERE index >= 6;
         UPDATE tree.head SET size = 6, checkpoint = '{note}'"
    );
    let mut connection = place.database.owner.acquire().await.unwrap();
    execute(&mut connection, &without_the_trigger(&cut)).await;

    let signature = json!({ "kind": "signature", "events": null });
    assert_eq!(place.check(false).await.findings(), json!([signature]));
    let lost = (6..SIZE).map(|index| json!({ "index": index, "position": index + 1 }));
    let rollback = finding("rollback", &lost.collect::<Vec<_>>());
    assert_eq!(place.check(true).await.findings(), json!([signature, rollback]));
    let archive = place.check_archive(true).await.unwrap();
    assert_eq!(archive.findings(), json!([signature, rollback]));
    place.stop().await;
}
