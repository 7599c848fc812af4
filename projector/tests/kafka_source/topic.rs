//! A topic of its own for each test, and a relay that does what it is told.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;

use event_log::{LogId, LogReader, Position, RecordedEvent};
use projector::KafkaConfig;
use projector::kafka::Source;
use projector::kafka::config::EVENTS;
use projector::kafka::message::Message;
use rdkafka::ClientConfig;
use rdkafka::admin::{AdminClient, AdminOptions, NewPartitions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::message::{Header, OwnedHeaders};
use rdkafka::producer::{FutureProducer, FutureRecord, Producer};
use sqlx::PgPool;
use testing::kafka::{brokers, prefix};

/// Longer than any answer of the broker.
const PATIENCE: Duration = Duration::from_secs(20);

/// A topic of events, and what is sent to it.
pub(crate) struct Topic {
    pub(crate) config: KafkaConfig,
    name: String,
    admin: AdminClient<DefaultClientContext>,
    producer: FutureProducer,
    /// The live stream of each event stream, by the event that began it.
    live_streams: Mutex<HashMap<String, String>>,
}

impl Topic {
    /// A new one with this many partitions, on the broker that all tests share.
    pub(crate) async fn create(partitions: i32) -> Self {
        Self::on(&brokers(), partitions).await
    }

    /// A new one there.
    pub(crate) async fn on(brokers: &str, partitions: i32) -> Self {
        let config = KafkaConfig {
            brokers: Some(brokers.to_owned()),
            topic_prefix: prefix(),
            partitions,
            source: Source::Kafka,
            session_timeout: 2,
            ..KafkaConfig::default()
        };
        let mut client = ClientConfig::new();
        client.set("bootstrap.servers", brokers).set("linger.ms", "1");
        let topic = Self {
            name: config.topic(EVENTS),
            config,
            admin: client.create().unwrap(),
            producer: client.create().unwrap(),
            live_streams: Mutex::default(),
        };
        topic.make(partitions).await;
        topic
    }

    async fn make(&self, partitions: i32) {
        let topic = NewTopic::new(&self.name, partitions, TopicReplication::Fixed(1));
        let options = AdminOptions::new().operation_timeout(Some(PATIENCE));
        for made in self.admin.create_topics(&[topic], &options).await.unwrap() {
            made.unwrap();
        }
    }

    /// Makes it anew, empty.
    pub(crate) async fn make_again(&self, partitions: i32) {
        let options = AdminOptions::new().operation_timeout(Some(PATIENCE));
        for gone in self.admin.delete_topics(&[&self.name], &options).await.unwrap() {
            gone.unwrap();
        }
        testing::eventually("the topic to be gone", async || {
            let topic = NewTopic::new(&self.name, partitions, TopicReplication::Fixed(1));
            let made = self.admin.create_topics(&[topic], &options).await.unwrap();
            made.iter().all(Result::is_ok).then_some(())
        })
        .await;
    }

    /// Has it have more partitions.
    pub(crate) async fn grow(&self, partitions: usize) {
        let options = AdminOptions::new().operation_timeout(Some(PATIENCE));
        let more = NewPartitions::new(&self.name, partitions);
        for grown in self.admin.create_partitions(&[more], &options).await.unwrap() {
            grown.unwrap();
        }
    }

    /// Deletes the records of every partition that stand before its end.
    pub(crate) async fn forget(&self, partitions: i32) {
        let options = AdminOptions::new().operation_timeout(Some(PATIENCE));
        let mut ends = rdkafka::TopicPartitionList::new();
        for partition in 0..partitions {
            let end = rdkafka::Offset::End;
            ends.add_partition_offset(&self.name, partition, end).unwrap();
        }
        let gone = self.admin.delete_records(&ends, &options).await.unwrap();
        for element in gone.elements() {
            element.error().unwrap();
        }
    }

    /// Sends what `log` holds after `after` up to its end, and waits until the broker has it. Where it
    /// ended.
    pub(crate) async fn send_after(&self, log: &dyn LogReader, after: Position) -> Position {
        let mut last = after;
        loop {
            let page = log.read_all(last, 1000).await.unwrap();
            for event in &page.events {
                last = event.position;
                self.send(event.clone());
            }
            if page.caught_up {
                break;
            }
        }
        let producer = self.producer.clone();
        tokio::task::spawn_blocking(move || producer.flush(PATIENCE).unwrap()).await.unwrap();
        last
    }

    /// Does what the relay does: sends what is new, and notes how far it came.
    pub(crate) async fn relay(&self, log: &dyn LogReader, pool: &PgPool) -> Position {
        let after = relayed(pool).await;
        let last = self.send_after(log, after).await;
        note(pool, log, last).await;
        last
    }

    /// Sends an event.
    pub(crate) fn send(&self, event: RecordedEvent) {
        let key = self.live_stream(&event);
        let value = serde_json::to_string(&Message::published(event).unwrap()).unwrap();
        self.send_raw(&key, Some(&value), &[]);
    }

    /// Sends anything.
    pub(crate) fn send_raw(&self, key: &str, value: Option<&str>, headers: &[(&str, &str)]) {
        let mut with = OwnedHeaders::new();
        for &(key, value) in headers {
            with = with.insert(Header { key, value: Some(value) });
        }
        let mut record = FutureRecord::to(&self.name).key(key).headers(with);
        record.payload = value;
        drop(self.producer.send_result(record).map_err(|(error, _)| error).unwrap());
    }

    fn live_stream(&self, event: &RecordedEvent) -> String {
        let data: serde_json::Value = serde_json::from_str(event.data.get()).unwrap();
        let mut known = self.live_streams.lock().unwrap();
        if let Some(live_stream) = data["liveStreamId"].as_str() {
            known.insert(event.stream.clone(), live_stream.to_owned());
        }
        known.get(&event.stream).unwrap_or(&event.stream).clone()
    }
}

/// How far the relay has come.
pub(crate) async fn relayed(pool: &PgPool) -> Position {
    let position: Option<i64> =
        sqlx::query_scalar("SELECT position FROM reactors.checkpoints WHERE name = 'relay'")
            .fetch_optional(pool)
            .await
            .unwrap();
    Position(position.unwrap_or_default().unsigned_abs())
}

/// Notes that the relay has come to `position` of `log`.
pub(crate) async fn note(pool: &PgPool, log: &dyn LogReader, position: Position) {
    let log = LogId::read(log).await.unwrap();
    sqlx::query(
        "INSERT INTO reactors.checkpoints (name, position, log_id) VALUES ('relay', $1, $2)
         ON CONFLICT (name) DO UPDATE SET position = excluded.position, log_id = excluded.log_id",
    )
    .bind(i64::try_from(position.0).unwrap())
    .bind(log.as_ref().map(LogId::as_str))
    .execute(pool)
    .await
    .unwrap();
}
