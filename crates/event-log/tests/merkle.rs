//! The golden vectors of the tree, and their verification by a program that shares nothing with ours.

#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a failed step of a test is a failed test"
)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use event_log::tree::{Edge, Hash, TileAt, Tiles, entry, leaf};
use event_log::{Position, RecordedEvent};
use serde_json::value::RawValue;
use serde_json::{Value, json};
use signed_note::{Note, Signer, StandardSigner};
use tlog_tiles::{Checkpoint, prove_record, prove_tree, record_hash, tree_hash};

/// How large the tree is that the vectors are of: two tiles of leaves, and one above.
const SIZE: u64 = 300;

/// Keys that sign nothing but these vectors.
const KEYS: [[&str; 2]; 2] = [
    [
        "PRIVATE+KEY+docket.test/log+14109b5e+AZhdyk2iieQ9YtdH1UihnF0nJWwIL7hRfpXlQjSsaeE3",
        "docket.test/log+14109b5e+AZphPH/gQN4LEDXhW5V/l8LqnsPGw9NT8EbZHwPRQl6J",
    ],
    [
        "PRIVATE+KEY+docket.test/log+9b23d78e+AS02RTFF1BqiUjUm/gRlMp2aAwSRZQ+3YmPO3N4zmHgf",
        "docket.test/log+9b23d78e+ARZvuH2c//FJQieJ9htnQuJx3HkOjb6vJifVPi4Ax6Wg",
    ],
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden")
}

/// Stored events, as different engines write their JSON. What a text or a number may look like is what the
/// first ones are for; the last two are events of the product.
fn stored() -> Vec<Value> {
    let event = |position: u64, recorded_at: &str, data: &str, metadata: &str| {
        json!({
            "position": position, "stream": "order-17", "version": position % 1_000,
            "id": "01KF0ZV5E0000000000000000B", "type": "OrderPaid", "schemaVersion": 2,
            "recordedAt": recorded_at, "data": data, "metadata": metadata,
        })
    };
    let odd_texts = r#"{"\u20ac":"€","z":"\u007f\u2028","\r":"\u0000\b\t\n\f\r\u001f","ö":"\u00f6","\ud83d\ude00":"😀","\ufb33":"after the face","1":"\/\\\"","":[]}"#;
    let odd_numbers = r"[0,-0,1.0,-1.50,1e0,0.1,1e21,1e20,123456789012345680000,1e-6,1e-7,5e-324,1.7976931348623157e308,9007199254740991,-9007199254740991,333333333.33333329,4.35,0.002,1e-27]";
    let banned = r#"{"banId": "126fa604dc87559fb7270001", "reason": "Küfür 🤬\nand \"spam\"", "reportId": null, "expiresAt": "2026-01-15T10:35:00.000Z", "actionType": "CHAT_ONLY", "liveStreamId": "673ac9e2c93fe18d3fdd23f1", "targetUserId": "65f1a2b3c4d5e6f708192a3b"}"#;
    let revoked = r#"{"cause":"expired","banId":"126fa604dc87559fb7270001"}"#;
    let metadata = r#"{"actor": "UCX6OQ3DkcsbYNE6H8uQQuVA", "roles": ["moderator", "admin"], "dialect": "allmine", "commandId": "01KF0ZV5E0000000000000000B", "occurredAt": "2026-01-15T10:30:00.000Z", "correlationId": "req-17/of:client"}"#;
    vec![
        event(1, "2026-01-15T10:30:00Z", odd_texts, "{}"),
        event(2, "2026-01-15T10:30:00.004120Z", odd_numbers, r#"{ "b" : [ ], "a" : { } }"#),
        event(1_042, "1999-12-31T23:59:59.999999Z", "true", "null"),
        event(9_223_372_036_854_775_807, "2026-01-15T10:30:00.1Z", banned, metadata),
        event(77, "2026-01-15T10:35:00.000001Z", revoked, metadata),
    ]
}

fn recorded(stored: &Value) -> RecordedEvent {
    let text = |name: &str| stored[name].as_str().unwrap().to_owned();
    let number = |name: &str| stored[name].as_u64().unwrap();
    RecordedEvent {
        position: Position(number("position")),
        stream: text("stream"),
        version: number("version").try_into().unwrap(),
        id: text("id").parse().unwrap(),
        event_type: text("type"),
        schema_version: number("schemaVersion").try_into().unwrap(),
        recorded_at: text("recordedAt").parse().unwrap(),
        data: RawValue::from_string(text("data")).unwrap(),
        metadata: RawValue::from_string(text("metadata")).unwrap(),
    }
}

fn events() -> (Vec<Value>, Vec<u8>) {
    let (mut events, mut bundle) = (vec![], vec![]);
    for stored in stored() {
        let event = recorded(&stored);
        let entry = entry(&event).unwrap();
        bundle.extend(u16::try_from(entry.len()).unwrap().to_be_bytes());
        bundle.extend(&entry);
        let leaf = leaf(&event).unwrap().to_string();
        let entry = String::from_utf8(entry).unwrap();
        events.push(json!({"stored": stored, "entry": entry, "leafHash": leaf}));
    }
    (events, bundle)
}

/// The tree over `entry 0`, `entry 1`, …
struct Grown {
    roots: Vec<String>,
    tiles: BTreeMap<TileAt, Vec<u8>>,
}

fn grown() -> Grown {
    let (mut edge, mut tiles, mut roots) = (Edge::default(), BTreeMap::new(), vec![]);
    for n in 0..=SIZE {
        roots.push(edge.root().unwrap().to_string());
        if n < SIZE {
            tiles.extend(edge.grow([record_hash(format!("entry {n}").as_bytes())]));
        }
    }
    Grown { roots, tiles }
}

fn tree(grown: &Grown) -> Value {
    let tiles = Tiles::new(grown.tiles.clone());
    let shown = |path: Vec<Hash>| path.iter().map(Hash::to_string).collect::<Vec<_>>();
    let edges = [1, 2, 3, 4, 7, 8, 9, 255, 256, 257, 299, 300];
    let (mut inclusion, mut consistency) = (vec![], vec![]);
    for size in edges {
        for index in [0, 1, 2, 6, 127, 128, 255, 256, 298, 299].into_iter().filter(|i| *i < size) {
            let path = shown(prove_record(size, index, &tiles).unwrap());
            inclusion.push(json!({"index": index, "size": size, "path": path}));
        }
        for from in edges.into_iter().filter(|from| *from <= size) {
            let path = shown(prove_tree(size, from, &tiles).unwrap());
            consistency.push(json!({"from": from, "to": size, "path": path}));
        }
    }
    let tile = |(at, hashes): (&TileAt, &Vec<u8>)| json!({"level": at.level, "index": at.index, "hashes": STANDARD.encode(hashes)});
    json!({
        "roots": grown.roots, "tiles": grown.tiles.iter().map(tile).collect::<Vec<_>>(),
        "inclusion": inclusion, "consistency": consistency,
    })
}

fn checkpoint(grown: &Grown) -> Value {
    let root = tree_hash(SIZE, &Tiles::new(grown.tiles.clone())).unwrap();
    let signers = KEYS.map(|[private, _]| StandardSigner::new(private).unwrap());
    let checkpoint = Checkpoint::new(signers[0].name(), SIZE, root, "").unwrap();
    let mut note = Note::new(&checkpoint.to_bytes(), &[]).unwrap();
    note.add_sigs(&[&signers[0], &signers[1]]).unwrap();
    let note = String::from_utf8(note.to_bytes()).unwrap();
    json!({"publicKeys": KEYS.map(|[_, public]| public), "note": note})
}

fn vectors() -> Value {
    let ((events, bundle), grown) = (events(), grown());
    json!({
        "about": "Golden vectors of the tree over the log; verify.py verifies them. Made by crates/event-log/tests/merkle.rs. Hashes are in base64; leaf i of the tree is the hash of the text \"entry i\".",
        "events": events,
        "entriesTile": STANDARD.encode(bundle),
        "tree": tree(&grown),
        "checkpoint": checkpoint(&grown),
    })
}

/// Whether Python says that the vectors in this file are right, and what it says.
fn python(file: &Path) -> (bool, String) {
    let output = Command::new("python3").arg(folder().join("verify.py")).arg(file).output();
    let output = output.expect("python3 is there: deploy/setup installs it");
    let said = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8(said).unwrap())
}

