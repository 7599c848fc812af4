//! The edge as its clients see it: requests in, whole answers out.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a helper of a test fails like the test")]

mod authorization;
mod bodies;
mod catalogue;
mod clients;
mod configuration;
mod documentation;
mod edge;
mod fields;
mod jwks;
mod keys;
mod limits;
mod observability;
mod problems;
mod support;
mod tokens;
mod youtube;
