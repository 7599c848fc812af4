//! The end of the log as it grows: what subscribers get, and what they are told when they cannot get it.

#![expect(clippy::unwrap_used, reason = "a failed step is a failed test")]

mod completed;
mod missed;
mod scene;
