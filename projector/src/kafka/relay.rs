//! The log, relayed to `moderation.events.v1` (contract §8).
//!
//! A batch is sent, every receipt is awaited, then the checkpoint moves: nothing is skipped, and what
//! was sent when the process was cut off is sent again, at most one batch.
//!
//! # What a partition holds
//!
//! Events in the order of the log, in runs: each relay that takes over begins a new run where the
//! checkpoint stands, which is at or before the end of what was sent, and within a run nothing is left
//! out. For that the producer is idempotent, so the broker takes no record whose predecessor it has not
//! taken; no record is given up by itself (`message.timeout.ms=0`), all of them are, together with
//! their producer; and what the broker refuses for good stops the producer
//! (`enable.gapless.guarantee`). A relay that has lost its lock and does not know it yet only sends a
//! run of the same kind. So whoever drops each record at or below the highest position that he has seen
//! in its partition sees every event once and in order, whatever happened to relays.

mod keys;
mod producer;

use async_trait::async_trait;
use event_log::{LogReader, RecordedEvent};
use std::sync::Arc;
use tokio::sync::Mutex;

use super::client::{self, ClientError, ensure_topic};
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

    async fn producer(&self) -> Result<Producer, ClientError> {
        // Also after an outage, in which the topic may have been lost.
        ensure_topic(&self.kafka, client::EVENTS).await?;
        Producer::new(&self.kafka, self.kafka.topic(EVENTS))
    }
}

#[async_trait]
impl Reactor for Relay {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    /// Whoever reads the topic may do so before there is an event.
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
            None => self.producer().await?,
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
