//! Events that a projection cannot take, and all later ones of their streams: put aside, shown, and
//! taken in later. Never skipped.

use std::collections::HashSet;

use event_log::{Position, RecordedEvent, StreamName};
use sqlx::PgConnection;

use crate::error::ProjectorError;
use crate::projection::{Projection, from_row, row_position};

/// The streams of which events are parked.
pub(crate) async fn streams(
    connection: &mut PgConnection,
    projection: &dyn Projection,
) -> Result<HashSet<StreamName>, ProjectorError> {
    let streams: Vec<String> =
        sqlx::query_scalar("SELECT DISTINCT stream FROM parked WHERE projection = $1")
            .bind(projection.name())
            .fetch_all(connection)
            .await?;
    Ok(streams.into_iter().collect())
}

/// The parked events, in log order.
pub(crate) async fn positions(
    connection: &mut PgConnection,
    projection: &dyn Projection,
) -> Result<Vec<Position>, ProjectorError> {
    let positions: Vec<i64> =
        sqlx::query_scalar("SELECT position FROM parked WHERE projection = $1 ORDER BY position")
            .bind(projection.name())
            .fetch_all(connection)
            .await?;
    Ok(positions.into_iter().map(from_row).collect())
}

/// Puts events aside, each for its reason.
pub(crate) async fn park(
    connection: &mut PgConnection,
    projection: &dyn Projection,
    events: &[(&RecordedEvent, String)],
) -> Result<(), ProjectorError> {
    if events.is_empty() {
        return Ok(());
    }
    for (RecordedEvent { position, stream, id, .. }, reason) in events {
        tracing::error!(projection = projection.name(), %position, stream, %id, reason, "parked");
    }
    let column = |field: fn(&RecordedEvent) -> String| -> Vec<String> {
        events.iter().map(|(event, _)| field(event)).collect()
    };
    let positions: Vec<i64> =
        events.iter().map(|(event, _)| row_position(event.position)).collect();
    let reasons: Vec<&str> = events.iter().map(|(_, reason)| reason.as_str()).collect();
    sqlx::query(
        "INSERT INTO parked (projection, position, stream, event_id, reason)
         SELECT $1, * FROM unnest($2::bigint[], $3::text[], $4::text[], $5::text[])
         ON CONFLICT (projection, position) DO UPDATE SET reason = excluded.reason",
    )
    .bind(projection.name())
    .bind(positions)
    .bind(column(|event| event.stream.clone()))
    .bind(column(|event| event.id.to_string()))
    .bind(reasons)
    .execute(connection)
    .await?;
    Ok(())
}

/// Takes events off the list; exactly those, or it fails.
pub(crate) async fn unpark(
    connection: &mut PgConnection,
    projection: &dyn Projection,
    positions: &[Position],
) -> Result<(), ProjectorError> {
    let rows: Vec<i64> = positions.iter().copied().map(row_position).collect();
    let gone = sqlx::query("DELETE FROM parked WHERE projection = $1 AND position = ANY($2)")
        .bind(projection.name())
        .bind(rows)
        .execute(connection)
        .await?
        .rows_affected();
    if gone == u64::try_from(positions.len()).unwrap_or(u64::MAX) {
        Ok(())
    } else {
        Err(ProjectorError::Fenced(projection.name()))
    }
}
