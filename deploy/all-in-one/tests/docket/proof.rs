//! An auditor checks the log from outside, with nothing but its public key.

use event_log::tree::{Edge, HASH_SIZE};
use reqwest::Method;
use serde_json::json;
use signed_note::{Note, StandardVerifier, VerifierList};
use tlog_tiles::{Checkpoint, Hash, check_record, record_hash};

use crate::api::Api;
use crate::set_ups::{Installation, SetUp};

const LOG: &str = "/api/v1/audit/log";
const BANS: &str = "/api/v1/live-stream-ban";

/// The status and the body of a resource that need not be JSON.
async fn get(api: &Api, path: &str) -> (u16, Vec<u8>) {
    let request = api.request("auditor", Method::GET, &format!("{LOG}/{path}"));
    let response = request.send().await.unwrap();
    (response.status().as_u16(), response.bytes().await.unwrap().to_vec())
}

/// The entries of a tile.
fn split(mut bundle: &[u8]) -> Vec<&[u8]> {
    let mut entries = vec![];
    while let Some((length, rest)) = bundle.split_first_chunk() {
        let (entry, rest) = rest.split_at(usize::from(u16::from_be_bytes(*length)));
        entries.push(entry);
        bundle = rest;
    }
    entries
}

pub(crate) async fn the_checkpoint_covers_every_event_of_the_log(set_up: SetUp) {
    let docket = Installation::start(set_up).await;
    let api = docket.api();
    let verifier = StandardVerifier::new(&docket.public_log_key()).unwrap();
    let known = VerifierList::new(vec![Box::new(verifier)]);
    let (stream, viewer) = (api.id("liveStreamId"), api.id("viewerId"));
    let body = json!({"targetUserId": viewer, "liveStreamId": stream, "reason": "spam"});
    for _ in 0..4 {
        let banned = api.post("creator", BANS, &body).await;
        let id = banned.data()["_id"].as_str().unwrap().to_owned();
        api.delete("creator", &format!("{BANS}/{id}")).await.data();
    }
    let checkpoint = testing::eventually("a checkpoint of all", async || {
        let (status, note) = get(&api, "checkpoint").await;
        if status == 404 {
            return None;
        }
        let note = Note::from_bytes(&note).unwrap();
        note.verify(&known).unwrap();
        Some(Checkpoint::from_bytes(note.text()).unwrap()).filter(|signed| signed.size() >= 8)
    })
    .await;
    assert_eq!(checkpoint.size(), 8);

    let (status, bundle) = get(&api, "tile/entries/000.p/8").await;
    let entries = split(&bundle);
    assert_eq!((status, entries.len()), (200, 8));
    let leaves: Vec<Hash> = entries.iter().map(|entry| record_hash(entry)).collect();
    let mut edge = Edge::default();
    edge.grow(leaves.iter().copied());
    assert_eq!(edge.root().unwrap(), *checkpoint.hash());
    let (status, hashes) = get(&api, "tile/0/000.p/8").await;
    assert_eq!(status, 200);
    assert!(hashes.chunks(HASH_SIZE).eq(leaves.iter().map(|leaf| leaf.0)));

    // One event is proven by itself, by its id.
    let entry: serde_json::Value = serde_json::from_slice(entries[5]).unwrap();
    let path = format!("{LOG}/proof/inclusion?eventId={}", entry["id"].as_str().unwrap());
    let proof = api.get("auditor", &path).await.data().clone();
    let hash = |value: &serde_json::Value| Hash::parse_hash(value.as_str().unwrap()).unwrap();
    let way = proof["path"].as_array().unwrap().iter().map(hash).collect();
    assert_eq!((proof["index"].as_u64(), hash(&proof["leafHash"])), (Some(5), leaves[5]));
    check_record(&way, 8, *checkpoint.hash(), 5, leaves[5]).unwrap();
    api.get("creator", &path).await.errors(403);
    docket.stop().await;
}
