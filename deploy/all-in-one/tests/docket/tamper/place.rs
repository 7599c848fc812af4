//! A docket with a short history that was checked once, and a database that somebody may do anything to.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use cargo_metadata::Message;
use projector::tree::log_key;
use reqwest::Method;
use serde_json::{Value, json};
use signed_note::Note;
use sqlx::{AssertSqlSafe, PgConnection, Postgres, Transaction};
use tempfile::TempDir;
use testing::Database;
use tlog_tiles::Checkpoint;
use tokio::process::Command;
use tokio::sync::OnceCell;

use crate::api::Api;
use crate::support::{Docket, command, data_dir, output};

const BANS: &str = "/api/v1/live-stream-ban";
const REPORTS: &str = "/api/v1/live-stream-reports";
const TREE: &str = "/api/v1/audit/log";

/// Events of the history.
pub(super) const SIZE: u64 = 9;

/// The program, built where it was not yet. Tests of another package cannot name its binary.
static AUDITOR: OnceCell<PathBuf> = OnceCell::const_new();

/// A docket, its database, and who checks it.
pub(super) struct Place {
    docket: Docket,
    pub(super) api: Api,
    pub(super) database: Database,
    pub(super) key: String,
    folder: TempDir,
    state: TempDir,
}

/// What the auditor said.
#[derive(Debug)]
pub(super) struct Said {
    pub(super) status: Option<i32>,
    report: Value,
    complaint: String,
}

impl Said {
    /// The kinds of what was found, and the events that are named.
    pub(super) fn findings(&self) -> Value {
        assert_eq!(self.status, Some(1), "{} {}", self.complaint, self.report);
        let told =
            |finding: &Value| json!({ "kind": finding["kind"], "events": finding.get("events") });
        self.report["findings"].as_array().unwrap().iter().map(told).collect()
    }
}

impl Place {
    /// With a history that was found to be good.
    pub(super) async fn checked() -> Self {
        let folder = data_dir();
        let database = Database::create().await;
        let path = folder.path().to_str().unwrap();
        let mut command = command(&["--listen", "127.0.0.1:0", "--data-dir", path]);
        command.env("DATABASE_URL", &database.url);
        command.env("MIGRATION_DATABASE_URL", &database.owner_url);
        let docket = Docket::begin(command, folder.path()).await;
        let api = Api::of(&folder.path().join("demo.json"));
        let key = log_key::show(&folder.path().join("log-key")).unwrap().remove(0);
        let state = tempfile::tempdir().unwrap();
        let place = Self { docket, api, database, key, folder, state };
        place.moderate().await;
        place.is_signed(SIZE).await;
        let said = place.check(true).await;
        assert_eq!(said.status, Some(0), "{said:?}");
        let checked = &said.report["checked"];
        assert_eq!((&checked["events"], &checked["streams"]), (&json!(SIZE), &json!(2)));
        place
    }

    /// Nine events: the viewer is banned three times and freed twice, reports the stream, and the report is
    /// dealt with.
    async fn moderate(&self) {
        let api = &self.api;
        let (stream, viewer) = (api.id("liveStreamId"), api.id("viewerId"));
        let body = json!({"targetUserId": viewer, "liveStreamId": stream, "reason": "spam"});
        for _ in 0..2 {
            let banned = api.post("creator", BANS, &body).await;
            let id = banned.data()["_id"].as_str().unwrap().to_owned();
            api.delete("creator", &format!("{BANS}/{id}")).await.data();
        }
        let other = json!({"type": "other", "description": "see 1:02"});
        let filed = api.post("viewer", &format!("{REPORTS}/{stream}"), &other).await;
        let report = format!("{REPORTS}/{}", filed.data()["id"].as_str().unwrap());
        for status in ["under_review", "resolved"] {
            api.patch("platformModerator", &report, &json!({"status": status})).await.data();
        }
        api.patch("platformModerator", &report, &json!({"isArchived": true})).await.data();
        api.post("creator", BANS, &body).await.data();
    }

    async fn is_signed(&self, size: u64) {
        testing::eventually("a checkpoint of all", async || {
            let path = format!("{TREE}/checkpoint");
            let note = self.api.request("auditor", Method::GET, &path).send().await.unwrap();
            let note = Note::from_bytes(&note.bytes().await.unwrap()).ok()?;
            let checkpoint = Checkpoint::from_bytes(note.text()).unwrap();
            (checkpoint.size() == size).then_some(())
        })
        .await;
    }

