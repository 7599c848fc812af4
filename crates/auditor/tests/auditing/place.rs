//! A place where a log is kept: its rows, the tree over them as it was signed, and a server in front.

use std::fs;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde_json::{Value, json};
use signed_note::{Note, StandardSigner};
use tempfile::TempDir;
use tlog_tiles::{Checkpoint, Hash, Tile};
use tokio::net::TcpListener;
use tokio::process::Command;

use crate::history::{self, Row, canonical};

/// The public key of the log's owner.
pub(crate) const KEY: &str =
    "docket.test/log+4835300c+ATH7CLPY/f77IWza2/g/6KHkEPkW7uhnTHLaJ1ujVUS/";
/// What belongs to it.
const SECRET: &str =
    "PRIVATE+KEY+docket.test/log+4835300c+Ad3rU39NVsvpeCv6EJ8GYftk9oTHma3y8IhdrBiTebcf";
/// Another key of the same name.
pub(crate) const OTHER: &str =
    "PRIVATE+KEY+docket.test/log+066ea6e7+AUwx/KLfWC5KohtF3mMjm9HO0RqKwk8/Zt/UijPgs3gR";
/// A key for another log.
pub(crate) const OTHER_LOG: &str =
    "PRIVATE+KEY+other.test/log+46171407+AeLbxqCTkpDDWsLyKXE5+cK4du2AQGocxj+7uD3FCnoa";
/// A token that the server takes.
const TOKEN: &str = "a-token";

/// Where a log is kept.
pub(crate) struct Place {
    /// What the log holds.
    pub(crate) rows: Vec<Vec<u8>>,
    /// The tree's tiles, level by level: hashes in a row.
    pub(crate) levels: Vec<Vec<u8>>,
    /// What was signed of it.
    pub(crate) note: Vec<u8>,
    /// The auditor's memory.
    pub(crate) state: TempDir,
    folder: TempDir,
}

/// What the program said.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) status: Option<i32>,
    pub(crate) report: Value,
    pub(crate) complaint: String,
}

/// The root of a tree over these hashes.
pub(crate) fn root(leaves: &[u8]) -> Hash {
    let mut tree = auditor::tree::Tree::new().unwrap();
    for leaf in auditor::tree::hashes(leaves) {
        tree.push(leaf).unwrap();
    }
    tree.flush().unwrap();
    tree.root(tree.size()).unwrap()
}

fn leaves(rows: &[Vec<u8>]) -> Vec<u8> {
    rows.iter().flat_map(|row| tlog_tiles::record_hash(row).0).collect()
}

/// A checkpoint, signed.
pub(crate) fn sign(secret: &str, origin: &str, leaves: &[u8]) -> Vec<u8> {
    let size = leaves.len() as u64 / 32;
    let checkpoint = Checkpoint::new(origin, size, root(leaves), "").unwrap();
    let mut note = Note::new(&checkpoint.to_bytes(), &[]).unwrap();
    note.add_sigs(&[&StandardSigner::new(secret).unwrap()]).unwrap();
    note.to_bytes()
}

impl Place {
    /// Where these rows are kept and signed.
    pub(crate) fn of(rows: &[Row]) -> Self {
        let folder = || tempfile::tempdir().unwrap();
        let mut place = Self {
            rows: rows.iter().map(canonical).collect(),
            levels: vec![],
            note: vec![],
            state: folder(),
            folder: folder(),
        };
        place.build();
        place.sign(SECRET);
        place
    }

    /// Where the usual history is.
    pub(crate) fn usual() -> Self {
        Self::of(&history::usual())
    }

    /// The log's rows, to be tampered with.
    pub(crate) fn tamper(&mut self, tamper: impl FnOnce(&mut Vec<Row>)) {
        let parse = |row: &Vec<u8>| serde_json::from_slice(row).unwrap();
        let mut rows: Vec<Row> = self.rows.iter().map(parse).collect();
        tamper(&mut rows);
        self.rows = rows.iter().map(canonical).collect();
    }

    /// Makes the tree anew, over what the log holds now.
    pub(crate) fn build(&mut self) {
        self.levels = vec![leaves(&self.rows)];
        while let Some(below) = self.levels.last().filter(|below| below.len() >= 256 * 32) {
            let whole = below.chunks_exact(256 * 32);
            self.levels.push(whole.flat_map(|tile| Tile::subtree_hash(tile).0).collect());
        }
    }

    /// Signs the tree.
    pub(crate) fn sign(&mut self, secret: &str) {
        let origin = secret.split('+').nth(2).unwrap();
        self.note = sign(secret, origin, &self.levels[0]);
    }

    /// Signs the tree as its owner does.
    pub(crate) fn sign_rightly(&mut self) {
        self.sign(SECRET);
    }

    /// The archive that `docket dump` would make of it.
    pub(crate) fn archive(&self) -> Vec<u8> {
        let head = json!({"format": "docket-dump", "version": 1, "positions": "dense"});
        let end = json!({"end": {
            "events": self.rows.len(),
            "rootHash": root(&leaves(&self.rows)).to_string(),
            "checkpoint": String::from_utf8_lossy(&self.note),
        }});
        let lines = [vec![head.to_string().into_bytes()], self.rows.clone()].concat();
        [lines, vec![end.to_string().into_bytes(), vec![]]].concat().join(&b'\n')
    }

