//! Projections fed by a real broker: whatever happens to members, records and partitions, the rows are
//! those that the log makes.

#![expect(clippy::panic, clippy::unwrap_used, reason = "a failed step is a failed test")]
mod foreign;
#[path = "../projections/history.rs"]
#[expect(dead_code, reason = "not all of it is needed here")]
mod history;
mod killed;
mod landing;
mod lost;
mod member;
mod members;
mod outage;
mod process;
#[path = "../projections/story.rs"]
mod story;
mod switch;
#[path = "../projections/tables.rs"]
mod tables;
mod topic;
mod world;
