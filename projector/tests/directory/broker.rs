//! The platform's end of the topics, and what the brokers say of them.

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::future::join_all;
use projector::KafkaConfig;
use projector::kafka::config::{LIVE_STREAMS, USERS};
use rdkafka::ClientConfig;
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, ResourceSpecifier, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaResult;
use rdkafka::producer::{FutureProducer, FutureRecord};
use testing::eventually;

const PATIENCE: Duration = Duration::from_secs(20);

/// Topics of one test's own.
pub(crate) struct Platform {
    pub(crate) kafka: KafkaConfig,
    producer: FutureProducer,
}

/// A record to send: its key, its value, and its time in milliseconds.
pub(crate) type Sent = (Option<Vec<u8>>, Option<Vec<u8>>, i64);

impl Platform {
    /// Topics with so many partitions, which are not there yet.
    pub(crate) fn new(partitions: i32) -> Self {
        let kafka = KafkaConfig {
            brokers: Some(testing::kafka::brokers()),
            topic_prefix: testing::kafka::prefix(),
            partitions,
            ..KafkaConfig::default()
        };
        let producer = Self::config(&kafka)
            .set("partitioner", "murmur2_random")
            .set("enable.idempotence", "true")
            .set("message.max.bytes", "1000000")
            .create()
            .unwrap();
        Self { kafka, producer }
    }

    /// Topics that are there before any projector.
    pub(crate) async fn with_topics(partitions: i32) -> Self {
        let platform = Self::new(partitions);
        for topic in [USERS, LIVE_STREAMS] {
            let name = platform.kafka.topic(topic);
            // Not compacted, which would refuse records without a key, and not forgetful, since the
            // records claim to be old.
            let topic = NewTopic::new(&name, partitions, TopicReplication::Fixed(1))
                .set("retention.ms", "-1");
            let made = platform.admin().create_topics([&topic], &options()).await.unwrap();
            for made in made {
                made.unwrap();
            }
        }
        platform
    }

    fn config(kafka: &KafkaConfig) -> ClientConfig {
        let mut config = ClientConfig::new();
        config.set("bootstrap.servers", kafka.brokers.as_deref().unwrap());
        config
    }

    fn admin(&self) -> AdminClient<DefaultClientContext> {
        Self::config(&self.kafka).create().unwrap()
    }

    /// Whoever looks at the group without being its member.
    fn observer(&self) -> BaseConsumer {
        Self::config(&self.kafka)
            .set("group.id", self.kafka.topic("docket-directory"))
            .create()
            .unwrap()
    }

    /// Sends records, in order, and returns when the brokers have them.
    pub(crate) async fn send(&self, topic: &str, records: &[Sent]) {
        let topic = self.kafka.topic(topic);
        let receipts = records.iter().map(|(key, value, at)| {
            let mut record = FutureRecord::<[u8], [u8]>::to(&topic).timestamp(*at);
            record.key = key.as_deref();
            record.payload = value.as_deref();
            self.producer.send_result(record).map_err(|(error, _)| error).unwrap()
        });
        for receipt in join_all(receipts.collect::<Vec<_>>()).await {
            receipt.unwrap().map_err(|(error, _)| error).unwrap();
        }
    }

    /// Has the brokers forget what is before `offset` of a topic's first partition.
    pub(crate) async fn forget(&self, topic: &str, offset: i64) {
        let (topic, admin) = (self.kafka.topic(topic), self.admin());
        let mut before = rdkafka::TopicPartitionList::new();
        before.add_partition_offset(&topic, 0, rdkafka::Offset::Offset(offset)).unwrap();
        admin.delete_records(&before, &options()).await.unwrap();
    }

    /// How far both topics go: the offset behind the last record of each partition that has any.
    pub(crate) async fn ends(&self) -> BTreeMap<(String, i32), i64> {
        // Of a topic that was just made, the brokers do not know everything at once.
        eventually("the ends of the topics", async || self.known_ends().ok()).await
    }

    fn known_ends(&self) -> KafkaResult<BTreeMap<(String, i32), i64>> {
        let observer = self.observer();
        let mut ends = BTreeMap::new();
        for topic in [USERS, LIVE_STREAMS] {
            let topic = self.kafka.topic(topic);
            for partition in 0..self.kafka.partitions {
                let (_, end) = observer.fetch_watermarks(&topic, partition, PATIENCE)?;
                if end > 0 {
                    ends.insert((topic.clone(), partition), end);
                }
            }
        }
        Ok(ends)
    }

    /// How far the group has come, as Kafka's own tools would tell.
    pub(crate) fn committed(&self) -> BTreeMap<(String, i32), i64> {
        let observer = self.observer();
        let mut asked = rdkafka::TopicPartitionList::new();
        for topic in [USERS, LIVE_STREAMS] {
            asked.add_partition_range(&self.kafka.topic(topic), 0, self.kafka.partitions - 1);
        }
        let committed = observer.committed_offsets(asked, PATIENCE).unwrap().to_topic_map();
        let known = |(at, offset): (_, rdkafka::Offset)| Some((at, offset.to_raw()?));
        committed.into_iter().filter_map(known).filter(|(_, offset)| *offset >= 0).collect()
    }

    /// The members of the group, when it has nothing to settle.
    pub(crate) fn members(&self) -> usize {
        let group = self.kafka.topic("docket-directory");
        let list = self.observer();
        let list = list.client().fetch_group_list(Some(&group), PATIENCE).unwrap();
        let stable = list.groups().iter().find(|found| found.state() == "Stable");
        stable.map_or(0, |group| group.members().len())
    }

    /// What the brokers keep of a topic, and how many partitions it has.
    pub(crate) async fn describe(&self, topic: &str) -> Option<(String, usize)> {
        let (topic, observer) = (self.kafka.topic(topic), self.observer());
        let all = observer.fetch_metadata(None, PATIENCE).unwrap();
        let partitions =
            all.topics().iter().find(|found| found.name() == topic)?.partitions().len();
        let resource = ResourceSpecifier::Topic(&topic);
        let described = self.admin().describe_configs([&resource], &options()).await.unwrap();
        let config = described.into_iter().next()?.ok()?;
        Some((config.get("cleanup.policy")?.value.clone()?, partitions))
    }
}

fn options() -> AdminOptions {
    AdminOptions::new().operation_timeout(Some(PATIENCE)).request_timeout(Some(PATIENCE))
}
