//! A whole Docket, and who plays in it.

use all_in_one::data_dir::DataDir;
use all_in_one::tokens::{Grant, Issuer, YOUTUBE_SCOPES};
use chrono::{DateTime, TimeDelta, Utc};
use events::{Role, UserId};
use serde_json::Value;
use service::{Clock, SystemClock};
use tempfile::TempDir;
use testing::Database;
use tokio::process::Command;
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::api::{Answer, Api};
use crate::page::{Look, Page};
use crate::support::{Docket, command, data_dir};

/// So many worlds at once: each has a browser and a whole Docket, and those keep a small machine busy.
static WORLDS: Semaphore = Semaphore::const_new(1);

const BANS: &str = "/api/v1/live-stream-ban";
const REPORTS: &str = "/api/v1/live-stream-reports";

/// A Docket of the test's own, with the demonstration in it.
pub(crate) struct World {
    /// What programs do in it.
    pub(crate) api: Api,
    docket: Docket,
    data_dir: TempDir,
    _database: Database,
    _permit: SemaphorePermit<'static>,
}

impl World {
    /// Starts it, and waits until it is ready.
    pub(crate) async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    /// [`Self::start`] with more configuration.
    pub(crate) async fn start_with(configure: impl FnOnce(&mut Command)) -> Self {
        let permit = WORLDS.acquire().await.unwrap();
        let (database, data_dir) = (Database::create().await, data_dir());
        let mut command = command(&["--listen", "127.0.0.1:0", "--data-dir"]);
        command.arg(data_dir.path());
        // A database of the server that all tests share is there sooner than a server of its own.
        command.env("DATABASE_URL", &database.url);
        command.env("MIGRATION_DATABASE_URL", &database.owner_url);
        // Busy machines are warned of much that no test is about.
        command.env("LOG", "error");
        configure(&mut command);
        let docket = Docket::begin(command, data_dir.path()).await;
        let api = Api::of(&data_dir.path().join("demo.json"));
        Self { api, docket, data_dir, _database: database, _permit: permit }
    }

    /// Opens a browser of somebody's own, which looks like this.
    pub(crate) async fn open(&self, look: Look) -> Page {
        Page::open(&self.docket.base_url, look).await
    }

    /// Opens a browser and signs in to the dashboard as this part of the demonstration.
    pub(crate) async fn open_as(&self, part: &str, look: Look) -> Page {
        let page = self.open(look).await;
        page.sign_in(self.api.token(part)).await;
        page
    }

    /// Where it is served.
    pub(crate) fn base_url(&self) -> &str {
        &self.docket.base_url
    }

    /// The link that signs this part of the demonstration in to the dashboard.
    pub(crate) fn link(&self, part: &str) -> String {
        self.docket.demo()["dashboard"][part].as_str().unwrap().to_owned()
    }

    /// What it printed when it was ready.
    pub(crate) fn printed(&self) -> &str {
        &self.docket.printed
    }

    /// A token of anybody, good from now for an hour.
    pub(crate) fn token(&self, subject: &str, roles: &[Role]) -> String {
        self.token_from(subject, roles, SystemClock.now())
    }

    /// A token of anybody that was made at that time, good for an hour.
    pub(crate) fn token_from(&self, subject: &str, roles: &[Role], from: DateTime<Utc>) -> String {
        let folder = DataDir::open(self.data_dir.path()).unwrap();
        let issuer = Issuer::open(&folder, &web::TokenConfig::default()).unwrap();
        let grant = Grant {
            subject: &subject.parse::<UserId>().unwrap(),
            roles: &roles.iter().copied().collect(),
            scope: YOUTUBE_SCOPES,
            lifetime: TimeDelta::hours(1),
        };
        issuer.sign(&grant, from).unwrap()
    }

    /// Has `who` ban somebody, and waits until queries know; the ban.
    pub(crate) async fn ban(&self, who: &str, ban: &Value) -> Value {
        let banned = self.api.post(who, BANS, ban).await;
        self.settle(&banned).await
    }

    /// Has `who` report a live stream, and waits until queries know; the report.
    pub(crate) async fn report(&self, who: &str, live_stream: &str, report: &Value) -> Value {
        let filed = self.api.post(who, &format!("{REPORTS}/{live_stream}"), report).await;
        self.settle(&filed).await
    }

    /// Has the platform tell what there is to know of a user or a live stream.
    pub(crate) async fn tell(&self, resource: &str, id: &str, snapshot: &Value) {
        let path = format!("/internal/v1/{resource}/{id}");
        self.api.put("service", &path, snapshot).await.data();
    }

    /// Waits until each read model knows of this command; what it answered.
    pub(crate) async fn settle(&self, command: &Answer) -> Value {
        for path in [BANS, REPORTS, "/api/v1/statistics", "/api/v1/audit/events?limit=1"] {
            let answer = self.api.get_after(command, "admin", path).await;
            assert_eq!(answer.status, 200, "{answer:?}");
        }
        command.data().clone()
    }
}
