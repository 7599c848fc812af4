//! The read side over real HTTP: events go into a real log, the projector turns them into tables, and
//! whole answers are asserted.

#![expect(clippy::panic, clippy::unwrap_used, reason = "a failed step is a failed test")]

mod access;
mod audit;
mod audit_log;
mod ban;
mod ban_list;
mod cursors;
mod dashboard;
mod erased;
mod feed;
mod freshness;
mod groups;
mod opened;
mod outage;
mod permissions;
mod plans;
mod push;
mod reports;
mod statistics;
mod support;
