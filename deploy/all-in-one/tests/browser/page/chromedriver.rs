//! The program that drives Chromium.

use std::process::Stdio;

use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

/// A chromedriver on a free port, killed when dropped. Chromium hangs on a pipe to it and ends with it.
pub(super) struct Chromedriver {
    /// Where it takes commands.
    pub(super) url: String,
    child: Child,
    // Open as long as somebody might write to it.
    _said: Lines<BufReader<ChildStdout>>,
}

/// How often to try: a free port for IPv4 may be taken for IPv6, of which chromedriver wants the same.
const TRIES: usize = 10;

impl Chromedriver {
    pub(super) async fn start() -> Self {
        for _ in 0..TRIES {
            if let Some(started) = Self::try_to_start().await {
                return started;
            }
        }
        panic!("chromedriver does not start");
    }

    async fn try_to_start() -> Option<Self> {
        let mut child = Command::new("chromedriver")
            .arg("--port=0")
            // What a page says of time and language is the page's own doing.
            .envs([("TZ", "UTC"), ("LANGUAGE", "en"), ("LC_ALL", "C.UTF-8")])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("chromedriver is installed: run deploy/test");
        let mut said = BufReader::new(child.stdout.take().unwrap()).lines();
        while let Some(line) = said.next_line().await.unwrap() {
            if let Some((_, port)) = line.split_once("started successfully on port ") {
                let url = format!("http://127.0.0.1:{}", port.trim_end_matches('.'));
                return Some(Self { url, child, _said: said });
            }
        }
        None
    }

    /// Ends it, and waits until it has ended.
    pub(super) async fn end(mut self) {
        self.child.kill().await.unwrap();
    }
}
