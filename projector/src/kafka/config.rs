//! How Kafka is reached, and what it is used for.

use clap::builder::NonEmptyStringValueParser;
use clap::{Args, ValueEnum};

/// Kafka, where there is one.
#[derive(Debug, Clone, Args)]
pub struct KafkaConfig {
    /// Brokers to begin with: `host:port`, separated by commas, reached without TLS and SASL, which are
    /// not built in. `KAFKA_BROKERS`, default none: nothing is relayed and nothing comes in.
    #[arg(
        long = "kafka-brokers",
        env = "KAFKA_BROKERS",
        value_parser = NonEmptyStringValueParser::new(),
        value_name = "ADDRESSES"
    )]
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
    /// Seconds after which a projector that is fed by Kafka and is not heard from counts as dead, and
    /// its partitions go to others. `KAFKA_SESSION_TIMEOUT`, default 10.
    #[arg(
        long = "kafka-session-timeout",
        env = "KAFKA_SESSION_TIMEOUT",
        default_value_t = 10,
        value_parser = clap::value_parser!(u64).range(1..=600),
        value_name = "SECONDS"
    )]
    pub session_timeout: u64,
}

/// Where projections get their events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Source {
    /// From the log, in its order: one instance is at work on each projection.
    Log,
    /// From `moderation.events.v1`: the instances share its partitions.
    Kafka,
}

/// Projections are to be fed by Kafka, and it is not said where that is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("PROJECTOR_SOURCE=kafka needs KAFKA_BROKERS")]
pub struct NoBrokers;

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
            session_timeout: 10,
        }
    }
}

impl KafkaConfig {
    /// Refuses what cannot be: projections that Kafka feeds, without Kafka.
    pub fn check(&self) -> Result<(), NoBrokers> {
        match (self.source, &self.brokers) {
            (Source::Kafka, None) => Err(NoBrokers),
            (Source::Kafka, Some(_)) | (Source::Log, _) => Ok(()),
        }
    }

    /// The name of the consumer group of a projection.
    pub fn group(&self, projection: &str) -> String {
        format!("{}docket-projector-{projection}", self.topic_prefix)
    }

    /// The topic's name on these brokers.
    pub fn topic(&self, name: &str) -> String {
        format!("{}{name}", self.topic_prefix)
    }
}
