//! A builder at work, and what came of it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use event_log::tree::{Edge, Hash, TileAt, leaf};
use event_log::{Expected, LogReader, NewEvent, Position, RecordedEvent};
use projector::tree::{self, log_key};
use projector::{CheckpointConfig, Projector};
use serde_json::value::to_raw_value;
use service::{Health, ManualClock};
use signed_note::{Note, StandardVerifier, Verifier, VerifierList};
use sqlx::PgPool;
use tempfile::TempDir;
use testing::eventually;
use tlog_tiles::Checkpoint;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use ulid::Ulid;

use crate::history::{AT, History, ban, metadata, time};
use crate::keys::master;

/// The name of the log in tests.
pub(crate) const ORIGIN: &str = "docket.test/log";

/// A folder with the log's key and its witness.
pub(crate) struct Keys {
    folder: TempDir,
    pub(crate) public: String,
}

impl Keys {
    pub(crate) fn new(origin: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let public = log_key::generate(origin, &folder.path().join("key")).unwrap().remove(0);
        Self { folder, public }
    }

    pub(crate) fn file(&self) -> PathBuf {
        self.folder.path().join("key")
    }

    pub(crate) fn witness(&self) -> PathBuf {
        self.folder.path().join("witness")
    }

    /// Signs whenever the tree has grown.
    pub(crate) fn config(&self) -> CheckpointConfig {
        CheckpointConfig {
            log_key_file: Some(self.file()),
            checkpoint_witness: Some(self.witness()),
            checkpoint_interval: 0,
        }
    }
}

/// A builder at work, until it is stopped.
pub(crate) struct Building {
    pub(crate) health: Health,
    shutdown: CancellationToken,
    task: JoinHandle<()>,
}

impl Building {
    pub(crate) fn start(
        pool: &PgPool,
        reader: Arc<dyn LogReader>,
        config: &CheckpointConfig,
    ) -> Self {
        let (health, shutdown) = (Health::new(), CancellationToken::new());
        let clock = Arc::new(ManualClock::new(time(AT)));
        let projector = Projector {
            pool: pool.clone(),
            reader,
            master: master(),
            clock,
            health: health.clone(),
        };
        let signing = config.open().unwrap();
        let task = tokio::spawn(tree::run(projector, signing, shutdown.clone()));
        Self { health, shutdown, task }
    }

    pub(crate) async fn stop(self) {
        self.shutdown.cancel();
        self.task.await.unwrap();
    }

    /// Waits until health says why nothing is signed.
    pub(crate) async fn refused(&self) -> String {
        eventually("a refusal", async || {
            let report = self.health.report();
            let check = report.get("tree")?;
            assert!(check.ok, "a refusal makes nobody unready");
            Some(check.detail["refused"].as_str()?.to_owned())
        })
        .await
    }
}

/// Tells `count` bans on a live stream.
pub(crate) async fn tell(history: &History, stream: &str, count: usize) {
    for n in 0..count {
        history.tell(AT, Some("moderator"), ban(stream, &format!("user-{n}"), 1)).await;
    }
}

/// Tells `count` events with other ids than [`tell`] would give them.
pub(crate) async fn tell_other(history: &History, stream: &str, count: u64) {
    for n in 0..count {
        let event = NewEvent {
            id: Ulid::from_parts(1, n.into()),
            event_type: "Noted".to_owned(),
            schema_version: 1,
            data: to_raw_value(&n).unwrap(),
            metadata: to_raw_value(&metadata(AT, None)).unwrap(),
        };
        let stream = format!("{stream}-{n}");
        history.log.append(&stream, Expected::NoStream, vec![event]).await.unwrap();
    }
}

/// Waits until the tree has this size.
pub(crate) async fn grown(pool: &PgPool, size: u64) {
    eventually(&format!("the tree to have {size} leaves"), async || {
        (size_of(pool).await >= size).then_some(())
    })
    .await;
}

/// The size of the tree.
pub(crate) async fn size_of(pool: &PgPool) -> u64 {
    let size: Option<i64> =
        sqlx::query_scalar("SELECT size FROM tree.head").fetch_optional(pool).await.unwrap();
    size.unwrap_or(0).unsigned_abs()
}

/// The checkpoint that is given out.
pub(crate) async fn note(pool: &PgPool) -> Option<String> {
    let note = sqlx::query_scalar("SELECT checkpoint FROM tree.head").fetch_optional(pool).await;
    note.unwrap().flatten()
}

/// Waits for a checkpoint of this size, which `public` verifies.
pub(crate) async fn signed(pool: &PgPool, size: u64, public: &str) -> Checkpoint {
    eventually(&format!("a checkpoint of {size}"), async || {
        let checkpoint = verified(&note(pool).await?, public)?;
        (checkpoint.size() == size).then_some(checkpoint)
    })
    .await
}

/// What the note says, if `public` has signed it.
pub(crate) fn verified(note: &str, public: &str) -> Option<Checkpoint> {
    let verifier: Box<dyn Verifier> = Box::new(StandardVerifier::new(public).unwrap());
    let note = Note::from_bytes(note.as_bytes()).unwrap();
    note.verify(&VerifierList::new(vec![verifier])).ok()?;
    Some(Checkpoint::from_bytes(note.text()).unwrap())
}

/// The checkpoint in the witness.
pub(crate) fn witnessed(path: &Path) -> Checkpoint {
    let note = Note::from_bytes(&std::fs::read(path).unwrap()).unwrap();
    Checkpoint::from_bytes(note.text()).unwrap()
}

/// All that the log holds.
pub(crate) async fn events(reader: &dyn LogReader) -> Vec<RecordedEvent> {
    let mut all: Vec<RecordedEvent> = vec![];
    loop {
        let after = all.last().map_or(Position::START, |event| event.position);
        let page = reader.read_all(after, 5_000).await.unwrap();
        all.extend(page.events);
        if page.caught_up {
            return all;
        }
    }
}

/// The leaves of these events.
pub(crate) fn leaves(events: &[RecordedEvent]) -> Vec<Hash> {
    events.iter().map(|event| leaf(event).unwrap()).collect()
}

/// The root of the tree of these leaves.
pub(crate) fn root(leaves: &[Hash]) -> Hash {
    let mut edge = Edge::default();
    edge.grow(leaves.iter().copied());
    edge.root().unwrap()
}

/// Every tile that is stored.
pub(crate) async fn stored_tiles(pool: &PgPool) -> Vec<(TileAt, Vec<u8>)> {
    let rows: Vec<(i16, i64, Vec<u8>)> =
        sqlx::query_as("SELECT level, index, hashes FROM tree.tiles ORDER BY level, index")
            .fetch_all(pool)
            .await
            .unwrap();
    let at = |level: i16, index: i64| TileAt {
        level: level.try_into().unwrap(),
        index: index.unsigned_abs(),
    };
    rows.into_iter().map(|(level, index, hashes)| (at(level, index), hashes)).collect()
}
