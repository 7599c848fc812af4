//! Looking for texts everywhere: in every table, in the log, its archive and Kafka, and in what auditors
//! are shown.

use std::collections::BTreeSet;
use std::fs;

use event_log::Position;
use reqwest::Method;
use serde_json::Value;
use sqlx::{AssertSqlSafe, PgPool};

use super::topics;
use crate::set_ups::Installation;

/// Where `text` is, in alphabetical order.
pub(super) async fn places(docket: &Installation, text: &str) -> Vec<String> {
    let (pool, log) = docket.storage().await;
    let mut places = BTreeSet::new();
    for table in all_tables(&pool).await {
        // Bytes are shown in hexadecimal digits.
        let statement = format!(
            "SELECT EXISTS (SELECT FROM {table} AS t WHERE position($1 IN t::text) > 0
                OR position(encode(convert_to($1, 'UTF8'), 'hex') IN t::text) > 0)"
        );
        let found = sqlx::query_scalar(AssertSqlSafe(statement)).bind(text);
        if found.fetch_one(&pool).await.unwrap() {
            places.insert(table);
        }
    }
    let mut events = log.read_all(Position::START, 10_000).await.unwrap().events.into_iter();
    if events.any(|event| event.data.get().contains(text) || event.metadata.get().contains(text)) {
        places.insert("log".to_owned());
    }
    log.close().await;
    for (name, found) in [
        ("audit", shown(docket).await.contains(text)),
        ("dump", contains(&dump(docket).await, text)),
        ("Kafka", topics::bytes(docket).await.iter().any(|bytes| contains(bytes, text))),
    ] {
        if found {
            places.insert(name.to_owned());
        }
    }
    pool.close().await;
    places.into_iter().collect()
}

/// What all tables that projections keep hold.
pub(super) async fn tables(docket: &Installation) -> Value {
    let (pool, _) = docket.storage().await;
    let ledgers = ["checkpoints", "parked", "partitions"];
    let mut all = serde_json::Map::new();
    for table in all_tables(&pool).await {
        let Some(name) = table.strip_prefix("projections.") else { continue };
        if !ledgers.contains(&name) {
            let statement = format!(
                "SELECT coalesce(jsonb_agg(to_jsonb(t) ORDER BY t::text), '[]') FROM {table} AS t"
            );
            let rows = sqlx::query_scalar(AssertSqlSafe(statement)).fetch_one(&pool).await;
            all.insert(table, rows.unwrap());
        }
    }
    assert!(all.len() > 5, "{all:?}");
    pool.close().await;
    Value::Object(all)
}

/// Every table of the whole database.
pub(super) async fn all_tables(pool: &PgPool) -> Vec<String> {
    sqlx::query_scalar(
        "SELECT format('%I.%I', table_schema, table_name) FROM information_schema.tables
         WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('pg_catalog', 'information_schema')
         ORDER BY 1",
    )
    .fetch_all(pool)
    .await
    .unwrap()
}

/// What an auditor is shown of the whole history.
pub(super) async fn shown(docket: &Installation) -> String {
    let request = docket.api().request("auditor", Method::GET, "/api/v1/audit/events");
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status(), 200);
    answer.text().await.unwrap()
}

/// The log's archive.
async fn dump(docket: &Installation) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("log.ndjson");
    let (succeeded, last) = docket.run(&["dump", file.to_str().unwrap()]).await;
    assert!(succeeded, "{last}");
    fs::read(file).unwrap()
}

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}
