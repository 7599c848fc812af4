//! How Kafka is reached, and what it is used for.

use clap::{Args, ValueEnum};

/// Kafka, where there is one.
#[derive(Debug, Clone, Args)]
pub struct KafkaConfig {
    /// Brokers to begin with: `host:port`, separated by commas, reached without TLS and SASL, which are
    /// not built in. `KAFKA_BROKERS`, default none: nothing is relayed and nothing comes in.
    #[arg(long = "kafka-brokers", env = "KAFKA_BROKERS", value_name = "ADDRESSES")]
    pub brokers: Option<String>,
    /// Stands before the name of every topic and consumer group, so that several installations can
    /// share brokers. `KAFKA_TOPIC_PREFIX`, default none.
    #[arg(
        long = "kafka-topic-prefix",
        env = "KAFKA_TOPIC_PREFIX",
        default_value = "",
        hide_default_value = true,
        value_name = "TEXT"
    )]
    pub topic_prefix: String,
    /// Partitions of a topic that is not there yet and is made. `KAFKA_PARTITIONS`, default 12.
    #[arg(
        long = "kafka-partitions",
        env = "KAFKA_PARTITIONS",
        default_value_t = 12,
        value_parser = clap::value_parser!(i32).range(1..=1000),
        value_name = "COUNT"
    )]
    pub partitions: i32,
    /// Replicas of a topic that is not there yet and is made. `KAFKA_REPLICATION`, default what the
    /// brokers are set to.
    #[arg(
        long = "kafka-replication",
        env = "KAFKA_REPLICATION",
        value_parser = clap::value_parser!(i32).range(1..=100),
        value_name = "COUNT"
    )]
    pub replication: Option<i32>,
    /// Where the projections get their events. `PROJECTOR_SOURCE`, default `log`.
    #[arg(
        long = "projector-source",
        env = "PROJECTOR_SOURCE",
        value_enum,
        default_value_t = Source::Log,
        value_name = "SOURCE"
    )]
    pub source: Source,
}

/// Where projections get their events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Source {
    /// From the log, in its order: one instance is at work on each projection.
    Log,
    /// From `moderation.events.v1`: the instances share its partitions.
    Kafka,
}

/// Every event of the log, relayed.
pub const EVENTS: &str = "moderation.events.v1";
/// The platform's users.
pub const USERS: &str = "platform.users.v1";
/// The platform's live streams.
pub const LIVE_STREAMS: &str = "platform.live-streams.v1";

/// No Kafka.
impl Default for KafkaConfig {
    fn default() -> Self {
        Self {
            brokers: None,
            topic_prefix: String::new(),
            partitions: 12,
            replication: None,
            source: Source::Log,
        }
    }
}

impl KafkaConfig {
    /// The topic's name on these brokers.
    pub fn topic(&self, name: &str) -> String {
        format!("{}{name}", self.topic_prefix)
    }
}
