//! What only the EventStoreDB engine promises.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "everything here is test code, also what is shared by several tests"
)]

mod cluster;
mod content;
mod faults;
#[path = "../contract/given.rs"]
mod given;
mod ids;
mod limits;
mod processes;
mod reading;
mod secrets;
mod server;
mod starting;
mod storm;
mod tail;
