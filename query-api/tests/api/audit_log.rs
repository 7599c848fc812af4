//! The log's checkpoint, tiles and proofs: whatever is answered must verify.

use std::collections::BTreeMap;

use event_log::tree::{Edge, Hash, TileAt, leaf};
use event_log::{LogReader, Position, RecordedEvent};
use projector::tree::log_key;
use projector::{CheckpointConfig, Projector};
use serde_json::{Value, json};
use service::Health;
use signed_note::{Note, StandardVerifier, VerifierList};
use tempfile::TempDir;
use tlog_tiles::{Checkpoint, check_record, check_tree};
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::support::{AUDITOR, NewBan, Stage, master};

const LOG: &str = "/api/v1/audit/log";

/// The tree over a stage's log is built and signed until this goes.
struct Signed {
    public: String,
    _folder: TempDir,
    _end: DropGuard,
}

impl Signed {
    fn start(stage: &Stage) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("key");
        let public = log_key::generate("docket.test/log", &file).unwrap().remove(0);
        let config = CheckpointConfig {
            log_key_file: Some(file),
            checkpoint_witness: Some(folder.path().join("witness")),
            checkpoint_interval: 0,
        };
        let (pool, reader) = (stage.pool().clone(), stage.log.clone());
        let (clock, health) = (stage.clock.clone(), Health::new());
        let master = master();
        let projector = Projector { pool, reader, master, clock, health };
        let (signing, end) = (config.open().unwrap(), CancellationToken::new());
        tokio::spawn(projector::tree::run(projector, signing, end.clone()));
        Self { public, _folder: folder, _end: end.drop_guard() }
    }

    /// The checkpoint of everything that was written so far.
    async fn checkpoint(&self, stage: &Stage) -> Checkpoint {
        let verifier = StandardVerifier::new(&self.public).unwrap();
        let known = VerifierList::new(vec![Box::new(verifier)]);
        testing::eventually("a checkpoint of all", async || {
            let (status, headers, body) =
                stage.get_bytes(AUDITOR, &format!("{LOG}/checkpoint")).await;
            if status == 404 {
                return None;
            }
            assert_eq!(
                (status, &headers["content-type"]),
                (200, &"text/plain; charset=utf-8".parse().unwrap())
            );
            assert_eq!(headers["cache-control"], "no-store");
            let note = Note::from_bytes(&body).unwrap();
            note.verify(&known).unwrap();
            let checkpoint = Checkpoint::from_bytes(note.text()).unwrap();
            (checkpoint.size() == stage.last().0).then_some(checkpoint)
        })
        .await
    }
}

async fn tell(stage: &Stage, count: usize) {
    for n in stage.last().0..stage.last().0 + count as u64 {
        stage.ban(NewBan { user: &format!("user-{n}"), ..NewBan::default() }).await;
    }
}

async fn events(stage: &Stage) -> Vec<RecordedEvent> {
    stage.log.read_all(Position::START, 5_000).await.unwrap().events
}

fn tree(events: &[RecordedEvent]) -> (Vec<Hash>, Edge, BTreeMap<TileAt, Vec<u8>>) {
    let leaves: Vec<Hash> = events.iter().map(|event| leaf(event).unwrap()).collect();
    let mut edge = Edge::default();
    let tiles = edge.grow(leaves.iter().copied());
    (leaves, edge, tiles)
}

fn hash(value: &Value) -> Hash {
    Hash::parse_hash(value.as_str().unwrap()).unwrap()
}

fn path(data: &Value) -> Vec<Hash> {
    data["path"].as_array().unwrap().iter().map(hash).collect()
}

/// The entries of a tile.
fn entries(mut bundle: &[u8]) -> Vec<&[u8]> {
    let mut entries = vec![];
    while let Some((length, rest)) = bundle.split_first_chunk() {
        let (entry, rest) = rest.split_at(usize::from(u16::from_be_bytes(*length)));
        entries.push(entry);
        bundle = rest;
    }
    entries
}