    /// The event at this position, as the auditor should name it.
    pub(super) async fn event(&self, position: i64) -> Value {
        let (id, kind, stream, version): (uuid::Uuid, String, String, i32) = sqlx::query_as(
            "SELECT event_id, event_type, stream, version FROM log.events WHERE position = $1",
        )
        .bind(position)
        .fetch_one(&self.database.owner)
        .await
        .unwrap();
        json!({
            "index": position - 1,
            "position": position,
            "id": ulid::Ulid::from(id).to_string(),
            "type": kind,
            "stream": stream,
            "version": version,
        })
    }

    /// Does this to the log with a superuser's rights. Until what it answers is dropped, nobody adds to the
    /// tree, as who does such things would see to.
    pub(super) async fn tamper(&self, statements: &str) -> Transaction<'static, Postgres> {
        let owner = &self.database.owner;
        let mut hold = owner.begin().await.unwrap();
        let tables = "tree.tiles, tree.leaves, tree.head";
        execute(&mut hold, &format!("LOCK TABLE {tables} IN EXCLUSIVE MODE")).await;
        let mut connection = owner.acquire().await.unwrap();
        execute(&mut connection, &without_the_trigger(statements)).await;
        hold
    }

    /// Has the auditor check the server, who remembers what it saw before or not.
    pub(super) async fn check(&self, remembers: bool) -> Said {
        let token = self.folder.path().join("token");
        fs::write(&token, self.docket.token("auditor")).unwrap();
        let arguments = ["--url", &self.docket.base_url, "--token-file", token.to_str().unwrap()];
        self.audit(&arguments, remembers).await
    }

    /// Has the auditor check an archive that is made of the log now; or why none could be made.
    pub(super) async fn check_archive(&self, remembers: bool) -> Result<Said, String> {
        let archive = self.folder.path().join("dump.ndjson.zst");
        let (archive, elsewhere) = (archive.to_str().unwrap(), data_dir());
        let folder = elsewhere.path().to_str().unwrap();
        let mut command = command(&["dump", archive, "--data-dir", folder]);
        command.env("DATABASE_URL", &self.database.url);
        let (status, _, last) = output(command).await;
        if !status.success() {
            return Err(last);
        }
        Ok(self.audit(&["--dump", archive], remembers).await)
    }

    async fn audit(&self, arguments: &[&str], remembers: bool) -> Said {
        let auditor = AUDITOR.get_or_init(build).await;
        let mut command = Command::new(auditor);
        command.args(["verify", "--json", "--key", &self.key]).args(arguments);
        if remembers {
            command.arg("--state").arg(self.state.path());
        }
        command.env_remove("DOCKET_TOKEN").stdin(Stdio::null()).kill_on_drop(true);
        let output = command.output().await.unwrap();
        Said {
            status: output.status.code(),
            report: serde_json::from_slice(&output.stdout).unwrap_or_default(),
            complaint: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Where its files are.
    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(super) async fn stop(self) {
        self.docket.stop().await;
    }
}

/// Statements with the log's trigger out of the way.
pub(super) fn without_the_trigger(statements: &str) -> String {
    format!(
        "ALTER TABLE log.events DISABLE TRIGGER events_immutable;
         {statements};
         ALTER TABLE log.events ENABLE ALWAYS TRIGGER events_immutable"
    )
}

pub(super) async fn execute(connection: &mut PgConnection, statements: &str) {
    sqlx::raw_sql(AssertSqlSafe(statements.to_owned())).execute(connection).await.unwrap();
}

/// The auditor's own binary, of the same workspace.
async fn build() -> PathBuf {
    let mut command = Command::new(env!("CARGO"));
    command.args(["build", "--workspace", "--bin", "auditor", "--locked", "--offline"]);
    command.arg("--message-format=json-render-diagnostics");
    if !cfg!(debug_assertions) {
        command.arg("--release");
    }
    let output = command.current_dir(env!("CARGO_MANIFEST_DIR")).output().await.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut built = Message::parse_stream(&output.stdout[..]).filter_map(|message| match message {
        Ok(Message::CompilerArtifact(artifact)) => artifact.executable,
        _ => None,
    });
    built.next().expect("cargo tells where it is").into()
}
