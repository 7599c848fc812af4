//! The program itself, as a child process.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// Longer than any start or stop, even the first one on a busy machine.
const PATIENCE: Duration = Duration::from_mins(2);

/// Everything that could change what docket does; the machine's own settings are not for tests.
const VARIABLES: [&str; 46] = [
    "CHECKPOINT_INTERVAL",
    "CHECKPOINT_WITNESS",
    "COMMAND_API_URL",
    "DATABASE_URL",
    "DATA_DIR",
    "EVENT_LOG",
    "FEED_LIMIT",
    "FEED_LIMIT_PER_CALLER",
    "HTTP_DRAIN_TIMEOUT",
    "HTTP_HEADER_TIMEOUT",
    "HTTP_MAX_CONNECTIONS",
    "HTTP_WRITE_TIMEOUT",
    "JWT_ALGORITHM",
    "JWT_AUDIENCE",
    "JWT_ISSUER",
    "JWT_JWKS_FILE",
    "JWT_JWKS_URL",
    "JWT_PUBLIC_KEY",
    "JWT_PUBLIC_KEY_FILE",
    "JWT_SECRET",
    "JWT_SECRET_FILE",
    "KAFKA_BROKERS",
    "KAFKA_PARTITIONS",
    "KAFKA_REPLICATION",
    "KAFKA_SESSION_TIMEOUT",
    "KAFKA_TOPIC_PREFIX",
    "LISTEN",
    "LOG",
    "LOG_KEY_FILE",
    "MASTER_KEY_FILE",
    "METRICS_LISTEN",
    "MIGRATION_DATABASE_URL",
    "NO_DEMO",
    "OIDC_CLIENT_ID",
    "OIDC_CLIENT_SECRET",
    "OIDC_ISSUER_URL",
    "OIDC_PROVIDER_NAME",
    "OIDC_SCOPES",
    "PROJECTOR_SOURCE",
    "PUBLIC_URL",
    "PUSH_LIMIT",
    "PUSH_ORIGINS",
    "PUSH_USER_LIMIT",
    "QUERY_CONNECTIONS",
    "RATE_LIMIT",
    "TRUSTED_PROXIES",
];

/// A running docket that is ready. Told to end when dropped, so that its PostgreSQL ends too.
#[derive(Debug)]
pub(crate) struct Docket {
    child: Child,
    /// What it printed until it was ready.
    pub(crate) printed: String,
    /// Where its API is.
    pub(crate) base_url: String,
    data_dir: PathBuf,
}

/// A folder for `--data-dir` that PostgreSQL's user can reach, as it could below a shared `/tmp`.
pub(crate) fn data_dir() -> TempDir {
    use std::os::unix::fs::PermissionsExt;

    let permissions = fs::Permissions::from_mode(0o711);
    tempfile::Builder::new().permissions(permissions).tempdir().unwrap()
}

/// `docket` with these arguments, in a clean environment.
pub(crate) fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_docket"));
    for variable in VARIABLES {
        command.env_remove(variable);
    }
    command.args(arguments).env("LOG", "warn").stdin(Stdio::null()).kill_on_drop(true);
    command
}

/// Runs `docket` with these arguments to its end: its status, output and last line of complaint.
pub(crate) async fn run(arguments: &[&str]) -> (ExitStatus, String, String) {
    output(command(arguments)).await
}

/// Runs this command to its end: its status, output and last line of complaint.
pub(crate) async fn output(mut command: Command) -> (ExitStatus, String, String) {
    let output = tokio::time::timeout(PATIENCE, command.output()).await;
    let output = output.expect("it ends").unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    let complaints = text(output.stderr);
    let last = complaints.lines().last().unwrap_or_default().to_owned();
    (output.status, text(output.stdout), last)
}

impl Docket {
    /// Starts everything over `data_dir` on a free port.
    pub(crate) async fn start(data_dir: &Path) -> Self {
        let folder = data_dir.to_str().unwrap();
        Self::begin(command(&["--listen", "127.0.0.1:0", "--data-dir", folder]), data_dir).await
    }

    /// Starts `command`, whose data folder is `data_dir`, and waits until it is ready.
    pub(crate) async fn begin(mut command: Command, data_dir: &Path) -> Self {
        let mut child = command.stdout(Stdio::piped()).kill_on_drop(false).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let data_dir = data_dir.to_path_buf();
        let mut docket = Self { child, printed: String::new(), base_url: String::new(), data_dir };
        let reading = async {
            while let Some(line) = lines.next_line().await.unwrap() {
                docket.printed += &line;
                docket.printed.push('\n');
                if line.starts_with("Ctrl-C") {
                    return;
                }
            }
            panic!("it ended before it was ready: {}", docket.printed);
        };
        tokio::time::timeout(PATIENCE, reading).await.expect("it becomes ready");
        let mut words = docket.printed.split_whitespace();
        docket.base_url = words.find(|word| word.starts_with("http://")).unwrap().to_owned();
        docket
    }

    /// What it wrote for scripts.
    pub(crate) fn demo(&self) -> Value {
        serde_json::from_slice(&fs::read(self.data_dir.join("demo.json")).unwrap()).unwrap()
    }

    /// The token of this part in the demonstration.
    pub(crate) fn token(&self, part: &str) -> String {
        self.demo()["tokens"][part].as_str().unwrap().to_owned()
    }

    /// The status and body of this resource, asked for with the token of this part.
    pub(crate) async fn get(&self, part: &str, path: &str) -> (u16, Value) {
        let url = format!("{}{path}", self.base_url);
        let request = reqwest::Client::new().get(url).bearer_auth(self.token(part));
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }

    /// Tells it to end, and waits until it has.
    pub(crate) async fn stop(mut self) -> ExitStatus {
        end(&mut self.child).await
    }

    /// Tells it to end, once more if it was told already.
    pub(crate) fn tell_to_end(&self) {
        self.signal(Signal::SIGTERM);
    }

    /// Ends it without a chance to tidy up.
    pub(crate) async fn kill(mut self) {
        self.signal(Signal::SIGKILL);
        self.child.wait().await.unwrap();
    }

    /// Its process id.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id().unwrap()
    }

    fn signal(&self, signal: Signal) {
        send(&self.child, signal);
    }
}

/// Tells a child to end, and waits until it has.
pub(crate) async fn end(child: &mut Child) -> ExitStatus {
    send(child, Signal::SIGTERM);
    let ended = tokio::time::timeout(PATIENCE, child.wait()).await;
    ended.expect("it ends").unwrap()
}

fn send(child: &Child, signal: Signal) {
    let pid = child.id().expect("it runs").try_into().unwrap();
    kill(Pid::from_raw(pid), signal).unwrap();
}

/// Waits until the process that serves its health at `address` says that all is well.
pub(crate) async fn is_ready(name: &str, address: SocketAddr) {
    let url = format!("http://{address}/health/ready");
    testing::eventually(&format!("{name} to be ready"), async || {
        let answer = reqwest::get(&url).await.ok()?;
        answer.status().is_success().then_some(())
    })
    .await;
}

impl Drop for Docket {
    fn drop(&mut self) {
        if self.child.id().is_some() {
            self.signal(Signal::SIGTERM);
        }
    }
}
