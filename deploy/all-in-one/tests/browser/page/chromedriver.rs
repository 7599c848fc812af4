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

impl Chromedriver {
    pub(super) async fn start() -> Self {
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
        loop {
            let line = said.next_line().await.unwrap().expect("chromedriver starts");
            if let Some((_, port)) = line.split_once("started successfully on port ") {
                let url = format!("http://127.0.0.1:{}", port.trim_end_matches('.'));
                return Self { url, child, _said: said };
            }
        }
    }

    /// Ends it, and waits until it has ended.
    pub(super) async fn end(mut self) {
        self.child.kill().await.unwrap();
    }
}
