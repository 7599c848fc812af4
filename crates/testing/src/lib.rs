//! Test support: a database, tokens, a server, a small world to moderate.
//!
//! Everything here panics when it cannot do its job, because only tests call it.
//!
//! **Architecture Invariant:** no product code depends on this crate, and it depends on no service.

#![expect(
    clippy::expect_used,
    clippy::missing_panics_doc,
    clippy::panic,
    reason = "a test that cannot start has failed"
)]

mod database;
pub mod kafka;
pub mod openid;
mod seed;
mod serve;
pub mod tokens;
mod wait;

pub use database::Database;
pub use seed::{World, seed};
pub use serve::serve;
pub use wait::{eventually, wait_until};
