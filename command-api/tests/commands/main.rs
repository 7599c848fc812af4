//! Commands over real HTTP, on a real database: what clients see, and what the log then holds.

mod bad_input;
mod bans;
mod degraded;
mod directory;
mod expiry;
mod google_client;
mod idempotency;
mod race;
mod reports;
mod statements;
mod support;
mod youtube;
