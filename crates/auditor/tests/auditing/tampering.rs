//! Rows that were changed, removed, inserted or moved directly in the database.

use serde_json::{Value, json};

use crate::history::{Row, renumber};
use crate::place::Place;

/// What is found when the log was tampered with after it had been signed: by who asks the server, and by
/// who has an archive and remembers an earlier check.
async fn found(tamper: impl FnOnce(&mut Vec<Row>)) -> Value {
    let mut place = Place::usual();
    place.check_archive(&place.archive(), &place.memory()).await.is_good();
    place.tamper(tamper);
    let server = place.check_server(&[]).await.findings();
    let archive = place.check_archive(&place.archive(), &place.memory()).await.findings();
    json!({ "server": server, "archive": archive })
}

macro_rules! tampering {
    ($($name:ident: $tamper:expr;)+) => {
        $(
            #[tokio::test]
            async fn $name() {
                insta::assert_json_snapshot!(found($tamper).await);
            }
        )+
    };
}

/// A row that nobody ever decided, with an id of its own.
fn forged(rows: &[Row], position: usize) -> Row {
    let mut row = rows[0].clone();
    row["id"] = json!("01KF0ZV5E0000000000000000A");
    row["stream"] = json!("ban-00000000000000000000");
    row["position"] = json!(position.to_string());
    row
}

fn swap(rows: &mut [Row], one: usize, other: usize) {
    rows.swap(one, other);
    let position = rows[one]["position"].take();
    rows[one]["position"] = std::mem::replace(&mut rows[other]["position"], position);
}

tampering! {
    data_is_changed: |rows| rows[41]["data"]["actionType"] = json!("CHAT_ONLY");
    metadata_are_changed: |rows| rows[300]["metadata"]["correlationId"] = json!("nothing to see");
    the_time_of_recording_is_changed: |rows| {
        rows[0]["recordedAt"] = json!("2026-01-15T10:30:00.000124Z");
    };
    several_are_changed: |rows| {
        for row in &mut rows[100..115] {
            row["recordedAt"] = json!("2026-01-15T10:30:00.000124Z");
        }
        rows[300]["recordedAt"] = json!("2026-01-15T10:30:00.000124Z");
    };
    one_is_removed_from_the_middle: |rows| drop(rows.remove(120));
    one_is_removed_from_the_front: |rows| drop(rows.remove(0));
    the_last_of_its_stream_is_removed: |rows| drop(rows.remove(310));
    one_is_removed_and_the_rest_renumbered: |rows| {
        rows.remove(120);
        renumber(rows);
    };
    the_first_is_removed_and_the_rest_renumbered: |rows| {
        rows.remove(0);
        renumber(rows);
    };
    several_are_removed: |rows| drop(rows.drain(200..270));
    many_are_removed_and_the_rest_renumbered: |rows| {
        rows.drain(20..240);
        renumber(rows);
    };
    one_is_inserted_and_the_rest_renumbered: |rows| {
        let row = forged(rows, 0);
        rows.insert(200, row);
        renumber(rows);
    };
    one_is_inserted_at_the_front_and_the_rest_renumbered: |rows| {
        let row = forged(rows, 0);
        rows.insert(0, row);
        renumber(rows);
    };
    one_is_inserted_in_the_place_of_another: |rows| rows[200] = forged(rows, 201);
    one_is_added_at_a_position_twice: |rows| {
        let row = forged(rows, 201);
        rows.insert(200, row);
    };
    two_neighbours_are_swapped: |rows| swap(rows, 130, 131);
    two_far_apart_are_swapped: |rows| swap(rows, 10, 300);
    one_is_moved_and_those_between_renumbered: |rows| {
        let row = rows.remove(50);
        rows.insert(90, row);
        renumber(rows);
    };
    one_is_removed_and_one_inserted_elsewhere: |rows| {
        rows.remove(30);
        let row = forged(rows, 0);
        rows.insert(250, row);
        renumber(rows);
    };
    the_end_is_cut_off: |rows| rows.truncate(311);
    everything_is_removed: Vec::clear;
    everything_is_rewritten: |rows| {
        for row in rows {
            row["metadata"]["correlationId"] = json!("rewritten");
        }
    };
}
