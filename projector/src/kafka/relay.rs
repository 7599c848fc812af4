//! The log, relayed to `moderation.events.v1` (contract §8).
//!
//! A batch is sent, every receipt is awaited, then the checkpoint moves: nothing is skipped, and what
//! was sent when the process was cut off is sent again, at most one batch.
//!
//! # What a partition holds
//!
//! Whoever drops each record at or below the highest position that he has seen in its partition sees
//! every event once and in order, whatever happened to relays. Each producer sends one *run*: from where
//! the checkpoint stands when it begins, in the order of the log, with nothing left out. For that it is
//! idempotent, so that the broker takes no record whose predecessor it has not taken; no record is given
//! up by itself (`message.timeout.ms=0`), all of them are, together with their producer; and what the
//! broker refuses for good stops the producer (`enable.gapless.guarantee`).
//!
//! The checkpoint never stands behind an event that has not arrived, so a run begins at or before the
//! first one that is missing, and goes on only when what came before has arrived. Therefore no record of
//! any run arrives before all earlier events of its partition have: what is new to the partition is the
//! very next event. That holds for each run by itself, so it does not matter that runs may interleave,
//! which they do when a relay that has lost its lock and does not know it yet still sends, or when what a
//! killed one sent arrives late. All that they add is copies of events that are there.
//!
//! # What is refused for good
//!
//! A record that the brokers will never take, one that is larger than the topic's `max.message.bytes`,
//! holds the relay up until the topic takes it: nothing is skipped. No event that came through the API
//! comes near the default of 1 MiB.

mod keys;
mod producer;

use std::sync::Arc;

use async_trait::async_trait;
use event_log::{LogReader, RecordedEvent};
use tokio::sync::Mutex;

use super::client::{self, ensure_topic};
use super::config::{EVENTS, KafkaConfig};
use crate::reactor::{ReactError, Reactor};
use keys::Keys;
use producer::{Producer, Record};

/// Relays the log to Kafka.
pub struct Relay {
    kafka: KafkaConfig,
    reader: Arc<dyn LogReader>,
    keys: Keys,
    /// Made when it is needed, and anew after every failure.
    producer: Mutex<Option<Producer>>,
}

impl Relay {
    /// The name of its checkpoint.
    pub const NAME: &str = "relay";

    /// To the brokers that `kafka` names; live streams that an event does not name are looked up with
    /// `reader`.
    pub fn new(kafka: KafkaConfig, reader: Arc<dyn LogReader>) -> Self {
        Self { kafka, reader, keys: Keys::default(), producer: Mutex::default() }
    }
}

#[async_trait]
impl Reactor for Relay {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    /// Whoever reads the topic may do so before there is an event; and in an outage it may have been lost.
    async fn begin(&self) -> Result<(), ReactError> {
        Ok(ensure_topic(&self.kafka, client::EVENTS).await?)
    }

    async fn react(&self, events: &[RecordedEvent]) -> Result<(), ReactError> {
        let keys = self.keys.of(self.reader.as_ref(), events).await?;
        let records = events.iter().zip(keys).map(|(event, key)| Record::new(event, key));
        let records: Vec<Record> = records.collect::<Result<_, _>>()?;
        let mut slot = self.producer.lock().await;
        // Taken out: whatever ends this early, a time-out among it, ends the producer.
        let producer = match slot.take() {
            Some(producer) => producer,
            None => Producer::new(&self.kafka, self.kafka.topic(EVENTS))?,
        };
        producer.send(&records).await?;
        metrics::counter!("docket_relay_published_total").increment(events.len() as u64);
        *slot = Some(producer);
        Ok(())
    }
}

impl std::fmt::Debug for Relay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Relay").field("kafka", &self.kafka).finish_non_exhaustive()
    }
}
