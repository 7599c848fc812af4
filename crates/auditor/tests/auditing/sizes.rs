//! Logs too long to compare everything with everything.

use serde_json::json;

use crate::history;
use crate::place::Place;

#[tokio::test]
async fn what_was_done_to_a_long_log_is_told_all_the_same() {
    let mut place = Place::of(&history::of_streams(1_000));
    place.tamper(|rows| {
        rows[3_500]["recordedAt"] = json!("2026-01-15T10:30:00.000124Z");
        rows.remove(2_000);
        rows.remove(700);
        rows[20]["recordedAt"] = json!("2026-01-15T10:30:00.000124Z");
        let mut row = rows[0].clone();
        row["id"] = json!("01KF0ZV5E0000000000000000A");
        rows.insert(10, row);
        history::renumber(rows);
    });
    insta::assert_json_snapshot!(place.check_server(&[]).await.findings());
}
