//! Commands over real HTTP, on a real database: what clients see, and what the log then holds.

#![expect(clippy::panic, clippy::unwrap_used, reason = "a test that cannot start has failed")]

mod bad_input;
mod bans;
mod broken_streams;
mod causes;
mod degraded;
mod directory;
mod expiry;
mod google_client;
mod idempotency;
mod lost_answers;
mod privacy;
mod process;
mod race;
mod reports;
mod rotation;
mod sealing;
mod snapshots;
mod statements;
mod support;
mod youtube;
mod youtube_errors;
