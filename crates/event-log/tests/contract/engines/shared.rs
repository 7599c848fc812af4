//! A server on which others write too.

use std::io::Write;
use std::sync::Once;

use chrono::DateTime;
use event_log::eventstore::{EventStoreConfig, EventStoreLog};
use event_log::{EventLog, Expected, NewEvent};
use eventstore_stand_in::StandIn;
use serde_json::value::RawValue;
use tokio::task::JoinHandle;
use ulid::Ulid;

/// A part of its log that nobody else writes.
pub(crate) struct Shared {
    pub(crate) url: String,
    /// Where there is no real server.
    instead: Option<(StandIn, JoinHandle<()>)>,
}

impl Shared {
    pub(crate) fn take() -> Self {
        let prefix = format!("{}-", new_id());
        if let Some(url) = server() {
            return Self { url: with(&url, &prefix), instead: None };
        }
        let stand_in = StandIn::start().expect("a free port");
        for _ in 0..100 {
            stand_in.put("somebody", "SomethingElse", "[]");
        }
        let others = tokio::spawn(others(with(&stand_in.url, "others-")));
        Self { url: with(&stand_in.url, &prefix), instead: Some((stand_in, others)) }
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        if let Some((_, others)) = &self.instead {
            others.abort();
        }
    }
}

/// The real server, if there is one; says which it is, past the test harness' capture.
#[expect(clippy::disallowed_methods, reason = "a server for tests is named to the tests alone")]
fn server() -> Option<String> {
    static SAID: Once = Once::new();
    let url = std::env::var("EVENTSTORE_URL").ok();
    SAID.call_once(|| {
        let said = match url {
            Some(_) => "running against the real server that EVENTSTORE_URL names",
            None => {
                "EVENTSTORE_URL is not set: NO REAL SERVER is tested, the stand-in serves instead"
            }
        };
        // Nobody misses it where there is no standard error.
        let _unheard = writeln!(std::io::stderr(), "eventstore: {said}");
    });
    url
}

fn with(url: &str, prefix: &str) -> String {
    let separator = if url.contains('?') { '&' } else { '?' };
    format!("{url}{separator}streamPrefix={prefix}")
}

#[expect(clippy::disallowed_methods, reason = "a real server keeps what earlier runs have left")]
fn new_id() -> Ulid {
    Ulid::generate()
}

/// Appends to streams of the same names, with the same ids, for as long as it is let.
async fn others(url: String) {
    let config = EventStoreConfig::new(url);
    let log = EventStoreLog::connect(config, || DateTime::UNIX_EPOCH).await.expect("a log");
    for id in 1_u32.. {
        let json = |text: &str| RawValue::from_string(text.to_owned()).expect("JSON");
        let event = NewEvent {
            id: Ulid(u128::from(id)),
            event_type: "Happened".to_owned(),
            schema_version: 1,
            data: json("{}"),
            metadata: json("{}"),
        };
        let expected = if id == 1 { Expected::NoStream } else { Expected::Exact(id - 1) };
        log.append("a", expected, vec![event]).await.expect("others append as well");
    }
}