    /// Serves it as it is now; answers where.
    pub(crate) async fn serve(&self) -> String {
        let served = Served {
            rows: self.rows.clone(),
            levels: self.levels.clone(),
            note: self.note.clone(),
        };
        let router = Router::new().route("/api/v1/audit/log/{*path}", get(answer));
        serve_router(router.with_state(Arc::new(served))).await
    }

    /// Has a server that serves it checked.
    pub(crate) async fn check_server(&self, arguments: &[&str]) -> Said {
        let url = self.serve().await;
        self.run(&[&["--url", &url], arguments].concat()).await
    }

    /// Has whatever is served there checked.
    pub(crate) async fn check_url(&self, url: &str) -> Said {
        self.run(&["--url", url]).await
    }

    /// What people read of the check of whatever is served there, its moment and address left out.
    pub(crate) async fn read(&self, url: &str) -> String {
        let mut command = Command::new(env!("CARGO_BIN_EXE_auditor"));
        command.args(["verify", "--key", KEY, "--url", url]).env("DOCKET_TOKEN", TOKEN);
        let output = command.output().await.unwrap();
        let text = String::from_utf8(output.stdout).unwrap().replace(url, "URL");
        let (first, rest) = text.split_once('\n').unwrap();
        format!("{} at some time\n{rest}", first.rsplit_once(" at ").unwrap().0)
    }

    /// Has these bytes checked as an archive.
    pub(crate) async fn check_archive(&self, archive: &[u8], arguments: &[&str]) -> Said {
        let path = self.file("dump.ndjson");
        fs::write(&path, archive).unwrap();
        self.run(&[&["--dump", path.to_str().unwrap()], arguments].concat()).await
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    async fn run(&self, arguments: &[&str]) -> Said {
        let mut command = Command::new(env!("CARGO_BIN_EXE_auditor"));
        command.args(["verify", "--json", "--key", KEY]).args(arguments);
        command.env("DOCKET_TOKEN", TOKEN).stdin(Stdio::null());
        let output = command.output().await.unwrap();
        Said {
            status: output.status.code(),
            report: serde_json::from_slice(&output.stdout).unwrap_or_default(),
            complaint: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// The auditor's memory, as arguments.
    pub(crate) fn memory(&self) -> [&str; 2] {
        ["--state", self.state.path().to_str().unwrap()]
    }
}

impl Said {
    /// What was found, its moments left out, since they are of the test's day.
    pub(crate) fn findings(&self) -> Value {
        assert_eq!(self.status, Some(1), "{self:?}");
        let text = self.report["findings"].to_string();
        let parts: Vec<&str> = text.split(" at 20").collect();
        let without = |part: &&str| part.get(22..).unwrap_or_default().to_owned();
        let rest: Vec<String> = parts[1..].iter().map(without).collect();
        let parts = [vec![parts[0].to_owned()], rest].concat();
        serde_json::from_str(&parts.join(" at some time")).unwrap()
    }

    /// That nothing was found.
    pub(crate) fn is_good(&self) -> &Value {
        assert_eq!(self.status, Some(0), "{self:?}");
        &self.report
    }
}

/// What a server has.
struct Served {
    rows: Vec<Vec<u8>>,
    levels: Vec<Vec<u8>>,
    note: Vec<u8>,
}

impl Served {
    /// What a server hands out below `/api/v1/audit/log/`.
    fn find(&self, path: &str) -> Option<Vec<u8>> {
        if path == "checkpoint" {
            return Some(self.note.clone());
        }
        let is_data = path.starts_with("tile/entries/");
        let rest = path.strip_prefix("tile/")?;
        let tile = Tile::from_path(&format!("tile/8/{}", rest.replace("entries", "data"))).ok()?;
        let first = usize::try_from(tile.level_index()).unwrap() * 256;
        let end = first + tile.width() as usize;
        if !is_data {
            let level = self.levels.get(usize::from(tile.level()))?;
            return level.get(first * 32..end * 32).map(<[u8]>::to_vec);
        }
        let position = |row: &Vec<u8>| {
            let row: Option<Row> = serde_json::from_slice(row).ok();
            row?["position"].as_str()?.parse::<usize>().ok()
        };
        let is_there =
            |row: &&Vec<u8>| position(row).is_none_or(|at| (first + 1..=end).contains(&at));
        let mut rows: Vec<&Vec<u8>> = self.rows.iter().filter(is_there).collect();
        rows.sort_by_key(|row| position(row));
        let with_length =
            |row: &Vec<u8>| [&u16::try_from(row.len()).unwrap().to_be_bytes()[..], row].concat();
        Some(rows.into_iter().flat_map(with_length).collect())
    }
}

async fn answer(
    State(served): State<Arc<Served>>,
    Path(path): Path<String>,
    headers: HeaderMap,
) -> Response {
    if headers["authorization"] != format!("Bearer {TOKEN}") {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let found = served.find(&path);
    found.map_or_else(|| StatusCode::NOT_FOUND.into_response(), IntoResponse::into_response)
}

/// Serves the router until the test ends.
pub(crate) async fn serve_router(router: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{address}")
}
