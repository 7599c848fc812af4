use crate::kafka::config::KafkaConfig;
use rdkafka::ClientConfig;
pub(super) fn config(config: &KafkaConfig) -> ClientConfig {
    let mut c = ClientConfig::new();
    c.set("bootstrap.servers", config.brokers.as_deref().unwrap_or_default());
    c
}
