//! The whole of Docket as its users meet it: the `docket` binary, its HTTP, its demo.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a failed step is a failed test"
)]

mod errors;
mod kill;
mod openapi;
mod support;
mod trail;
