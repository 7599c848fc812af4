//! Projections fed by a real broker: whatever happens to members, records and partitions, the rows are
//! those that the log makes.

#![expect(clippy::panic, clippy::unwrap_used, reason = "a failed step is a failed test")]

#[path = "../projections/history.rs"]
mod history;
mod landing;
mod member;
#[path = "../projections/tables.rs"]
mod tables;
mod topic;
