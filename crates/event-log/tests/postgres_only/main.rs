//! What only the PostgreSQL engine promises.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "everything here is test code, also what is shared by several tests"
)]

mod batches;
mod faults;
#[path = "../contract/given.rs"]
mod given;
mod immutability;
mod model;
mod server;
mod tampered;
mod visibility;
