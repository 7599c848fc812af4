//! Kafka: events out of the log, snapshots of the platform's users and live streams in.
//!
//! [`message`] is what an event looks like on the way, [`config`] how the brokers are reached.
//! [`schemas`] and [`asyncapi`] describe both to those at the other end. [`project`] feeds projections
//! from the log or from the topic of events, whichever is asked for.

pub mod asyncapi;
mod client;
pub mod config;
mod directory;
mod ending;
mod lag;
pub mod message;
mod project;
mod reach;
mod relay;
mod run;
pub mod schemas;
mod source;
mod withheld;

pub use client::ClientError;
pub use config::{KafkaConfig, NoBrokers, Source};
pub use project::project;
pub use relay::Relay;
pub use run::run;
