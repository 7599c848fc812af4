//! What the official client of Socket.IO gets; the programs that it runs in are in `tests/clients`.

use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use all_in_one::tokens::{Grant, Issuer};
use chrono::TimeDelta;
use events::Roles;
use serde_json::{Value, json};
use service::{Clock, SystemClock};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

use crate::api::Api;
use crate::set_ups::ports::free_address;
use crate::set_ups::{Installation, SetUp};
use crate::support::{Docket, command, data_dir};

/// Longer than clients take to hear of anything on a busy machine, or to come back.
const PATIENCE: Duration = Duration::from_mins(1);
/// Less than the 10 seconds that requests in flight may take.
const AT_ONCE: Duration = Duration::from_secs(8);

/// This program of `tests/clients`, with `world` on its standard input.
async fn client(program: &str, world: &Value) -> Child {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients");
    assert!(folder.join("node_modules").is_dir(), "its packages are there: run deploy/test");
    let mut child = Command::new("node")
        .arg(program)
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("node is installed: run deploy/test");
    let mut input = child.stdin.take().unwrap();
    input.write_all(world.to_string().as_bytes()).await.unwrap();
    child
}

/// A token of the viewer's that is refused from so many seconds on, the leeway for clocks included.
fn token(issuer: &Issuer, viewer: &str, seconds: i64) -> String {
    let grant = Grant {
        subject: &viewer.parse().unwrap(),
        roles: &Roles::default(),
        scope: "",
        lifetime: TimeDelta::seconds(seconds - 60),
    };
    issuer.sign(&grant, SystemClock.now()).unwrap()
}

pub(crate) async fn clients_are_told_of_bans(set_up: SetUp) {
    let docket = Installation::start(set_up).await;
    let api = docket.api();
    let other = json!({
        "id": "push-stream", "title": "Elsewhere", "status": "active",
        "creatorId": api.id("creatorId"), "moderatorIds": [],
        "updatedAt": "2026-01-15T10:00:00.000Z",
    });
    api.put("service", "/internal/v1/live-streams/push-stream", &other).await.data();
    let (issuer, viewer) = (docket.issuer(), api.id("viewerId"));
    let mut world = api.demo().clone();
    world["otherStreamId"] = other["id"].clone();
    world["expiredToken"] = token(&issuer, viewer, -1).into();
    world["expiringToken"] = token(&issuer, viewer, 20).into();

    let output = client("push.mjs", &world).await.wait_with_output().await.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    docket.stop().await;
}

/// What `stay.mjs` says of its two clients.
struct Staying {
    lines: Lines<BufReader<ChildStdout>>,
    _child: Child,
}

impl Staying {
    async fn with(docket: &Docket) -> Self {
        let mut child = client("stay.mjs", &docket.demo()).await;
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { lines, _child: child }
    }

    /// Waits until both clients have said one of `words`.
    async fn both_say(&mut self, words: &[&str]) {
        let (mut websocket, mut polling) = (false, false);
        while !(websocket && polling) {
            let line = tokio::time::timeout(PATIENCE, self.lines.next_line()).await;
            let line = line.unwrap_or_else(|_| panic!("nobody says {words:?}")).unwrap();
            let said: [String; 2] = serde_json::from_str(&line.expect("they stay")).unwrap();
            let expected = words.contains(&said[1].as_str());
            websocket |= expected && said[0] == "websocket";
            polling |= expected && said[0] == "polling";
        }
    }
}

#[tokio::test]
async fn clients_hold_up_no_end_and_come_back_after_any() {
    let data_dir = data_dir();
    let (folder, address) = (data_dir.path().to_str().unwrap(), free_address().to_string());
    let start = async || {
        let command = command(&["--listen", &address, "--data-dir", folder]);
        Docket::begin(command, data_dir.path()).await
    };
    let docket = start().await;
    let mut clients = Staying::with(&docket).await;
    clients.both_say(&["joined"]).await;
    let begun = Instant::now();
    assert!(docket.stop().await.success());
    assert!(begun.elapsed() < AT_ONCE, "{:?}", begun.elapsed());
    clients.both_say(&["transport close", "transport error"]).await;

    let docket = start().await;
    clients.both_say(&["joined"]).await;
    docket.kill().await;
    clients.both_say(&["transport close", "transport error"]).await;

    let docket = start().await;
    clients.both_say(&["joined"]).await;
    let api = Api::of(&data_dir.path().join("demo.json"));
    let ban = json!({"targetUserId": api.id("viewerId"), "liveStreamId": api.id("liveStreamId")});
    api.post("creator", "/api/v1/live-stream-ban", &ban).await.data();
    clients.both_say(&["userBanned"]).await;
    assert!(docket.stop().await.success());
}
