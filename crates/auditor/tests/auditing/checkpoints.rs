//! Checkpoints that are not what the log's owner signs, or not what he signed before.

use serde_json::{Value, json};

use crate::history;
use crate::place::{OTHER, OTHER_LOG, Place};

/// What is found at a place that was seen before it was tampered with.
async fn found(tamper: impl FnOnce(&mut Place)) -> Value {
    let mut place = Place::usual();
    place.check_server(&place.memory()).await.is_good();
    tamper(&mut place);
    let server = place.check_server(&place.memory()).await.findings();
    let archive = place.check_archive(&place.archive(), &place.memory()).await.findings();
    json!({ "server": server, "archive": archive })
}

/// What is found at a place that was never seen before.
async fn found_by_a_stranger(tamper: impl FnOnce(&mut Place)) -> Value {
    let mut place = Place::usual();
    tamper(&mut place);
    let server = place.check_server(&[]).await.findings();
    let archive = place.check_archive(&place.archive(), &[]).await.findings();
    json!({ "server": server, "archive": archive })
}

fn truncate(place: &mut Place) {
    place.rows.truncate(300);
    place.build();
}

#[tokio::test]
async fn an_older_checkpoint_is_brought_back() {
    let told = found(|place| {
        truncate(place);
        place.sign_rightly();
    });
    insta::assert_json_snapshot!(told.await);
}

#[tokio::test]
async fn the_end_is_cut_off_and_signed_with_another_key() {
    let sign = |place: &mut Place| {
        truncate(place);
        place.sign(OTHER);
    };
    insta::assert_json_snapshot!(found(sign).await);
    insta::assert_json_snapshot!(found_by_a_stranger(sign).await);
}

#[tokio::test]
async fn the_owner_signs_another_history() {
    let told = found(|place| {
        place.tamper(|rows| {
            rows[77]["metadata"]["correlationId"] = json!("another");
            rows.extend(history::of_another_stream());
            history::renumber(rows);
        });
        place.build();
        place.sign_rightly();
    });
    insta::assert_json_snapshot!(told.await);
}

#[tokio::test]
async fn the_owner_cuts_the_log_back_and_goes_on() {
    let told = found(|place| {
        place.tamper(|rows| {
            rows.remove(77);
            history::renumber(rows);
        });
        place.build();
        place.sign_rightly();
    });
    insta::assert_json_snapshot!(told.await);
}

#[tokio::test]
async fn the_checkpoint_is_altered() {
    let told = found_by_a_stranger(|place| {
        let note = String::from_utf8(place.note.clone()).unwrap();
        place.note = note.replacen("\n320\n", "\n319\n", 1).into_bytes();
    });
    insta::assert_json_snapshot!(told.await);
}

#[tokio::test]
async fn the_checkpoint_is_of_another_log() {
    insta::assert_json_snapshot!(found_by_a_stranger(|place| place.sign(OTHER_LOG)).await);
}

#[tokio::test]
async fn the_checkpoint_is_none() {
    insta::assert_json_snapshot!(found_by_a_stranger(|place| place.note = b"320".into()).await);
}

#[tokio::test]
async fn the_log_and_its_tree_are_rewritten_but_not_signed() {
    let rewrite = |place: &mut Place| {
        place.tamper(|rows| rows[5]["metadata"]["correlationId"] = json!("another"));
        place.build();
    };
    insta::assert_json_snapshot!(found(rewrite).await);
    insta::assert_json_snapshot!(found_by_a_stranger(rewrite).await);
}