#[tokio::test]
async fn tiles_are_served_in_every_width_and_hold_what_the_log_says() {
    let stage = Stage::new().await;
    let signed = Signed::start(&stage);
    tell(&stage, 300).await;
    let checkpoint = signed.checkpoint(&stage).await;
    let events = events(&stage).await;
    let (_, edge, tiles) = tree(&events);
    assert_eq!(*checkpoint.hash(), edge.root().unwrap());
    let at = |level, index| &tiles[&TileAt { level, index }];
    for (name, expected, cache) in [
        ("0/000", &at(0, 0)[..], "private, max-age=31536000, immutable"),
        ("0/000.p/1", &at(0, 0)[..32], "private, no-cache"),
        ("0/000.p/255", &at(0, 0)[..255 * 32], "private, no-cache"),
        ("0/001.p/44", &at(0, 1)[..], "private, no-cache"),
        ("0/001.p/7", &at(0, 1)[..7 * 32], "private, no-cache"),
        ("1/000.p/1", &at(1, 0)[..], "private, no-cache"),
    ] {
        let (status, headers, body) = stage.get_bytes(AUDITOR, &format!("{LOG}/tile/{name}")).await;
        assert_eq!((status, &body[..]), (200, expected), "{name}");
        assert_eq!(headers["content-type"], "application/octet-stream");
        assert_eq!(headers["cache-control"], cache, "{name}");
    }
    for (name, range) in [("000", 0..256), ("001.p/44", 256..300), ("000.p/3", 0..3)] {
        let path = format!("{LOG}/tile/entries/{name}");
        let (status, headers, body) = stage.get_bytes(AUDITOR, &path).await;
        assert_eq!((status, &headers["cache-control"]), (200, &"no-store".parse().unwrap()));
        let expected: Vec<Vec<u8>> =
            events[range].iter().map(|event| event_log::tree::entry(event).unwrap()).collect();
        assert_eq!(entries(&body), expected, "{name}");
    }
}

#[tokio::test]
async fn what_is_no_tile_of_the_tree_is_not_found() {
    let stage = Stage::new().await;
    let signed = Signed::start(&stage);
    tell(&stage, 3).await;
    signed.checkpoint(&stage).await;
    for name in [
        "0/000",
        "0/000.p/0",
        "0/000.p/4",
        "0/000.p/256",
        "0/000.p/-1",
        "0/0",
        "0/0000",
        "0/x000/000",
        "0/001",
        "0/001.p/1",
        "1/000",
        "1/000.p/1",
        "7/000.p/1",
        "8/000",
        "64/000",
        "255/000.p/1",
        "256/000",
        "-1/000",
        "data/000.p/1",
        "0/x018/x446/x744/x073/x709/x551/615.p/1",
        "0/nonsense",
        "0/000.p/1/",
        "0/%00",
        "0/%ff",
        "entries/000",
        "entries/000.p/0",
        "entries/000.p/4",
        "entries/001.p/1",
        "entries/x018/x446/x744/x073/x709/x551/615.p/1",
        "entries/nonsense",
    ] {
        let answer = stage.get(AUDITOR, &format!("{LOG}/tile/{name}")).await;
        let status = answer.status.as_u16();
        assert!(status == 404 || (status == 400 && name.contains('%')), "{name}: {status}");
    }
    let errors = stage.get(AUDITOR, &format!("{LOG}/tile/0/000")).await.errors(404);
    assert_eq!(
        errors,
        json!(["Resource not found", "there is no such tile, or not in this width"])
    );
}

#[tokio::test]
async fn proofs_verify() {
    let stage = Stage::new().await;
    let signed = Signed::start(&stage);
    tell(&stage, 259).await;
    let checkpoint = signed.checkpoint(&stage).await;
    let events = events(&stage).await;
    let (leaves, ..) = tree(&events);
    for (index, size) in
        [(0, 259), (255, 259), (256, 259), (258, 259), (0, 1), (3, 200), (255, 256)]
    {
        let query = format!("index={index}&size={size}");
        let data = stage.get(AUDITOR, &format!("{LOG}/proof/inclusion?{query}")).await.data();
        let (of, root) = (hash(&data["leafHash"]), hash(&data["rootHash"]));
        let event = &events[index];
        assert_eq!((of, &data["eventId"]), (leaves[index], &json!(event.id.to_string())));
        assert_eq!(root, tree(&events[..size]).1.root().unwrap());
        assert_eq!((&data["index"], &data["treeSize"]), (&json!(index), &json!(size)));
        check_record(&path(&data), size as u64, root, index as u64, of).unwrap();
        // By the event's id, in the last checkpoint's tree.
        let query = format!("eventId={}", event.id);
        let data = stage.get(AUDITOR, &format!("{LOG}/proof/inclusion?{query}")).await.data();
        check_record(&path(&data), 259, *checkpoint.hash(), index as u64, of).unwrap();
        assert_eq!(data["rootHash"], checkpoint.hash().to_string());
    }
    for (from, to) in [(1, 259), (255, 259), (256, 259), (259, 259), (1, 1), (3, 200), (100, 256)] {
        let query = format!("from={from}&to={to}");
        let data = stage.get(AUDITOR, &format!("{LOG}/proof/consistency?{query}")).await.data();
        let (earlier, later) = (hash(&data["fromRootHash"]), hash(&data["toRootHash"]));
        assert_eq!(earlier, tree(&events[..from]).1.root().unwrap());
        assert_eq!(later, tree(&events[..to]).1.root().unwrap());
        assert_eq!((&data["from"], &data["to"]), (&json!(from), &json!(to)));
        check_tree(&path(&data), to as u64, later, from as u64, earlier).unwrap();
    }
    let data = stage.get(AUDITOR, &format!("{LOG}/proof/consistency?from=7")).await.data();
    assert_eq!((&data["to"], hash(&data["toRootHash"])), (&json!(259), *checkpoint.hash()));
}

