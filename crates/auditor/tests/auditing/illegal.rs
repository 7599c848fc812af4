//! Logs that were signed as they are, and could not have come about.

use serde_json::{Value, json};

use crate::history::{self, Row, renumber};
use crate::place::Place;

async fn found(write: impl FnOnce(&mut Vec<Row>)) -> Value {
    let mut rows = history::of_streams(4);
    write(&mut rows);
    let place = Place::of(&rows);
    let server = place.check_server(&[]).await.findings();
    let archive = place.check_archive(&place.archive(), &[]).await.findings();
    assert_eq!(server, archive);
    server
}

macro_rules! illegal {
    ($($name:ident: $write:expr;)+) => {
        $(
            #[tokio::test]
            async fn $name() {
                insta::assert_json_snapshot!(found($write).await);
            }
        )+
    };
}

illegal! {
    a_ban_is_lifted_that_has_run_out: |rows| {
        rows[12]["data"]["cause"] = json!("manual");
        rows[12]["metadata"]["actor"] = json!("moderator");
    };
    a_report_is_resolved_by_somebody_else: |rows| rows[11]["metadata"]["roles"] = json!([]);
    a_version_is_left_out: |rows| {
        rows[8]["version"] = json!(4);
        rows[12]["version"] = json!(5);
    };
    an_event_is_left_out: |rows| {
        rows.remove(4);
        renumber(rows);
    };
    two_events_share_an_id: |rows| rows[5]["id"] = rows[2]["id"].clone();
    a_type_is_unknown: |rows| rows[3]["type"] = json!("BanForgotten");
    data_have_another_form: |rows| rows[0]["data"]["actionType"] = json!("MUTE");
    metadata_have_another_form: |rows| rows[0]["metadata"]["roles"] = json!("staff");
    an_entry_has_another_form: |rows| rows[0]["note"] = json!("more");
    the_time_of_recording_has_another_form: |rows| {
        rows[0]["recordedAt"] = json!("2026-01-15T10:30:00Z");
    };
}

#[tokio::test]
async fn an_entry_is_not_canonical() {
    let mut place = Place::of(&history::of_streams(4));
    let loose: Value = serde_json::from_slice(&place.rows[6]).unwrap();
    place.rows[6] = loose.to_string().replace("\":", "\": ").into_bytes();
    place.build();
    place.sign_rightly();
    insta::assert_json_snapshot!(place.check_server(&[]).await.findings());
}

#[tokio::test]
async fn positions_leave_numbers_out() {
    let mut rows = history::of_streams(4);
    for row in &mut rows[5..] {
        let position: u64 = row["position"].as_str().unwrap().parse().unwrap();
        row["position"] = json!((position * 7).to_string());
    }
    let place = Place::of(&rows);
    insta::assert_json_snapshot!(place.check_archive(&place.archive(), &[]).await.findings());
    place.check_archive(&place.archive(), &["--sparse-positions"]).await.is_good();
    let archive = String::from_utf8(place.archive()).unwrap().replace("dense", "increasing");
    let said = place.check_archive(archive.as_bytes(), &[]).await;
    assert_eq!(said.status, Some(2));
    let expected =
        "auditor: the positions of this dump only increase: say so with --sparse-positions";
    assert_eq!(said.complaint.trim(), expected);
}