#[test]
fn the_vectors_are_what_the_code_makes() {
    let committed = std::fs::read_to_string(folder().join("merkle.json")).unwrap();
    let committed: Value = serde_json::from_str(&committed).unwrap();
    let how = "cargo test -p event-log --test merkle -- --ignored writes them anew";
    assert!(committed == vectors(), "a leaf, a hash or a proof has changed, which none may: {how}");
}

#[test]
fn a_program_that_shares_nothing_with_ours_verifies_them() {
    let (right, said) = python(&folder().join("merkle.json"));
    assert!(right, "{said}");
    assert!(said.contains("5 entries") && said.contains("2 signatures"), "{said}");
}

#[test]
fn that_program_finds_whatever_is_wrong() {
    let right = vectors();
    let spoilt = |pointer: &str, by: Value| {
        let mut vectors = right.clone();
        *vectors.pointer_mut(pointer).unwrap() = by;
        vectors
    };
    let other = &right["tree"]["roots"][7];
    let note = right["checkpoint"]["note"].as_str().unwrap();
    let (text, signatures) = note.rsplit_once("\n\n").unwrap();
    let signature = signatures.lines().next().unwrap();
    let cases = [
        (spoilt("/events/0/leafHash", other.clone()), "leaf hash of event 0"),
        (spoilt("/events/1/stored/version", json!(3)), "entry of event 1"),
        (spoilt("/entriesTile", json!("AAAA")), "tile of entries"),
        (spoilt("/tree/roots/8", other.clone()), "roots"),
        (spoilt("/tree/tiles/2/hashes", other.clone()), "tile 1 0"),
        (spoilt("/tree/inclusion/9/path/0", other.clone()), "inclusion of"),
        (spoilt("/tree/consistency/8/path/0", other.clone()), "consistency of"),
        (spoilt("/checkpoint/note", json!(note.replace("300", "299"))), "signature of"),
        (spoilt("/checkpoint/note", json!(format!("{text}\n\n{signature}\n"))), "signature of"),
        (
            spoilt("/checkpoint/publicKeys/1", json!(KEYS[0][1].replace("log+", "log2+"))),
            "signature of",
        ),
    ];
    let folder = tempfile::tempdir().unwrap();
    for (vectors, found) in cases {
        let file = folder.path().join("spoilt.json");
        std::fs::write(&file, vectors.to_string()).unwrap();
        let (right, said) = python(&file);
        assert!(!right && said.contains(&format!("WRONG: {found}")), "{found}: {said}");
    }
}

#[test]
#[ignore = "writes the vectors anew"]
fn write_the_vectors() {
    let text = serde_json::to_string_pretty(&vectors()).unwrap() + "\n";
    std::fs::write(folder().join("merkle.json"), text).unwrap();
}
