//! Kafka: events out of the log, snapshots of the platform's users and live streams in.
//!
//! [`message`] is what an event looks like on the way, [`config`] how the brokers are reached.
//! [`schemas`] and [`asyncapi`] describe both to those at the other end.

pub mod asyncapi;
mod client;
pub mod config;
mod ending;
mod lag;
pub mod message;
mod reach;
mod relay;
mod run;
pub mod schemas;

pub use client::ClientError;
pub use config::{KafkaConfig, Source};
pub use relay::Relay;
pub use run::run;
