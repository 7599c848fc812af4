//! An append-only event log: one port, several engines, one contract suite.
//!
//! [`LogReader`] reads and cannot append; [`EventLog`] does both. [`memory::MemoryLog`] is for tests,
//! [`postgres`] for one machine, `eventstore` (a feature, on by default) for those who outgrow it.
//! [`batcher`] is what lets many callers share one statement.
//!
//! To add an engine: implement both traits in one file and pass the suite in `tests/contract` with a
//! three-line test file.
//!
//! **Architecture Invariant:** the log knows nothing of what its events mean.

pub mod archive;
pub mod batcher;
pub mod canonical;
mod copy;
mod engine;
#[cfg(feature = "eventstore")]
pub mod eventstore;
mod log_id;
pub mod memory;
mod port;
pub mod postgres;
mod tail;
pub mod tree;

pub use copy::{Copied, CopyError, copy};
pub use engine::{EngineError, check_address, load, open, open_reader, positions};
pub use log_id::LogId;
pub use port::{
    AppendOutcome, EventLog, Expected, LogError, LogReader, MOST_RAW, NewEvent, Page, Position,
    PositionError, RecordedEvent, SharedError, StreamName,
};
