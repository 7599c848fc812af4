//! The shapes of the Allmine dialect (contract §3) that commands and queries answer alike.
//!
//! A command answers from the state that it folded, a query from its tables; both go through
//! [`Ban::of`] and [`Report::of`], so that the same ban looks the same wherever it is met. To add a
//! field: add it here, and the compiler names the places that must fill it.
//!
//! **Architecture Invariant:** nothing here reads or decides anything; parts come in, a shape goes out.

mod ban;
mod report;
mod user;

pub use ban::Ban;
pub use report::{LiveStreamSummary, People, Report, ReportMetadata};
pub use user::{ProfilePhoto, UserSummary};