#[tokio::test]
async fn bad_questions_are_answered_in_the_envelope() {
    let stage = Stage::new().await;
    let none = json!(["Resource not found", "no checkpoint of the log has been signed yet"]);
    for path in ["checkpoint", "proof/inclusion?index=0", "proof/consistency?from=1"] {
        let errors = stage.get(AUDITOR, &format!("{LOG}/{path}")).await.errors(404);
        assert_eq!(errors, none, "{path}");
    }
    let signed = Signed::start(&stage);
    tell(&stage, 3).await;
    signed.checkpoint(&stage).await;
    let range = "must be a whole number from";
    for (path, status, reason) in [
        ("inclusion", 400, "index: is required"),
        ("inclusion?index=-1", 400, range),
        ("inclusion?index=x", 400, range),
        ("inclusion?index=%2B1", 400, range),
        ("inclusion?index=99999999999999999999", 400, range),
        ("inclusion?index=0&eventId=x", 400, "eventId: is another name of index"),
        ("inclusion?eventId=x", 400, "eventId: must be the id of an event"),
        ("inclusion?index=0&size=0", 400, range),
        ("inclusion?index=3", 404, "there is no such event"),
        ("inclusion?index=2&size=2", 404, "there is no such event"),
        ("inclusion?index=0&size=4", 404, "there is no such event"),
        ("inclusion?index=0&size=9223372036854775807", 404, "there is no such event"),
        ("inclusion?eventId=7ZZZZZZZZZZZZZZZZZZZZZZZZZ", 404, "there is no such event"),
        ("consistency", 400, "from: is required"),
        ("consistency?from=0", 400, range),
        ("consistency?from=3&to=2", 400, "from: must not be larger than the tree of 2 events"),
        ("consistency?from=4", 400, "from: must not be larger than the tree of 3 events"),
        ("consistency?from=1&to=4", 404, "there is no such event"),
    ] {
        let errors = stage.get(AUDITOR, &format!("{LOG}/proof/{path}")).await.errors(status);
        let said = errors[1].as_str().unwrap();
        assert!(said.contains(reason), "{path}: {said}");
    }
}

#[tokio::test]
async fn a_log_that_was_changed_is_served_as_it_is() {
    let stage = Stage::new().await;
    let signed = Signed::start(&stage);
    tell(&stage, 5).await;
    signed.checkpoint(&stage).await;
    let bundle = async |name: &str| {
        let (status, _, body) =
            stage.get_bytes(AUDITOR, &format!("{LOG}/tile/entries/{name}")).await;
        assert_eq!(status, 200);
        entries(&body)
            .into_iter()
            .map(|entry| String::from_utf8(entry.into()).unwrap())
            .collect::<Vec<_>>()
    };
    let before = bundle("000.p/5").await;
    for statement in [
        "ALTER TABLE log.events DISABLE TRIGGER events_immutable",
        "DELETE FROM log.events WHERE position = 2",
        "UPDATE log.events SET data = jsonb_set(data, '{targetUserId}', '\"somebody-else\"') WHERE position = 4",
    ] {
        sqlx::query(statement).execute(&stage.database.owner).await.unwrap();
    }
    let after = bundle("000.p/5").await;
    assert_eq!([&after[0], &after[1], &after[3]], [&before[0], &before[2], &before[4]]);
    assert!(after.len() == 4 && after[2].contains("somebody-else"), "{after:?}");
    assert_eq!(bundle("000.p/2").await, before[..1]);
    // The tree is the one that was made of what the log held when the events were new.
    let proof = stage.get(AUDITOR, &format!("{LOG}/proof/inclusion?index=1")).await.data();
    check_record(&path(&proof), 5, hash(&proof["rootHash"]), 1, hash(&proof["leafHash"])).unwrap();
}

#[tokio::test]
async fn a_tree_that_is_not_whole_is_our_fault() {
    let stage = Stage::new().await;
    let signed = Signed::start(&stage);
    tell(&stage, 2).await;
    signed.checkpoint(&stage).await;
    sqlx::query("UPDATE tree.tiles SET hashes = ''").execute(&stage.database.owner).await.unwrap();
    let answer = stage.get(AUDITOR, &format!("{LOG}/proof/inclusion?index=0")).await;
    assert_eq!(answer.errors(500), json!(["Internal server error"]));
}
