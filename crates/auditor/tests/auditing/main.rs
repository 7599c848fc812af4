//! The program, over logs that were tampered with in every way: from a server, and from an archive.
#![expect(clippy::unwrap_used, reason = "a failed step of a test is a failed test")]

mod archives;
mod checkpoints;
mod history;
mod illegal;
mod place;
mod servers;
mod sizes;
mod tampering;
