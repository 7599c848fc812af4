//! Records, and the producer that sends them.

use std::time::Duration;

use chrono::{DateTime, SecondsFormat, Utc};
use event_log::RecordedEvent;
use futures_util::future::try_join_all;
use rdkafka::error::KafkaError;
use rdkafka::message::{Header, OwnedHeaders};
use rdkafka::producer::future_producer::DeliveryFuture;
use rdkafka::producer::{FutureProducer, FutureRecord};
use serde::Deserialize;

use crate::kafka::client::{self, ClientError, Logs};
use crate::kafka::config::KafkaConfig;
use crate::kafka::ending::Ending;
use crate::kafka::message::{CE_SOURCE, Message, cloud_event_type};

/// How long a batch may wait for its receipts before it is given up, its producer with it, and sent
/// again. Longer than a broker takes to come back from a restart.
const RECEIPTS: Duration = Duration::from_secs(30);

/// The most bytes, of keys and values, that wait for their receipts at once, but that one record may be
/// larger by itself.
const MOST_BYTES: usize = 8 << 20;

/// An event as it goes to Kafka.
pub(super) struct Record {
    key: String,
    value: Vec<u8>,
    headers: Vec<(&'static str, String)>,
}

/// What the headers take from an event's data and metadata, whatever its type is.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Subject {
    ban_id: Option<String>,
    report_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct When {
    occurred_at: Option<DateTime<Utc>>,
}

impl Record {
    pub(super) fn new(event: &RecordedEvent, key: String) -> Result<Self, serde_json::Error> {
        let message = Message::published(event.clone())?;
        Ok(Self { key, value: serde_json::to_vec(&message)?, headers: headers(&message) })
    }

    fn bytes(&self) -> usize {
        self.key.len() + self.value.len()
    }
}

/// CloudEvents 1.0 in binary mode, and the position.
fn headers(message: &Message) -> Vec<(&'static str, String)> {
    // Of one event alone may both be there: the report that caused a ban.
    let subject = serde_json::from_str(message.data.get()).ok();
    let subject = subject.and_then(|subject: Subject| subject.ban_id.or(subject.report_id));
    let when = serde_json::from_str(message.metadata.get()).ok();
    let when = when.and_then(|when: When| when.occurred_at).unwrap_or(message.recorded_at.to_utc());
    vec![
        ("ce_specversion", "1.0".to_owned()),
        ("ce_id", message.id.to_string()),
        ("ce_type", cloud_event_type(&message.event_type, message.schema_version)),
        ("ce_source", CE_SOURCE.to_owned()),
        ("ce_subject", subject.unwrap_or_else(|| message.stream.clone())),
        ("ce_time", when.to_rfc3339_opts(SecondsFormat::Millis, true)),
        ("ce_position", message.position.clone()),
        ("content-type", "application/json".to_owned()),
    ]
}

/// Sends records in order, each until the broker has it. What has not arrived when it is dropped is
/// purged at its end, and sent anew by the next one.
pub(super) struct Producer {
    producer: Ending<FutureProducer<Logs>>,
    topic: String,
}

/// Why a batch is not certain to have arrived.
#[derive(Debug, thiserror::Error)]
pub(super) enum SendError {
    /// The brokers refuse a record.
    #[error("the brokers refuse a record")]
    Refused(#[source] KafkaError),
    /// The producer was ended.
    #[error("the producer has ended")]
    Ended,
    /// The brokers do not answer.
    #[error("the brokers have not received everything in time")]
    Silent,
}

impl Producer {
    pub(super) fn new(kafka: &KafkaConfig, topic: String) -> Result<Self, ClientError> {
        let producer: FutureProducer<Logs> = client::config(kafka, "relay")
            .set("enable.idempotence", "true")
            .set("acks", "all")
            .set("enable.gapless.guarantee", "true")
            .set("message.timeout.ms", "0")
            .set("compression.type", "lz4")
            // The partition of a key is the one that Java's clients choose.
            .set("partitioner", "murmur2_random")
            // A batch goes out as a whole; there is nothing to wait for.
            .set("linger.ms", "0")
            // Far above `MOST_BYTES`, headers and all: a bound that is there in any case.
            .set("queue.buffering.max.kbytes", "65536")
            .create_with_context(Logs)?;
        Ok(Self { producer: Ending::new(producer), topic })
    }

    /// Returns when every record has arrived. After a failure it must not be used again.
    pub(super) async fn send(&self, records: &[Record]) -> Result<(), SendError> {
        let sending = async {
            let mut rest = records;
            while !rest.is_empty() {
                let (now, later) = rest.split_at(fitting(rest, MOST_BYTES));
                self.send_at_once(now).await?;
                rest = later;
            }
            Ok(())
        };
        tokio::time::timeout(RECEIPTS, sending).await.map_err(|_| SendError::Silent)?
    }

    async fn send_at_once(&self, records: &[Record]) -> Result<(), SendError> {
        let mut receipts = Vec::with_capacity(records.len());
        for record in records {
            let mut headers = OwnedHeaders::new_with_capacity(record.headers.len());
            for (key, value) in &record.headers {
                headers = headers.insert(Header { key, value: Some(value) });
            }
            let record = FutureRecord::to(&self.topic)
                .key(&record.key)
                .payload(&record.value)
                .headers(headers);
            let queued = self.producer.send_result(record);
            receipts.push(queued.map_err(|(error, _)| SendError::Refused(error))?);
        }
        try_join_all(receipts.into_iter().map(arrival)).await.map(drop)
    }
}

/// Waits until the record has arrived.
async fn arrival(receipt: DeliveryFuture) -> Result<(), SendError> {
    match receipt.await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err((error, _))) => Err(SendError::Refused(error)),
        Err(_) => Err(SendError::Ended),
    }
}

/// How many of the first `records` have at most `bytes` together; one in any case.
fn fitting(records: &[Record], bytes: usize) -> usize {
    let mut left = bytes;
    let fits = |record: &&Record| match left.checked_sub(record.bytes()) {
        Some(rest) => {
            left = rest;
            true
        }
        None => false,
    };
    records.iter().take_while(fits).count().max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn records(sizes: &[usize]) -> Vec<Record> {
        let record = |size: &usize| Record {
            key: "k".to_owned(),
            value: vec![b' '; size - 1],
            headers: vec![],
        };
        sizes.iter().map(record).collect()
    }

    #[test]
    fn as_many_records_are_sent_at_once_as_fit() {
        for (sizes, first) in [
            (&[10][..], 1),
            (&[10, 10], 1),
            (&[9, 1, 1], 2),
            (&[3, 3, 3, 3], 3),
            (&[11, 1], 1),
            (&[1, 11, 1], 1),
        ] {
            assert_eq!(fitting(&records(sizes), 10), first, "{sizes:?}");
        }
    }
}
