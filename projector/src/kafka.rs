//! Kafka: events out of the log, snapshots of the platform's users and live streams in.
//!
//! [`message`] is what an event looks like on the way, [`config`] how the brokers are reached,
//! [`run_from_kafka`] feeds projections from the topic instead of the log.

pub mod config;
pub mod message;
mod source;

pub use config::{KafkaConfig, NoBrokers, Source};
pub use source::run_from_kafka;
