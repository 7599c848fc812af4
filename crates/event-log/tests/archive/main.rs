//! A log becomes a file, and a file a log.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "everything here is test code, also what is shared by several tests"
)]

mod broken;
#[path = "../contract/given.rs"]
#[expect(dead_code, reason = "not all of it is needed here")]
mod given;
mod loading;
mod refused;
mod round_trip;
mod sample;
