//! Thousands of feeds on one instance.
#![cfg(target_os = "linux")] // Linux alone tells its memory in a file.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use event_log::EventLog;
use futures_util::{StreamExt, stream};
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use tempfile::NamedTempFile;
use testing::{Database, World, seed, tokens};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::memory::{query_api, resident_kib};
use crate::support::end;

/// Open at the same time.
const FEEDS: usize = 5_000;

/// By how much they may make the process grow.
const GROWTH_KIB: u64 = 150 * 1024;

/// Longer than anything takes on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);

/// Feeds that are opened at the same time.
const AT_ONCE: usize = 64;

/// As much as thousands of connections take.
fn raise_open_files() {
    let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE).unwrap();
    setrlimit(Resource::RLIMIT_NOFILE, hard, hard).unwrap();
}

/// A feed of one of the callers that staff is made of, open and told so.
async fn open(address: SocketAddr, nth: usize) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let token = tokens::token(&format!("staff-{}", nth / 25), &["moderator"]);
    let head = format!(
        "GET /api/v1/moderation/feed HTTP/1.1\r\nHost: here\r\nAuthorization: Bearer {token}\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let first = read_until(&mut stream, "event: Position").await;
    assert!(first.starts_with("HTTP/1.1 200 OK"), "{first}");
    stream
}

async fn read_until(stream: &mut TcpStream, wanted: &str) -> String {
    let mut text = String::new();
    let reading = async {
        let mut buffer = [0; 2_048];
        while !text.contains(wanted) {
            let count = stream.read(&mut buffer).await.unwrap();
            assert_ne!(count, 0, "it ended: {text}");
            text += std::str::from_utf8(&buffer[..count]).unwrap();
        }
    };
    tokio::time::timeout(PATIENCE, reading).await.expect("it comes");
    text
}

#[tokio::test(flavor = "multi_thread")]
async fn five_thousand_feeds_are_open_in_little_memory() {
    raise_open_files();
    let database = Database::create().await;
    seed(&database.pool).await;
    let master = NamedTempFile::new().unwrap();
    let (mut child, address) = query_api(&database, &master).await;
    let pid = child.id().unwrap();
    let before = resident_kib(pid);
    let begun = Instant::now();
    let opening = stream::iter(0..FEEDS).map(|nth| open(address, nth)).buffer_unordered(AT_ONCE);
    let mut feeds: Vec<TcpStream> = opening.collect().await;
    let (opened, grown) = (begun.elapsed(), resident_kib(pid) - before);

    let config = event_log::postgres::PostgresLogConfig::new(&database.url);
    let log = event_log::postgres::PostgresLog::connect(config).await.unwrap();
    let begun = Instant::now();
    let (stream_name, event) = ban();
    log.append(&stream_name, event_log::Expected::NoStream, vec![event]).await.unwrap();
    for feed in &mut feeds {
        read_until(feed, "event: BanCreated").await;
    }
    let told = begun.elapsed();
    let most = resident_kib(pid) - before;
    println!(
        "{FEEDS} feeds opened in {opened:?}: {before} KiB, {grown} KiB more; an event told to all in {told:?}, \
         {most} KiB more than before then"
    );
    assert!(most.max(grown) <= GROWTH_KIB, "from {before} KiB by {grown} and {most} KiB");
    // With all of them open it ends as fast as without.
    let begun = Instant::now();
    assert!(end(&mut child).await.success());
    assert!(begun.elapsed() < Duration::from_secs(8), "{:?}", begun.elapsed());
}

fn ban() -> (String, event_log::NewEvent) {
    let raw = |json: serde_json::Value| serde_json::value::to_raw_value(&json).unwrap();
    let (live_stream, user) = (World::STREAM.parse().unwrap(), World::VIEWER.parse().unwrap());
    let id = events::BanId::first(&live_stream, &user);
    let data = serde_json::json!({"banId": id, "liveStreamId": World::STREAM,
        "targetUserId": World::VIEWER, "actionType": "BLOCK"});
    let metadata = serde_json::json!({"actor": World::CREATOR, "dialect": "allmine",
        "correlationId": "c", "commandId": ulid::Ulid(1), "occurredAt": World::UPDATED_AT});
    let event = event_log::NewEvent {
        id: ulid::Ulid(1),
        event_type: "BanCreated".to_owned(),
        schema_version: 1,
        data: raw(data),
        metadata: raw(metadata),
    };
    (id.stream(), event)
}
