//! The pages in a real browser, used as their users use them.
//!
//! A test starts a [`world::World`], opens a [`page::Page`] in it, does what a person would do, and ends with
//! [`page::Page::close`], which fails if the browser had anything to complain about. Nothing here waits for time
//! to pass: [`page::Page::see`] and its like wait for what they name.
#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a failed step of a test is a failed test"
)]

#[path = "../docket/api.rs"]
#[expect(dead_code, reason = "shared with the tests that need more of it")]
mod api;
mod assets;
mod audit;
mod bans;
mod checks;
mod documentation;
mod live_streams;
mod page;
mod queue;
mod sign_in;
mod statistics;
#[path = "../docket/support.rs"]
#[expect(dead_code, reason = "shared with the tests that need more of it")]
mod support;
mod world;
