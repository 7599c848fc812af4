//! Bans that run out.

use std::sync::Arc;
use std::time::Duration;

use command_api::{App, Directory, Sealing, expiry};
use event_log::memory::MemoryLog;
use event_log::postgres::{PostgresLog, PostgresLogConfig};
use event_log::{EventLog, Expected, LogReader, NewEvent, Position, RecordedEvent};
use serde_json::value::to_raw_value;
use serde_json::{Value, json};
use service::{Check, Health, SystemClock};
use sqlx::postgres::PgPoolOptions;
use testing::World;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use ulid::Ulid;

use crate::support::*;

const BANS: &str = "/api/v1/live-stream-ban";

/// One more instance of the process manager, with connections of its own.
async fn instance(service: &Service, shutdown: &CancellationToken) -> JoinHandle<()> {
    instance_with(service, shutdown, Health::new()).await
}

async fn instance_with(
    service: &Service,
    shutdown: &CancellationToken,
    health: Health,
) -> JoinHandle<()> {
    let log = PostgresLog::connect(PostgresLogConfig::new(&service.database.url)).await.unwrap();
    instance_over(Arc::new(log), service, shutdown, health)
}

fn instance_over(
    log: Arc<dyn EventLog>,
    service: &Service,
    shutdown: &CancellationToken,
    health: Health,
) -> JoinHandle<()> {
    let pool = PgPoolOptions::new().max_connections(2).connect_lazy(&service.database.url).unwrap();
    let sealing = Sealing::spawn(pool.clone(), master_keys());
    let app = App::new(log, Directory::connect(pool.clone()), sealing, Arc::new(SystemClock));
    tokio::spawn(expiry::run(app, pool, health, shutdown.clone()))
}

async fn ban(service: &Service, target: &str, seconds: u32) -> Answer {
    let body =
        json!({"targetUserId": target, "liveStreamId": World::STREAM, "durationSeconds": seconds});
    service.post(BANS, CREATOR, body).await
}

fn json_of(raw: &serde_json::value::RawValue) -> Value {
    serde_json::from_str(raw.get()).unwrap()
}

/// The events after `position`, once there is one.
async fn next_after(service: &Service, position: u64) -> Vec<RecordedEvent> {
    testing::eventually("an event", async || {
        service.log.wait_past(Position(position), Duration::from_secs(5)).await.unwrap();
        let page = service.log.read_all(Position(position), 100).await.unwrap();
        (!page.events.is_empty()).then_some(page.events)
    })
    .await
}

#[tokio::test]
async fn a_ban_that_runs_out_is_ended_once_by_two_instances() {
    let service = Service::start_in_real_time().await;
    let shutdown = CancellationToken::new();
    let instances = [instance(&service, &shutdown).await, instance(&service, &shutdown).await];
    let created = ban(&service, World::VIEWER, 2).await;
    let expires_at = created.data(200)["expiresAt"].as_str().unwrap();

    let ended = next_after(&service, 1).await.remove(0);
    assert_eq!(json_of(&ended.data), json!({"banId": viewer_ban(1), "cause": "expired"}));
    let creating = service.events().await.remove(0);
    let mut metadata = json_of(&ended.metadata);
    let (occurred_at, command) = (metadata["occurredAt"].take(), metadata["commandId"].take());
    assert!(occurred_at.as_str().unwrap() >= expires_at);
    assert!(command.is_string());
    assert_eq!(
        metadata,
        json!({
            "actor": null, "roles": [], "dialect": "system", "commandId": null, "occurredAt": null,
            "correlationId": json_of(&creating.metadata)["correlationId"],
            "causationId": creating.id.to_string(),
        })
    );

    // Both have followed the log past the end of the ban, and neither has more to do.
    testing::eventually("an empty table", async || {
        let left: i64 = sqlx::query_scalar("SELECT count(*) FROM expiry.pending_expiries")
            .fetch_one(&service.database.pool)
            .await
            .unwrap();
        (left == 0).then_some(())
    })
    .await;
    shutdown.cancel();
    for instance in instances {
        instance.await.unwrap();
    }
    assert_eq!(service.event_types().await, ["BanCreated", "BanRevoked"]);
}

#[tokio::test]
async fn a_ban_is_over_by_the_clock_before_anybody_ends_it() {
    let service = Service::start().await;
    ban(&service, World::VIEWER, 2).await.data(200);
    service.wait(2);
    // Nobody has ended it; still it can neither be lifted nor does it stand in the way of another.
    let answer = service.delete(&format!("{BANS}/{}", viewer_ban(1)), CREATOR).await;
    assert_eq!(answer.status, 409);
    assert_eq!(ban(&service, World::VIEWER, 2).await.data(200)["_id"], viewer_ban(2));
}

#[tokio::test]
async fn what_was_lifted_is_not_ended_again_and_what_was_missed_is_caught_up() {
    let service = Service::start_in_real_time().await;
    ban(&service, World::VIEWER, 1).await.data(200);
    service.delete(&format!("{BANS}/{}", viewer_ban(1)), CREATOR).await.data(200);
    ban(&service, World::OTHER_VIEWER, 1).await.data(200);
    // It starts only now, and ends the second one alone.
    let shutdown = CancellationToken::new();
    let running = instance(&service, &shutdown).await;
    next_after(&service, 3).await;
    shutdown.cancel();
    running.await.unwrap();
    let types = service.event_types().await;
    assert_eq!(types, ["BanCreated", "BanRevoked", "BanCreated", "BanRevoked"]);
}

