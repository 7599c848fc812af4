//! A server that speaks EventStoreDB's protocol, and fails when told to.
//!
//! There is no EventStoreDB that could be started from a test. This crate serves the published
//! protocol, compiled from the very files that the client is made of, over a real socket:
//!
//! - `Streams.Append` with expected revisions, and with EventStoreDB's idempotency: the same event
//!   ids at the place expected succeed again, with the position that they have;
//! - `Streams.Read` of streams and of `$all`, forwards, backwards, from anywhere, and subscriptions;
//! - `Gossip.Read` of a cluster whose nodes share one log; `ServerFeatures` as a server without it.
//!
//! Revisions of a stream are dense, positions are not, and events of `$`-streams lie between the
//! others. Everything is in memory, and outlives [`StandIn::restart`]. What goes wrong is up to the
//! test: see [`StandIn`]'s methods.
//!
//! What it takes from a server's behaviour beyond the protocol's text (which answers mean what, what
//! counts as a repetition, that a position which no event has is refused) is written at the place.
//! It is no EventStoreDB: no deletion, no metadata of streams, no links, no persistence, no TLS.
//!
//! **Architecture Invariant:** no product code depends on this crate.

mod append;
mod connections;
mod faults;
mod filter;
pub mod protocol;
mod read;
mod service;
mod stand_in;
mod store;
mod subscription;
mod uuid;

pub use stand_in::StandIn;
