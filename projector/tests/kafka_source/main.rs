//! Projections fed by a real broker: whatever happens to members, records and partitions, the rows are
//! those that the log makes.

#![expect(clippy::panic, clippy::unwrap_used, reason = "a failed step is a failed test")]
mod foreign;
#[path = "../projections/history.rs"]
#[expect(dead_code, reason = "not all of it is needed here")]
mod history;
#[path = "../projections/keys.rs"]
mod keys;
mod killed;
mod landing;
mod lost;
mod member;
mod members;
mod outage;
mod process;
#[path = "../projections/sealed.rs"]
mod sealed;
#[path = "../projections/story.rs"]
mod story;
mod switch;
#[path = "../projections/tables.rs"]
mod tables;
mod texts;
mod topic;
mod world;
