//! The projections against a real PostgreSQL: given events, these rows; and through whatever
//! happens to a process, the same rows.

#![expect(clippy::panic, clippy::unwrap_used, reason = "a failed step is a failed test")]

mod bans;
mod commands;
mod erased;
mod erasure;
mod history;
mod history_index;
mod interleaved;
mod keys;
mod opened;
mod order;
mod outage;
mod pages;
mod parked;
mod rebuild;
mod reports;
mod running;
mod sealed;
mod statistics;
mod story;
mod tables;
mod verify;
