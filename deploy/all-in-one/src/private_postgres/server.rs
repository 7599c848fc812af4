//! The server's process: started, watched, stopped, and cleared away when it was left behind.

use std::ffi::OsStr;
use std::fs::{self, OpenOptions};
use std::net::TcpListener;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use nix::errno::Errno;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::process::Child;
use tokio::time::{Instant, sleep};

use super::binaries::Binaries;
use super::cluster::Cluster;
use super::{PostgresError, io_error, last_words};

/// How long a start may take, recovery after a crash included.
const START: Duration = Duration::from_mins(1);

/// How long what a killed server left behind may stand in the way of the next.
const LEFTOVERS: Duration = Duration::from_secs(15);

/// How long a fast shutdown may take before a harder one.
const STOP: Duration = Duration::from_secs(20);

/// How often to look; a start takes some tens of milliseconds.
const LOOK: Duration = Duration::from_millis(10);

/// What the server says when remains of another are in its way, or when somebody took its port.
const PASSING: [&str; 3] =
    ["pre-existing shared memory block", "lock file \"postmaster.pid\"", "could not bind"];

/// A running server.
#[derive(Debug)]
pub(super) struct Server {
    child: Child,
    pub(super) pid: u32,
    pub(super) port: u16,
}

impl Server {
    /// Starts the server and waits until it takes connections.
    pub(super) async fn start(
        cluster: &Cluster,
        binaries: &Binaries,
    ) -> Result<Self, PostgresError> {
        clear_away(&cluster.data()).await?;
        keep_last_words(&cluster.log())?;
        let give_up = Instant::now() + LEFTOVERS;
        loop {
            let mut server = Self::spawn(cluster, binaries)?;
            if server.ready(cluster).await? {
                return Ok(server);
            }
            let said = last_words(&cluster.log());
            let passing = PASSING.iter().any(|sign| said.contains(sign));
            if !passing || Instant::now() > give_up {
                return Err(PostgresError::NotStarted { said, log: cluster.log() });
            }
            sleep(LOOK * 10).await;
        }
    }

    fn spawn(cluster: &Cluster, binaries: &Binaries) -> Result<Self, PostgresError> {
        let mut log = OpenOptions::new();
        log.write(true).create(true).truncate(true).mode(0o600);
        let log = log.open(cluster.log()).map_err(io_error(cluster.log()))?;
        let port = free_port()?;
        let program = binaries.program("postgres");
        let mut command = cluster.owner.command(&program);
        command
            .arg("-D")
            .arg(cluster.data())
            .args(["-p", &port.to_string(), "-c", "listen_addresses=127.0.0.1"])
            .args(["-c", "unix_socket_directories=", "-c", "log_checkpoints=off"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .process_group(0);
        let cannot_run =
            |source| PostgresError::CannotRun { program: program.display().to_string(), source };
        let child = tokio::process::Command::from(command).spawn().map_err(cannot_run)?;
        let pid = child.id().unwrap_or_default();
        Ok(Self { child, pid, port })
    }

    /// Whether it takes connections now; `false` when it ended instead.
    async fn ready(&mut self, cluster: &Cluster) -> Result<bool, PostgresError> {
        let data = cluster.data();
        let give_up = Instant::now() + START;
        while Instant::now() < give_up {
            if self.child.try_wait().map_err(io_error(&data))?.is_some() {
                return Ok(false);
            }
            if Lockfile::read(&data).is_some_and(|file| file.pid == self.pid && file.ready) {
                return Ok(true);
            }
            sleep(LOOK).await;
        }
        Err(PostgresError::NotStarted { said: last_words(&cluster.log()), log: cluster.log() })
    }

    pub(super) async fn ended(&mut self) {
        // A failed wait means that there is no such child any more.
        let _ = self.child.wait().await;
    }

    pub(super) async fn stop(&mut self) -> Result<(), PostgresError> {
        for signal in [Signal::SIGINT, Signal::SIGQUIT] {
            send(self.pid, signal);
            if tokio::time::timeout(STOP, self.child.wait()).await.is_ok() {
                return Ok(());
            }
        }
        Err(PostgresError::NotStopped { pid: self.pid })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Ok(None) = self.child.try_wait() {
            send(self.pid, Signal::SIGINT);
        }
    }
}

/// What a server writes into `postmaster.pid`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Lockfile {
    pub(super) pid: u32,
    pub(super) port: u16,
    pub(super) ready: bool,
}

impl Lockfile {
    /// The file of the server that runs, or ran, over `data`.
    pub(super) fn read(data: &Path) -> Option<Self> {
        Self::parse(&fs::read_to_string(data.join("postmaster.pid")).ok()?)
    }

    /// Line 1 is the process, line 4 the port, line 8 the state.
    fn parse(text: &str) -> Option<Self> {
        let lines: Vec<&str> = text.lines().map(str::trim).collect();
        let ready = lines.get(7) == Some(&"ready");
        let port = lines.get(3).and_then(|port| port.parse().ok()).unwrap_or_default();
        Some(Self { pid: lines.first()?.parse().ok()?, port, ready })
    }

