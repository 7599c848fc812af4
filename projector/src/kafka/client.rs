//! How brokers are spoken to.
//!
//! **Architecture Invariant:** nothing here waits without limit, and no call that blocks runs on a
//! thread of the runtime. TLS and SASL would bring OpenSSL and are not built in: brokers are reached
//! over a network that is trusted, or through a proxy that encrypts.

use std::time::Duration;

use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::ConsumerContext;
use rdkafka::error::KafkaError;
use rdkafka::types::RDKafkaErrorCode;
use rdkafka::{ClientConfig, ClientContext};

use super::config::KafkaConfig;
use super::ending::Ending;

/// How a client tells our logs what it meets. Outages are told by whoever suffers from them, once, and
/// not by every attempt to connect.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Logs;

impl ClientContext for Logs {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        match level {
            // That a setting is experimental is known to the one who chose it.
            _ if facility == "CONFWARN" => {}
            RDKafkaLogLevel::Emerg
            | RDKafkaLogLevel::Alert
            | RDKafkaLogLevel::Critical
            | RDKafkaLogLevel::Error => tracing::warn!(facility, message, "Kafka's client"),
            RDKafkaLogLevel::Warning
            | RDKafkaLogLevel::Notice
            | RDKafkaLogLevel::Info
            | RDKafkaLogLevel::Debug => tracing::debug!(facility, message, "Kafka's client"),
        }
    }

    fn error(&self, error: KafkaError, reason: &str) {
        tracing::debug!(%error, reason, "Kafka's client");
    }
}

impl ConsumerContext for Logs {}

/// How long brokers may take to make a topic.
const CREATION: Duration = Duration::from_secs(10);

/// Why Kafka could not be used.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// A client could not be made, or the brokers refused or did not answer.
    #[error("Kafka failed")]
    Kafka(#[from] KafkaError),
    /// The topic could not be made.
    #[error("topic {topic} cannot be created: {code}")]
    Topic {
        /// Its whole name.
        topic: String,
        /// What the brokers say.
        code: RDKafkaErrorCode,
    },
}

/// What a topic is like that is made because it is not there.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Topic {
    /// Its name without the prefix.
    pub(crate) name: &'static str,
    /// Its settings on the brokers, beside partitions and replicas.
    pub(crate) settings: &'static [(&'static str, &'static str)],
}

/// Every event, kept for ever: whoever builds tables from the topic can begin at its beginning.
pub(crate) const EVENTS: Topic =
    Topic { name: super::config::EVENTS, settings: &[("retention.ms", "-1")] };

/// The settings of every client; `role` says in the brokers' logs who it is.
pub(crate) fn config(kafka: &KafkaConfig, role: &str) -> ClientConfig {
    let mut config = ClientConfig::new();
    config
        .set("bootstrap.servers", kafka.brokers.as_deref().unwrap_or_default())
        .set("client.id", format!("docket-{role}"))
        .set("allow.auto.create.topics", "false")
        .set("socket.timeout.ms", "10000")
        .set("socket.keepalive.enable", "true")
        .set("reconnect.backoff.max.ms", "2000")
        // A broker that is gone is told once by the one who needs it, not by every attempt.
        .set("log.connection.close", "false");
    config
}

/// Makes the topic, unless it is there; one that is stays as it is.
pub(crate) async fn ensure_topic(kafka: &KafkaConfig, topic: Topic) -> Result<(), ClientError> {
    let admin: AdminClient<Logs> = config(kafka, "admin").create_with_context(Logs)?;
    let admin = Ending::new(admin);
    let name = kafka.topic(topic.name);
    let replication = TopicReplication::Fixed(kafka.replication.unwrap_or(-1));
    let mut wanted = NewTopic::new(&name, kafka.partitions, replication);
    for (setting, value) in topic.settings {
        wanted = wanted.set(setting, value);
    }
    let options =
        AdminOptions::new().operation_timeout(Some(CREATION)).request_timeout(Some(CREATION));
    for created in admin.create_topics([&wanted], &options).await? {
        match created {
            Ok(name) => {
                tracing::info!(topic = name, partitions = kafka.partitions, "topic created");
            }
            Err((_, RDKafkaErrorCode::TopicAlreadyExists)) => {}
            Err((topic, code)) => return Err(ClientError::Topic { topic, code }),
        }
    }
    Ok(())
}
