//! The Allmine dialect's queries (contract §3 and §6): parameters in, shapes out.
//!
//! A file here is named after the path that it serves. A handler parses, asks its use case and shows
//! what it found; it holds no rule, no permission and no SQL.

pub mod access;
pub mod audit;
pub mod bans;
pub mod documents;
pub mod feed;
pub(crate) mod parameters;
pub mod reports;
pub mod statistics;
