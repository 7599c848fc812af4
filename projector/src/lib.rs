//! The log turned into tables.
//!
//! A [`Projection`] takes events in; [`run()`] keeps all of them in step with the log,
//! [`rebuild()`] makes one anew while it is read, [`verify()`] replays the log and compares,
//! [`retry_parked()`] takes in what could not be taken before.
//!
//! To add a projection: its tables in a new migration, one file in `projections/` that implements
//! [`Projection`], one line in [`projections::all`], its rows asserted in `tests/`. To change what
//! the same events make of it: count its `version` up, and the next start rebuilds it. To change
//! its columns: a migration that the present program can live with as well, then the version.
//!
//! **Architecture Invariant:** a projection has no side effect but its own tables' rows, which move
//! together with its checkpoint, and it reads neither clock nor chance nor another projection. What
//! acts on the world is no projection and is never replayed.

mod checkpoint;
mod cli;
mod digest;
mod error;
pub mod kafka;
mod land;
mod opening;
mod page;
mod parked;
mod partitions;
mod patience;
mod privacy;
mod projection;
pub mod projections;
pub mod reactor;
mod rebuild;
mod retry;
mod run;
mod schema;
mod serve;
mod session;
mod tables;
pub mod tree;
mod verify;

pub use cli::{Cli, CliError, Command, execute};
pub use digest::{Digest, digests};
pub use error::{ApplyError, ProjectorError};
pub use kafka::KafkaConfig;
pub use projection::{LoggedEvent, Projection, UndecodableEvent};
pub use projections::all;
pub use rebuild::{rebuild, rebuild_with};
pub use retry::{Retried, retry_parked};
pub use run::{Projector, run};
pub use serve::{Config, ServeError, serve};
pub use tree::{CheckpointConfig, CheckpointConfigError};
pub use verify::{Difference, Row, Verification, verify, verify_with};
