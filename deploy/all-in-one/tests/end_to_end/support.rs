//! A running docket with a data folder of its own, and people to speak for.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use reqwest::header::HeaderMap;
use reqwest::{Client, Method, RequestBuilder, StatusCode};
use serde_json::Value;
use tempfile::TempDir;

/// A `docket` process. Told to end, and waited for, when dropped.
pub(crate) struct Docket {
    process: Child,
    http: Client,
    /// What it wrote into `demo.json`.
    pub(crate) demo: Arc<Demo>,
}

/// The ids and tokens of one demo live stream.
pub(crate) struct Demo(Value);

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    /// The body, where it is JSON.
    pub(crate) body: Value,
}

/// A folder that PostgreSQL's own user can reach too.
pub(crate) fn folder() -> TempDir {
    let everybody_passes = Permissions::from_mode(0o711);
    tempfile::Builder::new().permissions(everybody_passes).tempdir().unwrap()
}

impl Docket {
    /// Starts one over this folder, on a free port, and waits until it is ready.
    pub(crate) async fn start(folder: &Path) -> Self {
        let demo = folder.join("demo.json");
        let _ = fs::remove_file(&demo); // of an earlier start
        let mut process = Command::new(env!("CARGO_BIN_EXE_docket"))
            .args(["--listen", "127.0.0.1:0", "--data-dir"])
            .arg(folder)
            .env_remove("DATABASE_URL")
            .env("LOG", "error")
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let http = Client::new();
        let demo = testing::eventually("docket to be ready", async || {
            assert_eq!(process.try_wait().unwrap(), None, "docket ended instead");
            let demo = Demo(serde_json::from_slice(&fs::read(&demo).ok()?).ok()?);
            let ready = http.get(demo.url("/health/ready")).send().await.ok()?;
            ready.status().is_success().then_some(demo)
        })
        .await;
        Self { process, http, demo: Arc::new(demo) }
    }

    /// A request in the name of `who`, as `demo.json` calls them.
    pub(crate) fn request(&self, who: &str, method: Method, path: &str) -> RequestBuilder {
        self.anonymous(method, path).bearer_auth(self.demo.token(who))
    }

    /// A request in nobody's name.
    pub(crate) fn anonymous(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, self.demo.url(path))
    }

    pub(crate) async fn get(&self, who: &str, path: &str) -> Answer {
        answer(self.request(who, Method::GET, path)).await
    }

    /// Gets what is true at the position of an earlier command's answer, or later.
    pub(crate) async fn get_after(&self, command: &Answer, who: &str, path: &str) -> Answer {
        let position = command.header("x-event-position");
        answer(self.request(who, Method::GET, path).header("X-Min-Position", position)).await
    }

    pub(crate) async fn post(&self, who: &str, path: &str, body: &Value) -> Answer {
        answer(self.request(who, Method::POST, path).json(body)).await
    }

    pub(crate) async fn patch(&self, who: &str, path: &str, body: &Value) -> Answer {
        answer(self.request(who, Method::PATCH, path).json(body)).await
    }

    pub(crate) async fn delete(&self, who: &str, path: &str) -> Answer {
        answer(self.request(who, Method::DELETE, path)).await
    }

    /// Ends it at once, as a power cut would.
    pub(crate) fn kill(mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

impl Drop for Docket {
    fn drop(&mut self) {
        if let Ok(None) = self.process.try_wait() {
            let pid = Pid::from_raw(self.process.id().try_into().unwrap());
            kill(pid, Signal::SIGTERM).unwrap();
            self.process.wait().unwrap();
        }
    }
}

impl Demo {
    /// A member of `demo.json`.
    pub(crate) fn id(&self, name: &str) -> &str {
        self.0[name].as_str().unwrap_or_else(|| panic!("{name} is missing in {}", self.0))
    }

    pub(crate) fn token(&self, who: &str) -> &str {
        self.0["tokens"][who].as_str().unwrap_or_else(|| panic!("no token of {who}"))
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.id("baseUrl"))
    }
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name).unwrap_or_else(|| panic!("no {name} in {self:?}"));
        value.to_str().unwrap()
    }

    /// What a good Allmine answer holds.
    pub(crate) fn data(&self) -> &Value {
        assert!(self.status.is_success(), "{self:?}");
        assert_eq!(self.body["isSuccess"], true, "{self:?}");
        assert_eq!(self.body["statusCode"], self.status.as_u16(), "{self:?}");
        &self.body["data"]
    }

    /// What a bad Allmine answer says.
    pub(crate) fn errors(&self, status: u16) -> Vec<&str> {
        assert_eq!(self.status.as_u16(), status, "{self:?}");
        assert_eq!(self.body["isSuccess"], false, "{self:?}");
        assert_eq!(self.body["statusCode"], status, "{self:?}");
        assert_eq!(self.body["data"], Value::Null, "{self:?}");
        let errors = self.body["errors"].as_array().unwrap().iter();
        errors.map(|error| error.as_str().unwrap()).collect()
    }

    /// The one reason of a bad YouTube answer, and its domain.
    pub(crate) fn reason(&self, status: u16) -> (&str, &str) {
        assert_eq!(self.status.as_u16(), status, "{self:?}");
        assert_eq!(self.body["error"]["code"], status, "{self:?}");
        assert_eq!(self.header("content-type"), "application/json; charset=UTF-8");
        let error = &self.body["error"]["errors"][0];
        (error["reason"].as_str().unwrap(), error["domain"].as_str().unwrap())
    }
}

/// Sends it and reads the whole answer.
pub(crate) async fn answer(request: RequestBuilder) -> Answer {
    try_answer(request).await.unwrap()
}

/// [`answer`], where there may be none.
pub(crate) async fn try_answer(request: RequestBuilder) -> reqwest::Result<Answer> {
    let response = request.send().await?;
    let (status, headers) = (response.status(), response.headers().clone());
    let body = serde_json::from_slice(&response.bytes().await?).unwrap_or_default();
    Ok(Answer { status, headers, body })
}
