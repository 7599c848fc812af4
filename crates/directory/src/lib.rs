//! Users and live streams as their platform last described them, in PostgreSQL.
//!
//! [`put_users`] and [`put_live_streams`] take snapshots in, [`remove_users`] and [`remove_live_streams`]
//! what the platform has removed; [`parse`] reads a snapshot's JSON. Whatever the order they come in, the
//! one with the latest `updatedAt` stays.
//!
//! To add a member to a snapshot: the struct in `events::snapshot`, its line in `parse/`, its column here and in
//! a migration.
//!
//! **Architecture Invariant:** nothing here connects, begins or commits: the caller says with what else the
//! rows move. Every change is one statement, and touches its rows in the order of their ids where it can, so
//! that two of them wait for each other instead of locking each other out.

mod latest;
mod live_streams;
pub mod parse;
mod users;

pub use live_streams::{put_live_streams, remove_live_streams};
pub use users::{put_users, remove_users};

/// What became of snapshots or removals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Applied {
    /// So many are what the directory has now.
    pub applied: u64,
    /// So many changed nothing: they were older than what it had, or than another of the same call.
    pub ignored: u64,
}

impl Applied {
    fn of(applied: u64, given: usize) -> Self {
        Self { applied, ignored: (given as u64).saturating_sub(applied) }
    }
}

impl std::ops::AddAssign for Applied {
    fn add_assign(&mut self, other: Self) {
        self.applied += other.applied;
        self.ignored += other.ignored;
    }
}
