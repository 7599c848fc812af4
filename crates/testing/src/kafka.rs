//! A real Kafka broker: one that all tests share, or one of a test's own that it may stop and kill.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use tempfile::TempDir;
use tokio::process::Command;
use ulid::Ulid;

/// Where the broker is that all tests share; each keeps to topics behind its own [`prefix`].
#[expect(clippy::disallowed_methods, reason = "where the tests' broker is, is no configuration")]
pub fn brokers() -> String {
    std::env::var("TEST_KAFKA_BROKERS")
        .expect("TEST_KAFKA_BROKERS names no Kafka broker to test on: run deploy/test")
}

/// What no other test's topics begin with.
#[expect(clippy::disallowed_methods, reason = "nobody asserts it")]
pub fn prefix() -> String {
    format!("test-{}.", Ulid::generate()).to_lowercase()
}

/// A broker of the test's own, killed when dropped.
#[derive(Debug)]
pub struct Broker {
    /// Where it is, also after it was started again.
    pub address: String,
    folder: TempDir,
}

impl Broker {
    /// Starts it over an empty folder.
    pub async fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder for the broker");
        let address = run(folder.path(), "start").await;
        Self { address, folder }
    }

    /// Starts it again, over what it kept.
    pub async fn start_again(&self) {
        assert_eq!(run(self.folder.path(), "start").await, self.address);
    }

    /// Stops it in order.
    pub async fn stop(&self) {
        run(self.folder.path(), "stop").await;
    }

    /// Kills it.
    pub async fn kill(&self) {
        run(self.folder.path(), "kill").await;
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        let mut command = std::process::Command::new(script());
        command.arg("--data").arg(self.folder.path()).arg("kill").stderr(Stdio::null());
        // One that is not running has nothing to be killed for.
        let _ = command.status();
    }
}

fn script() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/kafka/broker")
}

/// What the script answers.
async fn run(folder: &Path, what: &str) -> String {
    let mut command = Command::new(script());
    command.arg("--data").arg(folder).arg(what).stdin(Stdio::null());
    let output = command.output().await.expect("deploy/kafka/broker can be run");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "broker {what}: {said}");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}
