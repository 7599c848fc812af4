//! What a topic holds.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use projector::KafkaConfig;
use rdkafka::admin::{
    AdminClient, AdminOptions, AlterConfig, NewTopic, ResourceSpecifier, TopicReplication,
};
use rdkafka::client::DefaultClientContext;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::message::{Headers, Message};
use rdkafka::{ClientConfig, Offset, TopicPartitionList};
use serde_json::Value;

const NAME: &str = "moderation.events.v1";

/// Longer than a broker takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// A record.
#[derive(Debug, Clone)]
pub(crate) struct Record {
    pub(crate) partition: i32,
    pub(crate) key: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) value: Value,
    /// Every byte of it: key, value and headers.
    pub(crate) bytes: Vec<u8>,
}

impl Record {
    pub(crate) fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(header, _)| header == name);
        found.map(|(_, value)| value.as_str()).unwrap()
    }

    pub(crate) fn position(&self) -> u64 {
        self.header("ce_position").parse().unwrap()
    }
}

/// Everything in `moderation.events.v1`, partition by partition, each in order.
pub(crate) async fn everything(kafka: &KafkaConfig) -> Vec<Record> {
    let kafka = kafka.clone();
    tokio::task::spawn_blocking(move || read(&kafka)).await.unwrap()
}

/// The number of the topic's partitions; 0 when there is none.
pub(crate) async fn partitions(kafka: &KafkaConfig) -> usize {
    let kafka = kafka.clone();
    let ask = move || {
        let topic = kafka.topic(NAME);
        let metadata = consumer(&kafka).fetch_metadata(Some(&topic), PATIENCE).unwrap();
        metadata.topics()[0].partitions().len()
    };
    tokio::task::spawn_blocking(ask).await.unwrap()
}

/// Makes the topic before the relay does.
pub(crate) async fn create(kafka: &KafkaConfig, partitions: i32, setting: (&str, &str)) {
    let name = kafka.topic(NAME);
    let topic = NewTopic::new(&name, partitions, TopicReplication::Fixed(1));
    let topic = topic.set(setting.0, setting.1);
    let made = admin(kafka).create_topics([&topic], &options()).await.unwrap();
    assert_eq!(made, [Ok(name)]);
}

/// Changes a setting of the topic.
pub(crate) async fn set(kafka: &KafkaConfig, setting: &str, value: &str) {
    let name = kafka.topic(NAME);
    let change = AlterConfig::new(ResourceSpecifier::Topic(&name)).set(setting, value);
    let changed = admin(kafka).alter_configs([&change], &options()).await.unwrap();
    assert!(changed[0].is_ok(), "{changed:?}");
}

/// A setting of the topic.
pub(crate) async fn setting(kafka: &KafkaConfig, setting: &str) -> Option<String> {
    let name = kafka.topic(NAME);
    let asked = [ResourceSpecifier::Topic(&name)];
    let mut answers = admin(kafka).describe_configs(&asked, &options()).await.unwrap();
    answers.remove(0).unwrap().get(setting).unwrap().value.clone()
}

fn admin(kafka: &KafkaConfig) -> AdminClient<DefaultClientContext> {
    let brokers = kafka.brokers.as_deref().unwrap();
    ClientConfig::new().set("bootstrap.servers", brokers).create().unwrap()
}

fn options() -> AdminOptions {
    AdminOptions::new().operation_timeout(Some(PATIENCE)).request_timeout(Some(PATIENCE))
}

fn consumer(kafka: &KafkaConfig) -> BaseConsumer {
    ClientConfig::new()
        .set("bootstrap.servers", kafka.brokers.as_deref().unwrap())
        .set("group.id", "nobody")
        .set("enable.auto.commit", "false")
        .set("enable.partition.eof", "false")
        .create()
        .unwrap()
}

fn read(kafka: &KafkaConfig) -> Vec<Record> {
    let topic = kafka.topic(NAME);
    let consumer = consumer(kafka);
    let metadata = consumer.fetch_metadata(Some(&topic), PATIENCE).unwrap();
    let mut assigned = TopicPartitionList::new();
    let mut missing = 0;
    for partition in metadata.topics()[0].partitions() {
        let (low, high) = consumer.fetch_watermarks(&topic, partition.id(), PATIENCE).unwrap();
        missing += high - low;
        assigned.add_partition_offset(&topic, partition.id(), Offset::Beginning).unwrap();
    }
    consumer.assign(&assigned).unwrap();
    let mut records = vec![];
    while missing > 0 {
        let found = consumer.poll(PATIENCE).expect("a record").unwrap();
        let (key, payload) = (found.key().unwrap(), found.payload().unwrap());
        let mut bytes = [key, payload].concat();
        for header in found.headers().unwrap().iter() {
            bytes.extend_from_slice(header.key.as_bytes());
            bytes.extend_from_slice(header.value.unwrap());
        }
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        let headers = found.headers().unwrap().iter();
        let header =
            |h: rdkafka::message::Header<'_, &[u8]>| (h.key.into(), text(h.value.unwrap()));
        records.push(Record {
            partition: found.partition(),
            key: text(key),
            headers: headers.map(header).collect(),
            value: serde_json::from_slice(payload).unwrap(),
            bytes,
        });
        missing -= 1;
    }
    records.sort_by_key(|record| record.partition);
    records
}

/// Asserts what the relay promises: the events at these positions, each at least once, every live
/// stream in one partition, and nothing left out before anything in a partition, so that whoever drops
/// what is at or below the highest position that he has seen sees each event once and in order. How many
/// records are repetitions.
pub(crate) fn assert_gapless(records: &[Record], positions: &BTreeSet<u64>) -> usize {
    let mut homes: BTreeMap<&str, i32> = BTreeMap::new();
    let mut ids: BTreeMap<u64, &str> = BTreeMap::new();
    let mut of_partition: BTreeMap<i32, Vec<u64>> = BTreeMap::new();
    for record in records {
        assert_eq!(*homes.entry(&record.key).or_insert(record.partition), record.partition);
        let id = record.header("ce_id");
        assert_eq!(*ids.entry(record.position()).or_insert(id), id, "the same in every copy");
        of_partition.entry(record.partition).or_default().push(record.position());
    }
    assert_eq!(ids.keys().copied().collect::<BTreeSet<_>>(), *positions);
    for (partition, found) in of_partition {
        let all: Vec<u64> = found.iter().copied().collect::<BTreeSet<_>>().into_iter().collect();
        let mut seen: Vec<u64> = vec![];
        for position in found {
            if seen.last().is_none_or(|highest| position > *highest) {
                seen.push(position);
            }
        }
        assert_eq!(seen, all, "partition {partition} leaves something out");
    }
    records.len() - positions.len()
}
