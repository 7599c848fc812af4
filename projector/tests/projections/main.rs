//! The projections against a real PostgreSQL: given events, these rows; and through whatever happens
//! to a process, the same rows.

mod bans;
mod history;
mod order;
mod outage;
mod pages;
mod parked;
mod rebuild;
mod reports;
mod running;
mod statistics;
mod tables;
