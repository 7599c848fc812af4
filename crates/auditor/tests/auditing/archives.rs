//! Archives that are not whole, or not what they say.

use crate::place::Place;

#[tokio::test]
async fn a_whole_one_is_good_compressed_or_not() {
    let place = Place::usual();
    let archive = place.archive();
    let report = place.check_archive(&archive, &[]).await;
    let checked = &report.is_good()["checked"];
    assert_eq!((&checked["events"], &checked["streams"]), (&320.into(), &80.into()));
    let compressed = zstd::encode_all(&archive[..], 3).unwrap();
    assert_eq!(&place.check_archive(&compressed, &[]).await.is_good()["checked"], checked);
}

#[tokio::test]
async fn events_that_are_not_signed_yet_are_counted() {
    let mut place = Place::usual();
    let rows = place.rows.clone();
    place.rows.truncate(300);
    place.build();
    place.sign_rightly();
    place.rows = rows;
    let report = place.check_archive(&place.archive(), &place.memory()).await;
    assert_eq!(report.is_good()["checked"]["unsigned"], 20);

    // What is remembered of them is what was signed.
    place.build();
    place.sign_rightly();
    let report = place.check_archive(&place.archive(), &place.memory()).await;
    assert_eq!(report.is_good()["seenBefore"]["size"], 300);
    let report = place.check_server(&place.memory()).await;
    assert_eq!(report.is_good()["seenBefore"]["size"], 320);
}

#[tokio::test]
async fn one_that_is_cut_short_is_refused() {
    let place = Place::usual();
    let archive = place.archive();
    let lines: Vec<&[u8]> = archive.split_inclusive(|byte| *byte == b'\n').collect();
    let without_end = lines[..lines.len() - 1].concat();
    insta::assert_json_snapshot!(place.check_archive(&without_end, &[]).await.findings());
    let within_a_line = &archive[..archive.len() / 2];
    insta::assert_json_snapshot!(place.check_archive(within_a_line, &[]).await.findings());
    let compressed = zstd::encode_all(&archive[..], 3).unwrap();
    let said = place.check_archive(&compressed[..compressed.len() - 10], &[]).await;
    insta::assert_json_snapshot!(said.findings());
}

#[tokio::test]
async fn one_that_says_something_else_is_refused() {
    let place = Place::usual();
    let archive = String::from_utf8(place.archive()).unwrap();
    let fewer = archive.replace("\"events\":320", "\"events\":319");
    insta::assert_json_snapshot!(place.check_archive(fewer.as_bytes(), &[]).await.findings());
    let root = archive.split("rootHash\":\"").nth(1).unwrap().get(..44).unwrap();
    let other = archive.rsplit_once(root).unwrap();
    let other = format!("{}{}{}", other.0, "A".repeat(43) + "=", other.1);
    insta::assert_json_snapshot!(place.check_archive(other.as_bytes(), &[]).await.findings());
}

#[tokio::test]
async fn without_a_memory_the_entry_cannot_be_told() {
    let mut place = Place::usual();
    place.tamper(|rows| drop(rows.remove(120)));
    insta::assert_json_snapshot!(place.check_archive(&place.archive(), &[]).await.findings());
}

#[tokio::test]
async fn what_is_no_archive_is_not_checked() {
    let place = Place::usual();
    for (archive, told) in [
        ("", "is no dump that this program knows: EOF while parsing"),
        ("{\"format\":\"docket-dump\",\"version\":2,\"positions\":\"dense\"}\n", "is no dump"),
    ] {
        let said = place.check_archive(archive.as_bytes(), &[]).await;
        assert_eq!(said.status, Some(2));
        assert!(said.complaint.contains(told), "{}", said.complaint);
    }
}

#[tokio::test]
async fn a_damaged_memory_is_no_memory() {
    let place = Place::usual();
    place.check_archive(&place.archive(), &place.memory()).await.is_good();
    let file = std::fs::read_dir(place.state.path()).unwrap().next().unwrap().unwrap().path();
    std::fs::write(&file, "something else").unwrap();
    let said = place.check_archive(&place.archive(), &place.memory()).await;
    assert_eq!(said.status, Some(2));
    let expected = format!(
        "auditor: {} is damaged: what was seen before is not known any more",
        file.display()
    );
    assert_eq!(said.complaint.trim(), expected);
}

#[tokio::test]
async fn one_that_nobody_has_signed_is_not_good() {
    let mut place = Place::usual();
    place.check_archive(&place.archive(), &place.memory()).await.is_good();
    place.tamper(|rows| drop(rows.pop()));
    let archive = String::from_utf8(place.archive()).unwrap();
    let (entries, end) = archive.trim_end().rsplit_once('\n').unwrap();
    let mut end: serde_json::Value = serde_json::from_str(end).unwrap();
    end["end"]["checkpoint"] = serde_json::Value::Null;
    let unsigned = format!("{entries}\n{end}\n");
    insta::assert_json_snapshot!(place.check_archive(unsigned.as_bytes(), &[]).await.findings());
    let said = place.check_archive(unsigned.as_bytes(), &place.memory()).await;
    insta::assert_json_snapshot!(said.findings());
}
