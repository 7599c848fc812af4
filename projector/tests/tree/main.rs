//! The tree over the log and its checkpoints, on a real database.
#![expect(clippy::panic, clippy::unwrap_used, reason = "a failed step of a test is a failed test")]

mod growing;
#[path = "../projections/history.rs"]
#[expect(dead_code, reason = "not all of it is needed here")]
mod history;
#[path = "../projections/keys.rs"]
mod keys;
mod kills;
mod refusing;
mod rotating;
#[path = "../projections/sealed.rs"]
mod sealed;
mod signing;
mod speed;
mod world;
