//! Kafka: events out of the log, snapshots of the platform's users and live streams in.
//!
//! [`message`] is what an event looks like on the way, [`config`] how the brokers are reached.
//! [`schemas`] and [`asyncapi`] describe both to those at the other end.

pub mod asyncapi;
pub mod config;
pub mod message;
pub mod schemas;

pub use config::{KafkaConfig, Source};
