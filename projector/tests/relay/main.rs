//! The relay, on a real broker.
#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a failed step of a test is a failed test"
)]

#[path = "../projections/history.rs"]
#[expect(dead_code, reason = "not all of it is needed here")]
mod history;
#[path = "../projections/keys.rs"]
mod keys;
mod kills;
mod outage;
mod records;
mod relaying;
#[path = "../projections/sealed.rs"]
mod sealed;
mod succession;
mod topic;
