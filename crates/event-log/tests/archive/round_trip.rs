//! What is dumped is what is loaded.

use std::fs;
use std::io::Write;
use std::path::Path;

use event_log::archive::{self, Positions, Reader, Summary, Writer, dump};
use event_log::{LogReader, Position, canonical};
use testing::Database;
use tlog_tiles::{Error, Hash, HashReader, stored_hashes, tree_hash};

use crate::given::everything;
use crate::sample::{self, load, log};

/// Dumps the database's log into a file.
async fn dump_to(path: &Path, database: &Database) -> Summary {
    let log = log(database).await;
    let writer = Writer::begin(archive::create(path).unwrap(), Positions::Dense).unwrap();
    let mut told = vec![];
    let dumped = dump(&log, Position(5), writer, Some("a note".to_owned()), |events, position| {
        told.push((events, position));
    });
    let (summary, draft) = dumped.await.unwrap();
    assert_eq!(told, [(5, Position(5))]);
    draft.keep().unwrap();
    summary
}

async fn entries(database: &Database) -> Vec<Vec<u8>> {
    let all = everything(&log(database).await).await;
    all.iter().map(|event| canonical::entry(event).unwrap()).collect()
}

/// All hashes of a tree, as the library keeps them.
struct Stored(Vec<Hash>);

impl HashReader for Stored {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<Hash>, Error> {
        let hash = |index: &u64| self.0[usize::try_from(*index).unwrap()];
        Ok(indexes.iter().map(hash).collect())
    }
}

fn root(entries: &[Vec<u8>]) -> Hash {
    let mut stored = Stored(vec![]);
    for (entry, nth) in entries.iter().zip(0..) {
        let more = stored_hashes(nth, entry, &stored).unwrap();
        stored.0.extend(more);
    }
    tree_hash(entries.len().try_into().unwrap(), &stored).unwrap()
}

#[tokio::test]
async fn a_log_goes_through_a_file_to_the_byte() {
    let folder = tempfile::tempdir().unwrap();
    let origin = Database::create().await;
    let archive = sample::archive(&sample::events());
    let loaded = load(&origin, &archive).await.unwrap();
    let before = entries(&origin).await;
    let lines: Vec<&[u8]> = archive.lines().map(str::as_bytes).collect();
    assert_eq!(before, lines[1..6]);
    assert_eq!(loaded.root_hash, base64(root(&before)));

    for name in ["log.ndjson", "log.ndjson.zst"] {
        let path = folder.path().join(name);
        let dumped = dump_to(&path, &origin).await;
        let (input, consumed) = archive::open(&path).unwrap();
        let copy = Database::create().await;
        let mut told = vec![];
        let reader = Reader::begin(input).unwrap();
        let summary = event_log::load(&copy.url, reader, |step| told.push(step)).await.unwrap();

        assert_eq!(summary, dumped);
        assert_eq!(summary.root_hash, loaded.root_hash);
        assert_eq!(summary.checkpoint.as_deref(), Some("a note"));
        assert_eq!(entries(&copy).await, before);
        assert_eq!(consumed.part(), Some(1.0));
        assert_eq!(told.len(), 2);
    }
    let plain = fs::read_to_string(folder.path().join("log.ndjson")).unwrap();
    assert_eq!(plain.replace(r#""a note""#, "null"), archive);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2, "nothing is left beside them");
}

fn base64(hash: Hash) -> String {
    use base64::Engine;

    base64::engine::general_purpose::STANDARD.encode(hash.0)
}

#[tokio::test]
async fn events_after_the_moment_of_the_dump_are_not_in_it() {
    let database = Database::create().await;
    load(&database, &sample::archive(&sample::events())).await.unwrap();
    let log = log(&database).await;
    let writer = Writer::begin(vec![], Positions::Dense).unwrap();
    let (summary, bytes) = dump(&log, Position(3), writer, None, |_, _| ()).await.unwrap();
    assert_eq!(summary.events, 3);
    let first_three = sample::archive(&sample::events()[..3]);
    assert_eq!(String::from_utf8(bytes).unwrap(), first_three);
}

#[tokio::test]
async fn an_empty_log_is_dumped_and_loaded_too() {
    let database = Database::create().await;
    let summary = load(&database, &sample::archive(&[])).await.unwrap();
    assert_eq!(summary.events, 0);
    assert_eq!(log(&database).await.head().await.unwrap(), Position::START);
}

#[test]
fn a_file_keeps_its_name_until_another_is_complete() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.ndjson");
    fs::write(&path, "the old one").unwrap();
    let mut draft = archive::create(&path).unwrap();
    draft.write_all(b"half of a new one").unwrap();
    drop(draft);
    assert_eq!(fs::read_to_string(&path).unwrap(), "the old one");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);

    let mut draft = archive::create(&path).unwrap();
    draft.write_all(b"a new one").unwrap();
    draft.keep().unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), "a new one");
}

#[test]
fn a_device_is_written_and_not_replaced() {
    let mut draft = archive::create(Path::new("/dev/null")).unwrap();
    draft.write_all(b"gone").unwrap();
    draft.keep().unwrap();
    assert!(!fs::metadata("/dev/null").unwrap().is_file());
}
