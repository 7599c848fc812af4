//! The service as a process of its own would run it.

use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::LazyLock;

use clap::Parser;
use command_api::Config;
use event_log::postgres::{PostgresLog, PostgresLogConfig};
use event_log::{EventLog, Expected, NewEvent};
use sealing::MasterKeys;
use serde_json::json;
use serde_json::value::to_raw_value;
use tempfile::NamedTempFile;
use testing::{Database, World, seed, tokens};
use tokio_util::sync::CancellationToken;
use ulid::Ulid;

#[derive(Parser)]
struct Arguments {
    #[command(flatten)]
    config: Config,
}

/// A file with master keys, for all of this process.
fn master_key_file() -> &'static Path {
    static FILE: LazyLock<NamedTempFile> = LazyLock::new(|| {
        let file = NamedTempFile::new().unwrap();
        std::fs::write(&file, MasterKeys::generate("test").unwrap()).unwrap();
        file
    });
    FILE.path()
}

fn free_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

#[tokio::test]
async fn it_serves_commands_health_and_metrics_until_it_is_told_to_stop() {
    let database = Database::create().await;
    seed(&database.pool).await;
    let (listen, metrics) = (free_address(), free_address());
    let arguments = Arguments::parse_from([
        "command-api",
        &format!("--listen={listen}"),
        &format!("--metrics-listen={metrics}"),
        &format!("--database-url={}", database.url),
        &format!("--master-key-file={}", master_key_file().display()),
        &format!("--jwt-secret={}", tokens::SECRET),
        &format!("--jwt-issuer={}", tokens::ISSUER),
        &format!("--jwt-audience={}", tokens::AUDIENCE),
    ]);
    let shutdown = CancellationToken::new();
    let serving = tokio::spawn(command_api::serve(arguments.config, shutdown.clone()));

    let get = async |url: String| {
        let response = reqwest::get(url).await.ok()?;
        response.status().is_success().then_some(response)?.text().await.ok()
    };
    let ready = testing::eventually("readiness", async || {
        get(format!("http://{listen}/health/ready")).await.filter(|body| body.contains("event-log"))
    });
    assert!(ready.await.contains("\"head\":\"0\""));

    let ban = reqwest::Client::new()
        .post(format!("http://{listen}/api/v1/live-stream-ban"))
        .bearer_auth(tokens::token(World::CREATOR, &[]))
        .json(&json!({"targetUserId": World::VIEWER, "liveStreamId": World::STREAM}));
    assert_eq!(ban.send().await.unwrap().status(), 200);
    let scraped = get(format!("http://{metrics}/metrics")).await.unwrap();
    assert!(scraped.contains("docket_batch_requests"), "{scraped}");

    let log = PostgresLog::connect(PostgresLogConfig::new(&database.url)).await.unwrap();
    let unreadable = NewEvent {
        id: Ulid::from(7_u128),
        event_type: "BanCreated".to_owned(),
        schema_version: 9,
        data: to_raw_value(&json!({})).unwrap(),
        metadata: to_raw_value(&json!({})).unwrap(),
    };
    log.append("ban-unreadable", Expected::NoStream, vec![unreadable]).await.unwrap();
    testing::eventually("the metrics of expiry", async || {
        let scraped = get(format!("http://{metrics}/metrics")).await?;
        let lines = ["docket_expiry_position 2", "docket_expiry_unreadable_total 1"];
        lines.iter().all(|line| scraped.lines().any(|other| other == *line)).then_some(())
    })
    .await;
    let ready = get(format!("http://{listen}/health/ready")).await.unwrap();
    assert!(ready.contains("\"expiry\""), "{ready}");

    shutdown.cancel();
    serving.await.unwrap().unwrap();
    assert!(reqwest::get(format!("http://{listen}/health/live")).await.is_err());
}

#[tokio::test]
async fn a_busy_address_stops_the_start_with_one_clear_line() {
    let database = Database::create().await;
    let busy = TcpListener::bind("127.0.0.1:0").unwrap();
    let arguments = Arguments::parse_from([
        "command-api",
        &format!("--listen={}", busy.local_addr().unwrap()),
        &format!("--metrics-listen={}", free_address()),
        &format!("--database-url={}", database.url),
        &format!("--master-key-file={}", master_key_file().display()),
        &format!("--jwt-secret={}", tokens::SECRET),
        &format!("--jwt-issuer={}", tokens::ISSUER),
        &format!("--jwt-audience={}", tokens::AUDIENCE),
    ]);
    let error = command_api::serve(arguments.config, CancellationToken::new()).await.unwrap_err();
    let address = busy.local_addr().unwrap();
    assert_eq!(
        error.to_string(),
        format!("{address} is in use by another process: stop that one, or choose another address")
    );
}

#[test]
fn the_password_of_the_database_is_not_shown() {
    let arguments = Arguments::parse_from([
        "command-api",
        "--database-url=postgres://docket:hunter2@db/docket",
        "--master-key-file=master.key",
    ]);
    let shown = format!("{:?}", arguments.config);
    assert!(shown.contains("storage: StorageConfig { .. }, sealing: SealingConfig"), "{shown}");
    assert!(!shown.contains("hunter2"), "{shown}");
}
