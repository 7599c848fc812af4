//! Every byte of Kafka's topics.

use std::time::Duration;

use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::message::{Headers, Message};
use rdkafka::{ClientConfig, Offset, TopicPartitionList};

use crate::set_ups::Installation;

const PATIENCE: Duration = Duration::from_secs(30);

/// Keys, headers and values of all records in all topics that it has; nothing where it has none.
pub(super) async fn bytes(docket: &Installation) -> Vec<Vec<u8>> {
    let Some((brokers, prefix)) = docket.kafka() else { return vec![] };
    tokio::task::spawn_blocking(move || read(&brokers, &prefix)).await.unwrap()
}

fn read(brokers: &str, prefix: &str) -> Vec<Vec<u8>> {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", brokers).set("group.id", "nobody");
    config.set("enable.auto.commit", "false").set("enable.partition.eof", "true");
    let consumer: BaseConsumer = config.create().unwrap();
    let metadata = consumer.fetch_metadata(None, PATIENCE).unwrap();
    let mut partitions = TopicPartitionList::new();
    for topic in metadata.topics().iter().filter(|topic| topic.name().starts_with(prefix)) {
        for partition in topic.partitions() {
            partitions
                .add_partition_offset(topic.name(), partition.id(), Offset::Beginning)
                .unwrap();
        }
    }
    let mut open = partitions.count();
    assert!(open > 0, "no topic begins with {prefix}");
    consumer.assign(&partitions).unwrap();
    let mut all = vec![];
    while open > 0 {
        match consumer.poll(PATIENCE).expect("a record, or the end of a partition") {
            Ok(message) => {
                all.extend(message.key().map(<[u8]>::to_vec));
                all.extend(message.payload().map(<[u8]>::to_vec));
                let headers = message.headers().into_iter().flat_map(Headers::iter);
                all.extend(headers.filter_map(|header| header.value.map(<[u8]>::to_vec)));
            }
            Err(KafkaError::PartitionEOF(_)) => open -= 1,
            Err(error) => panic!("{error}"),
        }
    }
    assert!(!all.is_empty(), "nothing was relayed");
    all
}
