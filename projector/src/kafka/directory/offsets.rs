//! Which record of each partition is next: `inbound.offsets`.

use std::collections::{BTreeMap, HashMap};

use sqlx::{PgConnection, PgPool};

use super::{Kind, Partition};
use crate::error::ProjectorError;
use crate::kafka::config::KafkaConfig;

/// The next offset of each partition that this member has; none where nothing was ever landed.
pub(super) type Positions = BTreeMap<Partition, Option<i64>>;

/// What the database knows.
pub(super) async fn read(
    pool: &PgPool,
    kafka: &KafkaConfig,
) -> Result<HashMap<Partition, i64>, sqlx::Error> {
    let topics = Kind::ALL.map(|kind| kafka.topic(kind.topic()));
    let rows: Vec<(String, i32, i64)> = sqlx::query_as(
        "SELECT topic, partition, next_offset FROM inbound.offsets WHERE topic = ANY($1)",
    )
    .bind(&topics[..])
    .fetch_all(pool)
    .await?;
    let known = |(topic, number, next): (String, i32, i64)| {
        Some(((Kind::of_topic(kafka, &topic)?, number), next))
    };
    Ok(rows.into_iter().filter_map(known).collect())
}

const MOVE: &str = "
    UPDATE inbound.offsets AS known SET next_offset = moved.next_offset
    FROM unnest($1::text[], $2::int[], $3::bigint[], $4::bigint[])
        AS moved (topic, partition, next_offset, from_offset)
    WHERE known.topic = moved.topic AND known.partition = moved.partition
        AND known.next_offset = moved.from_offset";

const BEGIN: &str = "
    INSERT INTO inbound.offsets (topic, partition, next_offset)
    SELECT topic, partition, next_offset
    FROM unnest($1::text[], $2::int[], $3::bigint[], $4::bigint[])
        AS moved (topic, partition, next_offset, from_offset)
    WHERE from_offset IS NULL
    ON CONFLICT DO NOTHING";

/// Moves each partition from where this member believes it to be. Fails when one is elsewhere: then
/// another member has it, or the database is not what it was.
pub(super) async fn advance(
    connection: &mut PgConnection,
    kafka: &KafkaConfig,
    positions: &Positions,
    ends: &BTreeMap<Partition, i64>,
) -> Result<(), ProjectorError> {
    let topics: Vec<_> = ends.keys().map(|(kind, _)| kafka.topic(kind.topic())).collect();
    let numbers: Vec<_> = ends.keys().map(|(_, number)| *number).collect();
    let next: Vec<_> = ends.values().copied().collect();
    let from: Vec<_> = ends.keys().map(|at| positions.get(at).copied().flatten()).collect();
    let mut moved = 0;
    for statement in [MOVE, BEGIN] {
        let done = sqlx::query(statement)
            .bind(&topics)
            .bind(&numbers)
            .bind(&next)
            .bind(&from)
            .execute(&mut *connection)
            .await?;
        moved += done.rows_affected();
    }
    if moved == ends.len() as u64 { Ok(()) } else { Err(ProjectorError::OffsetsMoved) }
}
