//! What a docket holds: an idle one, and one that tells all of a long history.
#![cfg(target_os = "linux")] // Linux alone tells it in a file.

use std::fs;
use std::net::SocketAddr;
use std::time::Instant;

use sealing::MasterKeys;
use sqlx::PgPool;
use tempfile::NamedTempFile;
use testing::{Database, tokens};
use tokio::process::Child;

use crate::set_ups::ports::free_address;
use crate::support::{Docket, command, data_dir, end, is_ready};

/// Of one process with every role, without PostgreSQL.
const MOST_KIB: u64 = 60 * 1024;

/// Events in the long history.
const EVENTS: usize = 1_000_000;

/// By how much telling it may make the process grow.
const GROWTH_KIB: u64 = 20 * 1024;

pub(crate) fn resident_kib(pid: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.split_whitespace().next().unwrap().parse().unwrap()
}

#[tokio::test]
async fn an_idle_docket_is_small() {
    let data_dir = data_dir();
    let docket = Docket::start(data_dir.path()).await;
    let resident = resident_kib(docket.pid());
    assert!(resident <= MOST_KIB, "{resident} KiB");
    assert!(docket.stop().await.success());
}

/// Reports, with all that a client sends along. What keeps the active bans in memory is told that it has
/// read them already.
async fn fill(owner: &PgPool) {
    let events = "INSERT INTO log.events
        SELECT n, 'report-' || lpad(to_hex(n), 20, '0'), 1, lpad(to_hex(n), 32, '0')::uuid,
            'ReportFiled', 1, timestamptz '2026-01-15 11:00Z' + n * interval '1 second',
            jsonb_build_object('reportId', lpad(to_hex(n), 20, '0') || '0001',
                'liveStreamId', 's' || n % 1000, 'streamCreatorId', 'c' || n % 1000,
                'streamTitle', 'Evening concert', 'streamStatusAtReport', 'active',
                'type', 'spam_or_scam'),
            jsonb_build_object('actor', 'v' || n % 100000, 'roles', '[]'::jsonb,
                'dialect', 'allmine', 'platform', 'web', 'timezone', 'UTC',
                'userAgent', 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
                'clientIp', '203.0.113.7', 'correlationId', lpad(n::text, 26, '0'),
                'commandId', lpad(n::text, 26, '0'), 'occurredAt', '2026-01-15T11:00:00.000Z')
        FROM generate_series(1, $1) n";
    let events_count = i64::try_from(EVENTS).unwrap();
    sqlx::query(events).bind(events_count).execute(owner).await.unwrap();
    let checkpoint = "INSERT INTO projections.checkpoints (name, version, position)
        VALUES ('bans', 1, $1)";
    sqlx::query(checkpoint).bind(events_count).execute(owner).await.unwrap();
}

/// The read side alone over this database, ready; its master key is put into this file.
pub(crate) async fn query_api(database: &Database, master: &NamedTempFile) -> (Child, SocketAddr) {
    let address = free_address();
    let mut command = command(&["query-api"]);
    command.envs([("DATABASE_URL", database.url.as_str()), ("METRICS_LISTEN", "127.0.0.1:0")]);
    fs::write(master, MasterKeys::generate("test").unwrap()).unwrap();
    command.env("MASTER_KEY_FILE", master.path());
    command.envs([("JWT_SECRET", tokens::SECRET), ("JWT_ISSUER", tokens::ISSUER)]);
    command.envs([("JWT_AUDIENCE", tokens::AUDIENCE), ("JWT_ALGORITHM", "HS256")]);
    let child = command.env("LISTEN", address.to_string()).spawn().unwrap();
    is_ready("query-api", address).await;
    (child, address)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_million_events_are_told_in_little_memory() {
    let database = Database::create().await;
    fill(&database.owner).await;
    let master = NamedTempFile::new().unwrap();
    let (mut child, address) = query_api(&database, &master).await;
    let pid = child.id().unwrap();

    let client = reqwest::Client::builder().no_gzip().build().unwrap();
    let before = resident_kib(pid);
    let started = Instant::now();
    let request = client.get(format!("http://{address}/api/v1/audit/events"));
    let request = request.bearer_auth(tokens::token("auditor-1", &["auditor"]));
    let mut response = request.send().await.unwrap();
    let (mut told, mut bytes, mut most) = (0, 0, before);
    let mut sampled = 0;
    while let Some(chunk) = response.chunk().await.unwrap() {
        told += chunk.iter().map(|byte| usize::from(*byte == b'\n')).sum::<usize>();
        bytes += chunk.len();
        if bytes - sampled > 1024 * 1024 {
            (sampled, most) = (bytes, most.max(resident_kib(pid)));
        }
    }
    let grown = most - before;
    println!(
        "{told} events, {bytes} bytes in {:?}: {before} KiB, {grown} KiB more",
        started.elapsed()
    );
    assert_eq!(told, EVENTS);
    assert!(grown <= GROWTH_KIB, "from {before} KiB by {grown} KiB");
    assert!(end(&mut child).await.success());
}
