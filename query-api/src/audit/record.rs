//! Who has read what.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{FromRequestParts, MatchedPath, RawPathParams};
use axum::http::request::Parts;
use event_log::batcher::{BatchError, Batcher};
use events::actor::Role;
use events::{Actor, CorrelationId, Timestamp};
use serde_json::{Map, Value, json};
use sqlx::PgPool;
use sqlx::types::{Json, Uuid};
use ulid::Ulid;
use web::{Caller, Client, Kind, Problem};

use crate::App;
use crate::read::pool;

/// Reads that may wait to be recorded; one more is told to come again.
const QUEUE: usize = 8192;
/// Reads recorded in one statement.
const BATCH: usize = 512;
/// How long recording may take.
const WITHIN: Duration = Duration::from_secs(5);

/// A read that is about to be answered.
#[derive(Debug, Clone)]
pub struct Read {
    id: Ulid,
    /// Who reads.
    pub(super) actor: Actor,
    /// The template of the path.
    route: String,
    filter: Value,
    at: Timestamp,
    correlation_id: CorrelationId,
}

impl FromRequestParts<App> for Read {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let Caller { actor, .. } = Caller::from_request_parts(parts, app).await?;
        let client = Client::from_request_parts(parts, app).await?;
        let route = MatchedPath::from_request_parts(parts, app).await.map_err(Problem::internal)?;
        // What is no UTF-8 names nothing that could exist.
        let path = RawPathParams::from_request_parts(parts, app).await;
        let path = path.map_err(|_| Problem::new(Kind::NotFound))?;
        Ok(Self {
            id: app.new_id(),
            actor,
            // The router marks a parameter that spans segments with a star; the document does not.
            route: route.as_str().replace("{*", "{"),
            filter: filter(path.iter(), parts.uri.query()),
            at: app.now(),
            correlation_id: client.correlation_id,
        })
    }
}

/// Why a read is not on record.
#[derive(Debug, Clone, thiserror::Error)]
pub enum RecordError {
    /// The database refused, or cannot be reached.
    #[error("the database failed")]
    Database(#[source] Arc<sqlx::Error>),
    /// The database took too long.
    #[error("the database did not answer in time")]
    Late,
}

/// Writes down who reads what; many at once in one statement.
#[derive(Debug)]
pub struct Recorder {
    pool: PgPool,
    batcher: Batcher<Read, (), RecordError>,
}

impl Recorder {
    /// Over one connection of its own to the database of `queries`, whose own connections cannot write.
    pub(crate) fn start(queries: &PgPool) -> Self {
        let pool = pool::recording(queries);
        let writing = pool.clone();
        let batcher = Batcher::spawn("audit-reads", QUEUE, BATCH, move |reads: Vec<Read>| {
            let pool = writing.clone();
            async move {
                let inserted = tokio::time::timeout(WITHIN, insert(&pool, &reads)).await;
                let inserted = inserted.map_err(|_| RecordError::Late)?;
                inserted.map_err(|error| RecordError::Database(Arc::new(error)))?;
                Ok(vec![(); reads.len()])
            }
        });
        Self { pool, batcher }
    }

    pub(super) async fn record(&self, read: Read) -> Result<(), BatchError<RecordError>> {
        self.batcher.call(read).await
    }

    /// Takes no more reads, and disconnects.
    pub(crate) async fn close(&self) {
        self.batcher.close().await;
        self.pool.close().await;
    }
}

async fn insert(pool: &PgPool, reads: &[Read]) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO audit.reads (id, actor, roles, route, filter, at, correlation_id)
         SELECT id, actor, string_to_array(roles, ','), route, filter, at, correlation_id
         FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::jsonb[],
             $6::timestamptz[], $7::text[])
             AS read (id, actor, roles, route, filter, at, correlation_id)",
    )
    .bind(reads.iter().map(|read| Uuid::from(read.id)).collect::<Vec<_>>())
    .bind(reads.iter().map(|read| read.actor.id.as_str()).collect::<Vec<_>>())
    .bind(reads.iter().map(|read| roles(&read.actor)).collect::<Vec<_>>())
    .bind(reads.iter().map(|read| read.route.as_str()).collect::<Vec<_>>())
    .bind(reads.iter().map(|read| Json(&read.filter)).collect::<Vec<_>>())
    .bind(reads.iter().map(|read| read.at.to_utc()).collect::<Vec<_>>())
    .bind(reads.iter().map(|read| read.correlation_id.as_str()).collect::<Vec<_>>())
    .execute(pool)
    .await?;
    Ok(())
}

fn roles(actor: &Actor) -> String {
    let held = Role::ALL.into_iter().filter(|role| actor.roles.has(*role));
    held.map(Role::as_str).collect::<Vec<_>>().join(",")
}

/// What is asked for: `{"path": {…}, "query": {…}}`. A parameter that occurs more than once is a list.
fn filter<'a>(path: impl Iterator<Item = (&'a str, &'a str)>, query: Option<&str>) -> Value {
    let query = form_urlencoded::parse(query.unwrap_or_default().as_bytes());
    json!({ "path": object(path), "query": object(query) })
}

fn object<K: AsRef<str>, V: AsRef<str>>(pairs: impl Iterator<Item = (K, V)>) -> Map<String, Value> {
    let mut object = Map::new();
    for (name, value) in pairs {
        let value = Value::String(storable(value.as_ref()));
        match object.get_mut(&storable(name.as_ref())) {
            None => drop(object.insert(storable(name.as_ref()), value)),
            Some(Value::Array(values)) => values.push(value),
            Some(other) => *other = Value::Array(vec![other.take(), value]),
        }
    }
    object
}

/// No text in PostgreSQL holds NUL.
fn storable(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_that_was_asked_is_in_the_filter() {
        let path = [("id", "673ac9e2c93fe18d3fdd23f1")].into_iter();
        let found = filter(path, Some("a=1&b=%C3%BC%00&a=2&a=&c"));
        let expected = json!({
            "path": {"id": "673ac9e2c93fe18d3fdd23f1"},
            "query": {"a": ["1", "2", ""], "b": "ü\u{fffd}", "c": ""},
        });
        assert_eq!(found, expected);
    }
}
