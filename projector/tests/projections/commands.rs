//! The process and its sub-commands.

use std::net::TcpListener;

use projector::{
    CheckpointConfig, CliError, Command, Config, KafkaConfig, digests, execute, serve,
};
use sealing::SealingConfig;
use serde_json::{Value, json};
use service::StorageConfig;
use testing::{Database, eventually};
use tokio_util::sync::CancellationToken;

use crate::history::{AT, History, ban};
use crate::keys;
use crate::running::caught_up;
use crate::tables;

/// For the test's database, on a port that was free a moment ago.
fn config(database: &Database) -> Config {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let listen = listener.local_addr().unwrap();
    let database_url = database.url.clone();
    let storage = StorageConfig { database_url, event_log: None };
    Config {
        storage,
        sealing: SealingConfig { master_key_file: keys::FILE.into() },
        kafka: KafkaConfig::default(),
        checkpoints: CheckpointConfig::default(),
        listen,
    }
}

#[tokio::test]
async fn the_process_projects_and_tells_how_far_it_is() {
    let database = Database::create().await;
    let history = History::stored(&database).await;
    history.tell(AT, Some("moderator"), ban("stream", "a", 1)).await;
    let (config, shutdown) = (config(&database), CancellationToken::new());
    let url = format!("http://{}", config.listen);
    let process = tokio::spawn(serve(config, shutdown.clone()));
    caught_up(&database.pool, history.log.as_ref()).await;

    let standing = |name: &str| {
        json!({
            "projection": name, "position": 1, "lagEvents": 0, "lagSeconds": 0.0, "parked": 0,
        })
    };
    let projections =
        [standing("bans"), standing("history"), standing("reports"), standing("statistics")];
    let tree = json!({"tree": {"size": 1, "position": 1, "checkpointSize": null}, "refused": null});
    let expected = json!({"status": "ready", "checks": {
        "projections": {"ok": true, "detail": projections},
        "tree": {"ok": true, "detail": tree},
    }});
    eventually("readiness to tell", async || {
        let ready = reqwest::get(format!("{url}/health/ready")).await.ok()?;
        let ready: Value = ready.json().await.unwrap();
        (ready == expected).then_some(())
    })
    .await;
    let metrics = reqwest::get(format!("{url}/metrics")).await.unwrap().text().await.unwrap();
    for line in ["docket_projection_position{projection=\"bans\"}", "docket_projection_lag_seconds"]
    {
        assert!(metrics.contains(line), "{line} in {metrics}");
    }

    shutdown.cancel();
    process.await.unwrap().unwrap();
}

#[tokio::test]
async fn verify_fails_until_what_was_tampered_with_is_rebuilt() {
    let database = Database::create().await;
    let history = History::stored(&database).await;
    history.tell(AT, Some("moderator"), ban("stream", "a", 1)).await;
    let run = async |command| execute(config(&database), command).await;
    let rebuild = |name: &str| Command::Rebuild { names: vec![name.to_owned()] };
    run(rebuild("all")).await.unwrap();
    run(Command::Verify).await.unwrap();
    let sound = digests(&database.pool).await.unwrap();

    tables::execute(&database.pool, "DELETE FROM projections.bans").await;
    let differing = run(Command::Verify).await.unwrap_err();
    assert_eq!(differing.to_string(), "not what the log says: bans; rebuild them");

    run(rebuild("bans")).await.unwrap();
    run(Command::Verify).await.unwrap();
    assert_eq!(digests(&database.pool).await.unwrap(), sound);
    run(Command::RetryParked).await.unwrap();
}

#[tokio::test]
async fn an_unknown_projection_is_refused_by_name() {
    let database = Database::create().await;
    History::stored(&database).await;
    let command = Command::Rebuild { names: vec!["bens".to_owned()] };
    let error = execute(config(&database), command).await.unwrap_err();
    assert!(matches!(error, CliError::Projector(_)));
    assert_eq!(
        error.to_string(),
        "there is no projection \"bens\", only bans, reports, statistics, history"
    );
}

#[tokio::test]
async fn an_address_that_names_no_log_stops_the_start() {
    let database = Database::create().await;
    for address in ["mysql://docket:hunter2@db/log", "esdb://docket:hunter2@db:port"] {
        let mut config = config(&database);
        config.storage.event_log = Some(address.to_owned());
        let error = serve(config, CancellationToken::new()).await.unwrap_err();
        assert_eq!(error.to_string(), "EVENT_LOG cannot be used");
        assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");
    }
}
