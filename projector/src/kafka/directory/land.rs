//! Records turned into rows, all of them and their offsets or none.

use std::collections::BTreeMap;

use directory::{Applied, put_live_streams, put_users, remove_live_streams, remove_users};
use events::{LiveStreamId, LiveStreamSnapshot, UserId, UserSnapshot};
use sqlx::{PgConnection, PgPool};

use super::batch::Batch;
use super::offsets::{self, Positions};
use super::record::{Content, Record};
use super::steps::Steps;
use super::{Kind, Partition};
use crate::error::ProjectorError;
use crate::kafka::config::KafkaConfig;
use crate::privacy;

/// Characters of a reason at most.
const REASON: usize = 1000;

/// What became of a batch.
pub(super) struct Landed {
    /// The offset behind the last record of each partition.
    pub(super) ends: BTreeMap<Partition, i64>,
    applied: BTreeMap<Kind, Applied>,
    parked: BTreeMap<Kind, u64>,
}

/// Lands a batch whose partitions are at `positions`.
pub(super) async fn land(
    pool: &PgPool,
    kafka: &KafkaConfig,
    positions: &Positions,
    batch: &Batch,
) -> Result<Landed, ProjectorError> {
    let ends = batch.ends();
    let mut transaction = pool.begin().await?;
    if batch.records.iter().any(|record| record.content.is_err()) {
        // What is put aside must not land behind an erasure. Before any row of a user is held, which an
        // erasure wants too.
        privacy::writing(&mut transaction).await?;
    }
    // First: who is not in charge any more finds out before anything else is touched.
    offsets::advance(&mut transaction, kafka, positions, &ends).await?;
    let applied = BTreeMap::from([
        (Kind::Users, land_users(&mut transaction, &batch.records).await?),
        (Kind::LiveStreams, land_live_streams(&mut transaction, &batch.records).await?),
    ]);
    let parked = park(&mut transaction, kafka, &batch.records).await?;
    transaction.commit().await?;
    Ok(Landed { ends, applied, parked })
}

impl Landed {
    /// Tells the metrics.
    pub(super) fn measure(&self) {
        let count = |kind: Kind, outcome: &'static str, records: u64| {
            let labels = [("topic", kind.topic()), ("outcome", outcome)];
            metrics::counter!("docket_directory_records_total", &labels).increment(records);
        };
        for (kind, Applied { applied, ignored }) in &self.applied {
            count(*kind, "applied", *applied);
            count(*kind, "ignored", *ignored);
        }
        for (kind, records) in &self.parked {
            count(*kind, "parked", *records);
        }
    }
}

async fn land_users(
    connection: &mut PgConnection,
    records: &[Record],
) -> Result<Applied, sqlx::Error> {
    let mut steps: Steps<UserSnapshot, UserId> = Steps::default();
    for content in records.iter().filter_map(|record| record.content.as_ref().ok()) {
        match content {
            Content::User(user) => steps.put(&user.id, user.as_ref().clone()),
            Content::UserGone(id, at) => steps.remove(id, *at),
            Content::LiveStream(_) | Content::LiveStreamGone(..) => {}
        }
    }
    let mut applied = Applied::default();
    for step in steps.all() {
        applied += put_users(connection, &step.puts).await?;
        applied += remove_users(connection, &step.removals).await?;
    }
    Ok(applied)
}

async fn land_live_streams(
    connection: &mut PgConnection,
    records: &[Record],
) -> Result<Applied, sqlx::Error> {
    let mut steps: Steps<LiveStreamSnapshot, LiveStreamId> = Steps::default();
    for content in records.iter().filter_map(|record| record.content.as_ref().ok()) {
        match content {
            Content::LiveStream(stream) => steps.put(&stream.id, stream.as_ref().clone()),
            Content::LiveStreamGone(id, at) => steps.remove(id, *at),
            Content::User(_) | Content::UserGone(..) => {}
        }
    }
    let mut applied = Applied::default();
    for step in steps.all() {
        applied += put_live_streams(connection, &step.puts).await?;
        applied += remove_live_streams(connection, &step.removals).await?;
    }
    Ok(applied)
}

/// Puts aside what cannot be read. A record that was before, and is read again, is put there once. What a
/// record says about somebody who was erased is not kept.
async fn park(
    connection: &mut PgConnection,
    kafka: &KafkaConfig,
    records: &[Record],
) -> Result<BTreeMap<Kind, u64>, sqlx::Error> {
    let mut parked = BTreeMap::new();
    for record in records {
        let (Err(reason), (kind, number)) = (&record.content, record.partition) else { continue };
        let reason: String = reason.replace('\0', "\u{fffd}").chars().take(REASON).collect();
        let topic = kafka.topic(kind.topic());
        tracing::warn!(topic, partition = number, offset = record.offset, reason, "record parked");
        sqlx::query(
            "INSERT INTO inbound.parked (topic, partition, record_offset, key, value, reason)
             SELECT $1, $2, $3, $4, CASE WHEN erased.anybody THEN NULL ELSE $5 END, $6
             FROM (SELECT EXISTS (
                 SELECT FROM directory.users AS u WHERE u.id = $7 AND u.erased
             )) AS erased (anybody)
             ON CONFLICT (topic, partition, record_offset) DO UPDATE SET
                 key = excluded.key, value = excluded.value, reason = excluded.reason",
        )
        .bind(topic)
        .bind(number)
        .bind(record.offset)
        .bind(&record.key)
        .bind(&record.value)
        .bind(reason)
        .bind(user(record))
        .execute(&mut *connection)
        .await?;
        *parked.entry(kind).or_default() += 1;
    }
    Ok(parked)
}

/// Whom the record is about, by its key.
fn user(record: &Record) -> Option<&str> {
    let key = record.key.as_deref().filter(|_| record.partition.0 == Kind::Users)?;
    std::str::from_utf8(key).ok().filter(|key| !key.contains('\0'))
}
