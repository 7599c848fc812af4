//! Nothing secret is logged, at any level.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use event_log::LogReader;
use event_log::eventstore::EventStoreConfig;
use tracing_subscriber::fmt::MakeWriter;

use crate::given::extend;
use crate::processes::alone;
use crate::server::{accept, connect, connect_with, impatient, stand_in};

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Lines {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

#[test]
fn nothing_secret_is_logged_or_shown() {
    // The client has a thread of its own, so the whole process must log.
    alone("secrets::here_everything_is_logged", &[]);
}

#[tokio::test]
#[ignore = "run by nothing_secret_is_logged_or_shown, in a process of its own"]
async fn here_everything_is_logged() {
    let lines = Lines::default();
    let everything = tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
        .with_writer(lines.clone())
        .finish();
    tracing::subscriber::set_global_default(everything).unwrap();

    let server = stand_in();
    server.require_credentials("docket", "hunter2");
    let url = server.url.replace("127.0.0.1", "docket:hunter2@127.0.0.1");
    let log = connect(&url).await;
    extend(&log, "a", 0).await;
    server.restart().await.unwrap();
    extend(&log, "a", 1).await;
    let discovering = connect(&url.replace("esdb", "esdb+discover")).await;
    extend(&discovering, "a", 2).await;
    server.refuse().await;
    let impatient_log = connect_with(impatient(&url)).await;
    accept(&server).await;
    server.require_credentials("docket", "another");
    let refused = log.head().await;
    let config = EventStoreConfig::new(&url);
    let shown = format!("{log:?} {config:?} {impatient_log:?} {refused:?}");

    let written = String::from_utf8_lossy(&lines.0.lock().unwrap()).into_owned();
    assert!(written.contains("TRACE") && written.contains("eventstore::grpc"), "nothing is logged");
    assert!(!written.contains("tlsCAFile"), "what we do to the client is nobody's concern");
    // The password, and user and password in base64.
    for secret in ["hunter2", "ZG9ja2V0Omh1bnRlcjI"] {
        let line = written.lines().find(|line| line.contains(secret));
        assert_eq!(line, None);
        assert!(!shown.contains(secret), "{shown}");
    }
}
