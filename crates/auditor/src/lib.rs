//! An independent check of a Docket's log: given where it is, or an archive of it, and the public key of
//! whoever signs it, is what is there what was signed, and could it have happened?
//!
//! A first pass over the entries computes the Merkle tree anew and follows every event stream
//! ([`sequence`]). Only when the tree is not the one that was signed or seen before, a second pass lays the
//! entries beside hashes that are proven ([`align`]) and tells which of them were changed, removed,
//! inserted or moved ([`diagnosis`]), and a third fetches the names of those.
//!
//! To add a check: where it concerns one entry, in [`entry`]; where it needs what came before, in
//! [`sequence`]. Say in one sentence what is wrong with which event.
//!
//! **Architecture Invariant:** depends on no crate of ours but `events`, so that the server's mistakes are
//! not repeated here. Nothing that was read from the log or its server is believed before it is proven.

pub mod align;
pub mod canonical;
pub mod checkpoint;
pub mod cli;
pub mod diagnosis;
pub mod dump;
pub mod entry;
pub mod finding;
pub mod ids;
pub mod report;
pub mod sequence;
pub mod server;
pub mod source;
pub mod state;
pub mod tiles;
pub mod tree;
pub mod verify;
