//! How fast a log is loaded, turned into tables, verified and dumped, beside what the database makes of
//! the same rows at its fastest. `cargo bench -p projector --bench replay [-- EVENTS]`; needs
//! `TEST_DATABASE_URL`, as the tests do (`deploy/test` starts such a server).
#![expect(
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a measurement that cannot be made has failed, and is for whoever runs it"
)]

#[path = "../../tests/projections/history.rs"]
#[expect(dead_code, reason = "only the events are needed here")]
mod history;
#[path = "../../tests/projections/keys.rs"]
#[expect(dead_code, reason = "no process of its own reads them here")]
mod keys;
mod limit;
mod memory;
#[path = "../../tests/projections/sealed.rs"]
mod sealed;
mod story;

use std::path::Path;
use std::time::{Duration, Instant};

use event_log::archive::{self, Positions, Reader, Writer};
use event_log::postgres::PostgresReader;
use event_log::{LogReader, Position};
use projector::{Projection, rebuild, verify};
use testing::Database;

/// Events, unless the command line says otherwise.
const EVENTS: u64 = 500_000;

#[tokio::main]
async fn main() {
    let count = std::env::args().find_map(|argument| argument.parse().ok()).unwrap_or(EVENTS);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("log.ndjson");
    story::write(&file, count).unwrap();
    let database = Database::create().await;
    load(&database, &file, count).await;
    let log = PostgresReader::connect(&database.url).await.unwrap();
    for projection in projector::all() {
        replay(&database, &log, projection.as_ref(), count).await;
    }
    dump(&log, &folder.path().join("again.ndjson"), count).await;
    dump(&log, &folder.path().join("again.ndjson.zst"), count).await;
    log.close().await;
}

async fn load(database: &Database, file: &Path, count: u64) {
    let (input, _) = archive::open(file).unwrap();
    let reader = Reader::begin(input).unwrap();
    memory::forget_peak();
    let (before, began) = (memory::now(), Instant::now());
    event_log::load(&database.url, reader, |_| ()).await.unwrap();
    tell("load", count, began.elapsed());
    println!("  grew by {} kB", memory::peak().saturating_sub(before));
}

async fn replay(
    database: &Database,
    log: &PostgresReader,
    projection: &dyn Projection,
    count: u64,
) {
    let (name, pool) = (projection.name(), &database.pool);
    let began = Instant::now();
    rebuild(pool, log, &keys::master(), projection).await.unwrap();
    let rebuilt = began.elapsed();
    tell(&format!("rebuild {name}"), count, rebuilt);
    let copied = limit::copy(database, projection).await;
    println!(
        "  COPY of the same rows into the same tables: {:.2} s; that ÷ rebuild: {:.2}",
        copied.as_secs_f64(),
        copied.as_secs_f64() / rebuilt.as_secs_f64()
    );
    let began = Instant::now();
    let verified = verify(pool, log, &keys::master(), projection).await.unwrap();
    assert_eq!(verified.differing(), [""; 0]);
    tell(&format!("verify {name}"), count, began.elapsed());
}

async fn dump(log: &PostgresReader, path: &Path, count: u64) {
    let head = Position(count);
    let writer = Writer::begin(archive::create(path).unwrap(), Positions::Dense).unwrap();
    memory::forget_peak();
    let (before, began) = (memory::now(), Instant::now());
    let (summary, draft) = archive::dump(log, head, writer, None, |_, _| ()).await.unwrap();
    draft.keep().unwrap();
    assert_eq!(summary.events, count);
    let bytes = std::fs::metadata(path).unwrap().len();
    tell(&format!("dump {}", path.extension().unwrap().to_string_lossy()), count, began.elapsed());
    let grew = memory::peak().saturating_sub(before);
    println!("  {} MB; grew by {grew} kB", bytes / 1_000_000);
}

#[expect(clippy::cast_precision_loss, reason = "for the eye")]
fn tell(what: &str, events: u64, took: Duration) {
    let seconds = took.as_secs_f64();
    println!("{what}: {events} events in {seconds:.1} s, {:.0} events/s", events as f64 / seconds);
}