#[tokio::test]
async fn it_outlives_its_connections() {
    let service = Service::start_in_real_time().await;
    let shutdown = CancellationToken::new();
    let running = instance(&service, &shutdown).await;
    ban(&service, World::VIEWER, 2).await.data(200);
    sqlx::query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE datname = current_database() AND pid <> pg_backend_pid()",
    )
    .execute(&service.database.owner)
    .await
    .unwrap();
    let ended = next_after(&service, 1).await.remove(0);
    assert_eq!(json_of(&ended.data), json!({"banId": viewer_ban(1), "cause": "expired"}));
    shutdown.cancel();
    running.await.unwrap();
}

#[tokio::test]
async fn what_cannot_be_read_keeps_no_ban_from_being_ended() {
    let service = Service::start_in_real_time().await;
    let unreadable = ["ReportFiled", "FromTheFuture", "BanCreated"];
    for (number, event_type) in (1_u128..).zip(unreadable) {
        let event = NewEvent {
            id: Ulid::from(number),
            event_type: event_type.to_owned(),
            schema_version: 1,
            data: to_raw_value(&json!({})).unwrap(),
            metadata: to_raw_value(&json!({})).unwrap(),
        };
        service.log.append(event_type, Expected::NoStream, vec![event]).await.unwrap();
    }
    ban(&service, World::VIEWER, 1).await.data(200);
    let shutdown = CancellationToken::new();
    let running = instance(&service, &shutdown).await;
    let ended = next_after(&service, 4).await.remove(0);
    assert_eq!(json_of(&ended.data), json!({"banId": viewer_ban(1), "cause": "expired"}));
    shutdown.cancel();
    running.await.unwrap();
}

#[tokio::test]
async fn bans_that_cannot_be_ended_do_not_stand_before_those_that_can() {
    let service = Service::start_in_real_time().await;
    // Of none of these does the log know; each fails for ever.
    sqlx::query(
        "INSERT INTO expiry.pending_expiries (ban_id, expires_at, event_id, correlation_id)
         SELECT lpad(to_hex(n), 20, '0') || '0001', '2026-01-01', $1, 'none'
         FROM generate_series(1, 600) n",
    )
    .bind(Ulid::nil().to_string())
    .execute(&service.database.owner)
    .await
    .unwrap();
    ban(&service, World::VIEWER, 1).await.data(200);
    let (shutdown, health) = (CancellationToken::new(), Health::new());
    let running = instance_with(&service, &shutdown, health.clone()).await;
    let ended = next_after(&service, 1).await.remove(0);
    assert_eq!(json_of(&ended.data), json!({"banId": viewer_ban(1), "cause": "expired"}));
    let standing = Check::good(json!({"position": "2", "failing": 600}));
    testing::eventually("its standing", async || {
        (health.report().get("expiry") == Some(&standing)).then_some(())
    })
    .await;
    shutdown.cancel();
    running.await.unwrap();
}

#[tokio::test]
async fn an_outage_shows_and_so_does_its_end() {
    let service = Service::start_in_real_time().await;
    let rename = async |from: &str, to: &str| {
        let statement = format!("ALTER TABLE expiry.{from} RENAME TO {to}");
        let statement = sqlx::raw_sql(sqlx::AssertSqlSafe(statement));
        statement.execute(&service.database.owner).await.unwrap();
    };
    rename("checkpoint", "elsewhere").await;
    let (shutdown, health) = (CancellationToken::new(), Health::new());
    let running = instance_with(&service, &shutdown, health.clone()).await;
    let shows = async |check: Check| {
        testing::eventually("the check", async || {
            (health.report().get("expiry") == Some(&check)).then_some(())
        })
        .await;
    };
    shows(Check::bad(json!({"error": "the table of pending expiries is unavailable"}))).await;
    rename("elsewhere", "checkpoint").await;
    shows(Check::good(json!({"position": "0", "failing": 0}))).await;
    shutdown.cancel();
    running.await.unwrap();
}

#[tokio::test]
async fn what_is_known_of_one_log_is_not_taken_for_another() {
    let service = Service::start_in_real_time().await;
    ban(&service, World::VIEWER, 3600).await.data(200);
    ban(&service, World::OTHER_VIEWER, 1).await.data(200);
    let shutdown = CancellationToken::new();
    let running = instance(&service, &shutdown).await;
    next_after(&service, 2).await;
    shutdown.cancel();
    running.await.unwrap();

    // Another log, in which the other viewer's ban stands alone and nobody has ended it.
    let log = Arc::new(MemoryLog::new(chrono::DateTime::default));
    let RecordedEvent { stream, id, event_type, schema_version, data, metadata, .. } =
        service.events().await.remove(1);
    let event = NewEvent { id, event_type, schema_version, data, metadata };
    log.append(&stream, Expected::NoStream, vec![event]).await.unwrap();
    let (shutdown, health) = (CancellationToken::new(), Health::new());
    let running = instance_over(log.clone(), &service, &shutdown, health.clone());
    let standing = Check::good(json!({"position": "2", "failing": 0}));
    testing::eventually("its standing", async || {
        (health.report().get("expiry") == Some(&standing)).then_some(())
    })
    .await;
    let ended = log.read_all(Position(1), 10).await.unwrap().events;
    assert_eq!(ended.iter().map(|event| &*event.event_type).collect::<Vec<_>>(), ["BanRevoked"]);
    let left: i64 = sqlx::query_scalar("SELECT count(*) FROM expiry.pending_expiries")
        .fetch_one(&service.database.pool)
        .await
        .unwrap();
    assert_eq!(left, 0, "the first ban is none of this log's");
    shutdown.cancel();
    running.await.unwrap();
}
