//! Real processes: killed, stopped and continued, while events come in.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use projector::KafkaConfig;
use testing::eventually;

/// A `projector` process that Kafka feeds. Killed when it is dropped.
pub(crate) struct Process {
    child: Child,
    listen: String,
}

impl Process {
    pub(crate) fn start(database_url: &str, config: &KafkaConfig) -> Self {
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let listen = free.local_addr().unwrap().to_string();
        drop(free);
        let child = Command::new(env!("CARGO_BIN_EXE_projector"))
            .arg("run")
            .env("MASTER_KEY_FILE", crate::keys::FILE)
            .env("DATABASE_URL", database_url)
            .env("LISTEN", &listen)
            .env("PROJECTOR_SOURCE", "kafka")
            .env("KAFKA_BROKERS", config.brokers.as_deref().unwrap())
            .env("KAFKA_TOPIC_PREFIX", &config.topic_prefix)
            .env("KAFKA_SESSION_TIMEOUT", config.session_timeout.to_string())
            .env("LOG", "warn")
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        Self { child, listen }
    }

    /// What its health says of the partitions of the bans that are its own; none while it says nothing.
    pub(crate) async fn assigned(&self) -> Vec<i64> {
        let url = format!("http://{}/health/ready", self.listen);
        let Ok(answer) = reqwest::get(url).await else { return vec![] };
        let Ok(health) = answer.json::<serde_json::Value>().await else { return vec![] };
        let assigned = &health["checks"]["partitions"]["detail"]["bans"]["assigned"];
        let numbers = assigned.as_array().map(Vec::as_slice).unwrap_or_default();
        numbers.iter().filter_map(serde_json::Value::as_i64).collect()
    }

    /// Waits until so many partitions of the bans are its own.
    pub(crate) async fn wait_for(&self, count: usize) {
        eventually(&format!("{count} partitions"), async || {
            (self.assigned().await.len() == count).then_some(())
        })
        .await;
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(self.child.id().try_into().unwrap()), signal).unwrap();
    }

    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asks it to end, and waits until it has. Whether it ended well.
    pub(crate) async fn end(mut self) -> bool {
        self.signal(Signal::SIGTERM);
        eventually("the process to end", async || self.child.try_wait().unwrap()).await.success()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
