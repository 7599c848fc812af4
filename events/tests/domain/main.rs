//! The domain from outside: its tables, its laws, and the samples of what it has ever stored.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a failed step is a failed test")]

mod bans;
mod golden;
mod ids;
mod laws;
mod legality;
mod names;
mod permissions;
mod personal;
mod reports;
mod schemas;
mod states;
mod support;
mod text;
mod time;
mod upcast;
