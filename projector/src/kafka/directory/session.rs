//! One membership in the group, from joining it to the first failure.

use std::convert::Infallible;
use std::time::Duration;

use rdkafka::{Message, Offset, TopicPartitionList};
use sqlx::PgPool;
use tokio::time::{Instant, timeout_at};

use super::Kind;
use super::batch::Batch;
use super::consumer::{Change, Consumer, Next, named};
use super::land::land;
use super::offsets::{self, Positions};
use super::record::Record;
use crate::error::{ProjectorError, chain, refuses_the_data};
use crate::kafka::client::ClientError;
use crate::kafka::config::KafkaConfig;
use crate::patience::{PROMPT, within};
use crate::run::{Backoff, IDLE};

/// How long a record may wait for others to land with.
const GATHERING: Duration = Duration::from_millis(20);

/// Longer than 500 records take while the database is there.
const LANDING: Duration = Duration::from_mins(1);

/// A member of the group at work.
pub(super) struct Session<'a> {
    pool: &'a PgPool,
    kafka: &'a KafkaConfig,
    consumer: Consumer,
    positions: Positions,
}

impl<'a> Session<'a> {
    pub(super) fn new(pool: &'a PgPool, kafka: &'a KafkaConfig, consumer: Consumer) -> Self {
        Self { pool, kafka, consumer, positions: Positions::new() }
    }

    /// Lands records for ever.
    pub(super) async fn run(mut self, backoff: &mut Backoff) -> Result<Infallible, ProjectorError> {
        loop {
            let batch = self.gather().await?;
            if batch.is_empty() {
                self.verify().await?;
            } else {
                self.land(batch).await?;
            }
            backoff.reset();
        }
    }

    /// The next records of this member's partitions; none when there is nothing new for a while.
    async fn gather(&mut self) -> Result<Batch, ProjectorError> {
        let mut batch = Batch::default();
        let mut deadline = Instant::now() + IDLE;
        while !batch.is_full() {
            let Ok(next) = timeout_at(deadline, self.consumer.next()).await else { break };
            match next? {
                Next::Record(message) => {
                    let Some(kind) = Kind::of_topic(self.kafka, message.topic()) else { continue };
                    if batch.is_empty() {
                        deadline = Instant::now() + GATHERING;
                    }
                    batch.push(Record::read(kind, &message));
                }
                Next::Change(change) => self.change(change, &mut batch).await?,
            }
        }
        Ok(batch)
    }

    async fn change(&mut self, change: Change, batch: &mut Batch) -> Result<(), ProjectorError> {
        match change {
            Change::Assigned(partitions) => {
                let known = within(PROMPT, offsets::read(self.pool, self.kafka)).await?;
                let mut begin = TopicPartitionList::new();
                for partition in named(self.kafka, &partitions) {
                    let next = known.get(&partition).copied();
                    self.positions.insert(partition, next);
                    let offset = next.map_or(Offset::Beginning, Offset::Offset);
                    add(&mut begin, &self.kafka.topic(partition.0.topic()), partition.1, offset)?;
                }
                Ok(self.consumer.assign(begin).await?)
            }
            Change::Revoked(partitions) => {
                let gone = named(self.kafka, &partitions);
                self.positions.retain(|partition, _| !gone.contains(partition));
                batch.leave(&gone);
                Ok(self.consumer.unassign(partitions).await?)
            }
        }
    }

    /// Whether the database still is where it was left: one that was restored is to be filled again,
    /// also while nothing new comes.
    async fn verify(&self) -> Result<(), ProjectorError> {
        let known = within(PROMPT, offsets::read(self.pool, self.kafka)).await?;
        let unmoved = |(partition, next): (_, &Option<i64>)| known.get(partition) == next.as_ref();
        if self.positions.iter().all(unmoved) { Ok(()) } else { Err(ProjectorError::OffsetsMoved) }
    }

    /// Lands all of them at once, or one by one where the database refuses what one of them holds, which
    /// is then parked.
    async fn land(&mut self, batch: Batch) -> Result<(), ProjectorError> {
        match self.land_at_once(&batch).await {
            Err(ProjectorError::Database(error)) if refuses_the_data(&error) => {}
            landed => return landed,
        }
        for record in batch.records {
            let mut one = Batch::of(record);
            match self.land_at_once(&one).await {
                Err(ProjectorError::Database(error)) if refuses_the_data(&error) => {
                    for record in &mut one.records {
                        record.content = Err(chain(&error));
                    }
                    self.land_at_once(&one).await?;
                }
                landed => landed?,
            }
        }
        Ok(())
    }

    async fn land_at_once(&mut self, batch: &Batch) -> Result<(), ProjectorError> {
        let landing = land(self.pool, self.kafka, &self.positions, batch);
        let landed = within(LANDING, landing).await?;
        landed.measure();
        let mut reached = TopicPartitionList::new();
        for (partition, next) in landed.ends {
            self.positions.insert(partition, Some(next));
            let topic = self.kafka.topic(partition.0.topic());
            add(&mut reached, &topic, partition.1, Offset::Offset(next))?;
        }
        self.consumer.commit(&reached);
        Ok(())
    }
}

fn add(
    list: &mut TopicPartitionList,
    topic: &str,
    partition: i32,
    offset: Offset,
) -> Result<(), ClientError> {
    Ok(list.add_partition_offset(topic, partition, offset)?)
}
