//! The statements that read, and what is verified of their answers.

use std::collections::HashMap;
use std::sync::Arc;

use sqlx::PgConnection;

use super::connections::{Connections, Statement};
use super::failure::log_error;
use super::row::{Row, number, position};
use crate::{LogError, MOST_RAW, Page, Position, RecordedEvent, StreamName};

struct Head;

impl Statement for Head {
    type Answer = i64;

    async fn send(&self, connection: &mut PgConnection) -> Result<i64, sqlx::Error> {
        sqlx::query_scalar("SELECT coalesce(max(position), 0) FROM log.events")
            .fetch_one(connection)
            .await
    }
}

/// Events after a position, in order.
pub(super) struct After {
    pub(super) position: i64,
    pub(super) most: i64,
}

impl Statement for After {
    type Answer = Vec<Row>;

    async fn send(&self, connection: &mut PgConnection) -> Result<Vec<Row>, sqlx::Error> {
        sqlx::query_as(
            "SELECT position, stream, version, event_id, event_type, schema_version,
                    recorded_at, data, metadata
             FROM log.events WHERE position > $1 ORDER BY position LIMIT $2",
        )
        .bind(self.position)
        .bind(self.most)
        .fetch_all(connection)
        .await
    }
}

struct At(Vec<i64>);

impl Statement for At {
    type Answer = Vec<Row>;

    async fn send(&self, connection: &mut PgConnection) -> Result<Vec<Row>, sqlx::Error> {
        sqlx::query_as(
            "SELECT position, stream, version, event_id, event_type, schema_version,
                    recorded_at, data, metadata
             FROM log.events WHERE position = ANY($1) ORDER BY position",
        )
        .bind(&self.0)
        .fetch_all(connection)
        .await
    }
}

struct Between {
    after: i64,
    until: i64,
}

impl Statement for Between {
    type Answer = Vec<Row>;

    async fn send(&self, connection: &mut PgConnection) -> Result<Vec<Row>, sqlx::Error> {
        sqlx::query_as(
            "SELECT position, stream, version, event_id, event_type, schema_version,
                    recorded_at, data, metadata
             FROM log.events WHERE position > $1 AND position <= $2 ORDER BY position LIMIT $3",
        )
        .bind(self.after)
        .bind(self.until)
        .bind(i64::try_from(MOST_RAW).unwrap_or(i64::MAX))
        .fetch_all(connection)
        .await
    }
}

struct Streams<'a>(Vec<&'a str>);

impl Statement for Streams<'_> {
    type Answer = Vec<Row>;

    async fn send(&self, connection: &mut PgConnection) -> Result<Vec<Row>, sqlx::Error> {
        sqlx::query_as(
            "SELECT position, stream, version, event_id, event_type, schema_version,
                    recorded_at, data, metadata
             FROM log.events WHERE stream = ANY($1) ORDER BY stream, version",
        )
        .bind(&self.0)
        .fetch_all(connection)
        .await
    }
}

pub(super) async fn head(connections: &Connections) -> Result<Position, LogError> {
    position(connections.run_again(&Head).await.map_err(log_error)?)
}

pub(super) async fn page(
    connections: &Connections,
    after: Position,
    limit: u32,
) -> Result<Page, LogError> {
    // One more than asked for tells whether there is more.
    let query = After { position: number(after), most: i64::from(limit) + 1 };
    let mut rows = connections.run_again(&query).await.map_err(log_error)?;
    let caught_up = rows.len() <= limit as usize;
    rows.truncate(limit as usize);
    let events: Vec<RecordedEvent> =
        rows.into_iter().map(TryInto::try_into).collect::<Result<_, _>>()?;
    verify_dense(after, &events)?;
    Ok(Page { events, caught_up })
}

pub(super) async fn at(
    connections: &Connections,
    positions: &[Position],
) -> Result<Vec<RecordedEvent>, LogError> {
    let query = At(positions.iter().copied().map(number).collect());
    let rows = connections.run_again(&query).await.map_err(log_error)?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// What is there, dense or not. A row of which no event can be made is left out.
pub(super) async fn between(
    connections: &Connections,
    after: Position,
    until: Position,
) -> Result<Vec<RecordedEvent>, LogError> {
    let query = Between { after: number(after), until: number(until) };
    let rows = connections.run_again(&query).await.map_err(log_error)?;
    Ok(rows.into_iter().filter_map(|row| row.try_into().ok()).collect())
}

/// Positions in PostgreSQL are dense, and these are not.
#[derive(Debug, thiserror::Error)]
#[error("the log has a hole: position {found} follows {after}")]
struct Hole {
    after: Position,
    found: Position,
}

fn verify_dense(mut after: Position, events: &[RecordedEvent]) -> Result<(), LogError> {
    for event in events {
        if event.position.0 != after.0 + 1 {
            let hole = Hole { after, found: event.position };
            return Err(LogError::Broken(Arc::new(hole)));
        }
        after = event.position;
    }
    Ok(())
}

/// For each request the events of each stream that it names, all in one statement.
pub(super) async fn streams(
    connections: &Connections,
    requests: Vec<Vec<StreamName>>,
) -> Result<Vec<Vec<Vec<RecordedEvent>>>, LogError> {
    let mut names: Vec<&str> = requests.iter().flatten().map(String::as_str).collect();
    names.sort_unstable();
    names.dedup();
    let rows = connections.run_again(&Streams(names)).await.map_err(log_error)?;
    let mut streams: HashMap<StreamName, Vec<RecordedEvent>> = HashMap::new();
    for row in rows {
        let event = RecordedEvent::try_from(row)?;
        streams.entry(event.stream.clone()).or_default().push(event);
    }
    let read = |name: &StreamName| streams.get(name).cloned().unwrap_or_default();
    Ok(requests.iter().map(|names| names.iter().map(read).collect()).collect())
}
