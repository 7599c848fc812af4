//! The official client, `eventsource` of npm; the program that it runs in is in `tests/clients`.

use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

use super::{ban, lift};
use crate::api::Api;
use crate::set_ups::ports::free_address;
use crate::support::{Docket, command, data_dir};

/// Longer than a client takes to hear of anything on a busy machine, or to come back.
const PATIENCE: Duration = Duration::from_mins(1);

/// Less than the 10 seconds that requests in flight may take, and more than everything else does.
const AT_ONCE: Duration = Duration::from_secs(8);

struct Client {
    lines: Lines<BufReader<ChildStdout>>,
    _child: Child,
}

impl Client {
    /// Follows the feed of whom `demo.json` in this folder names.
    async fn start(data_dir: &Path) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients");
        assert!(folder.join("node_modules").is_dir(), "its packages are there: run deploy/test");
        let mut child = Command::new("node")
            .arg("feed.mjs")
            .current_dir(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("node is installed: run deploy/test");
        let demo = std::fs::read(data_dir.join("demo.json")).unwrap();
        child.stdin.take().unwrap().write_all(&demo).await.unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { lines, _child: child }
    }

    /// The next thing of another kind than "I have been cut off".
    async fn next(&mut self) -> (String, u64) {
        loop {
            let line = tokio::time::timeout(PATIENCE, self.lines.next_line()).await;
            let line = line.expect("it says something").unwrap().expect("it lives");
            let said: Value = serde_json::from_str(&line).unwrap();
            if let Some(name) = said["type"].as_str() {
                assert_eq!(said["lastEventId"], said["data"]["position"], "{said}");
                let position = said["lastEventId"].as_str().unwrap().parse().unwrap();
                return (name.to_owned(), position);
            }
            // Still trying: it has not given up.
            assert_eq!(said["readyState"], 0, "{said}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_official_client_comes_back_after_a_kill_and_misses_nothing() {
    let data_dir = data_dir();
    let listen = free_address().to_string();
    let start = async || {
        let mut command = command(&["--listen", &listen, "--data-dir"]);
        command.arg(data_dir.path());
        Docket::begin(command, data_dir.path()).await
    };
    let docket = start().await;
    let mut client = Client::start(data_dir.path()).await;
    assert_eq!(client.next().await, ("Position".to_owned(), 0));
    let api = Api::of(&data_dir.path().join("demo.json"));
    let viewer = api.id("viewerId").to_owned();
    let (created, id) = ban(&api, &viewer).await;
    assert_eq!(client.next().await, ("BanCreated".to_owned(), created));
    docket.kill().await;

    let docket = start().await;
    let revoked = lift(&api, &id).await;
    // Either it is back already, or it has this from the log.
    let mut said = client.next().await;
    if said.0 == "Position" {
        assert_eq!(said.1, created, "it says where it was");
        said = client.next().await;
    }
    assert_eq!(said, ("BanRevoked".to_owned(), revoked));
    let (created, _) = ban(&api, &viewer).await;
    assert_eq!(client.next().await, ("BanCreated".to_owned(), created));
    // It does not wait for the client to go.
    let begun = Instant::now();
    assert!(docket.stop().await.success());
    assert!(begun.elapsed() < AT_ONCE, "{:?}", begun.elapsed());
}