    /// Whether that process still is the server over `data`, not another with the same number.
    pub(super) fn serves(&self, data: &Path) -> bool {
        command_line(self.pid).is_some_and(|line| line.is_server_over(data))
    }
}

/// Stops the server that a killed process of ours left behind, and removes a file whose process
/// number somebody else has got since.
async fn clear_away(data: &Path) -> Result<(), PostgresError> {
    let Some(lockfile) = Lockfile::read(data) else { return Ok(()) };
    if command_line(lockfile.pid).is_none() {
        return Ok(()); // PostgreSQL sees by itself that this process is no more.
    }
    if !lockfile.serves(data) {
        // PostgreSQL would refuse to start while any process has this number. Its own check of the
        // shared memory still guards the data.
        let path = data.join("postmaster.pid");
        return fs::remove_file(&path).map_err(io_error(path));
    }
    tracing::warn!(
        pid = lockfile.pid,
        "stopping the PostgreSQL that an earlier docket left behind"
    );
    for signal in [Signal::SIGINT, Signal::SIGQUIT] {
        send(lockfile.pid, signal);
        let give_up = Instant::now() + STOP;
        while Instant::now() < give_up {
            if !lockfile.serves(data) {
                return Ok(());
            }
            sleep(LOOK).await;
        }
    }
    Err(PostgresError::NotStopped { pid: lockfile.pid })
}

/// Puts the log of the server before aside, which may say why it crashed. The one before that goes.
fn keep_last_words(log: &Path) -> Result<(), PostgresError> {
    match fs::rename(log, log.with_extension("old")) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(io_error(log)(error)),
        _ => Ok(()),
    }
}

fn send(pid: u32, signal: Signal) {
    let Ok(pid) = i32::try_from(pid) else { return };
    match kill(Pid::from_raw(pid), signal) {
        Ok(()) | Err(Errno::ESRCH) => {}
        Err(error) => tracing::warn!(pid, %error, "cannot signal PostgreSQL"),
    }
}

/// How a process was started.
struct CommandLine {
    text: Vec<u8>,
    /// What stands between two arguments.
    separator: u8,
}

impl CommandLine {
    /// Whether it is `postgres -D <data> …`, as we and `pg_ctl` start it, and nothing that merely
    /// names the folder, as a backup or an editor does.
    fn is_server_over(&self, data: &Path) -> bool {
        let option = [self.separator, b'-', b'D', self.separator];
        let Some(at) = self.text.windows(option.len()).position(|window| window == option) else {
            return false;
        };
        let program = Path::new(OsStr::from_bytes(&self.text[..at])).file_name();
        let folder = self.text[at + option.len()..].strip_prefix(data.as_os_str().as_bytes());
        program.is_some_and(|name| name == "postgres" || name == "postmaster")
            && folder.is_some_and(|rest| rest.first().is_none_or(|next| *next == self.separator))
    }
}

/// How the process of this number was started; `None` when there is none.
fn command_line(pid: u32) -> Option<CommandLine> {
    if let Ok(text) = fs::read(format!("/proc/{pid}/cmdline")) {
        return Some(CommandLine { text, separator: 0 });
    }
    // macOS has no /proc.
    let output =
        Command::new("ps").args(["-o", "command=", "-p", &pid.to_string()]).output().ok()?;
    let text = output.stdout.trim_ascii().to_vec();
    output.status.success().then_some(CommandLine { text, separator: b' ' })
}

/// A port that nobody has at this moment. Whoever takes it before the server does only costs
/// another try.
fn free_port() -> Result<u16, PostgresError> {
    let bound = TcpListener::bind(("127.0.0.1", 0)).and_then(|listener| listener.local_addr());
    bound.map(|address| address.port()).map_err(io_error("127.0.0.1"))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{CommandLine, Lockfile};

    #[test]
    fn only_the_server_of_this_very_folder_is_taken_for_it() {
        let is_server = |text: &str, separator: u8| {
            CommandLine { text: text.into(), separator }.is_server_over(Path::new("/x y/data"))
        };
        for separator in ["\0", " "] {
            let is_server =
                |arguments: &[&str]| is_server(&arguments.join(separator), separator.as_bytes()[0]);
            assert!(is_server(&[
                "/usr/lib/postgresql/15/bin/postgres",
                "-D",
                "/x y/data",
                "-p",
                "1"
            ]));
            assert!(is_server(&["postmaster", "-D", "/x y/data"]));
            assert!(!is_server(&["postgres", "-D", "/x y/data.unfinished", "-p", "1"]));
            assert!(!is_server(&["postgres", "-D", "/before/x y/data", "-p", "1"]));
            assert!(!is_server(&["tar", "-D", "/x y/data", "-p", "1"]));
            assert!(!is_server(&["less", "/x y/data/postgres"]));
        }
        assert!(!is_server("postgres\0x\0-D\0/x y/data\0", 0), "not the server's own way");
        assert!(!is_server("", 0), "a process that has ended");
    }

    #[test]
    fn the_lockfile_tells_process_port_and_state() {
        let text = "4711\n/x/data\n1768473000\n54321\n\n127.0.0.1\n  1234 5\nready   \n";
        let ready = Lockfile { pid: 4711, port: 54321, ready: true };
        assert_eq!(Lockfile::parse(text), Some(ready));
        let starting = Lockfile { pid: 4711, port: 0, ready: false };
        assert_eq!(Lockfile::parse("4711\n/x/data\n"), Some(starting));
        assert_eq!(Lockfile::parse(""), None);
    }
}
