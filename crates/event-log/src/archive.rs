//! A log as one file: what another installation can load, and whoever has it can verify.
//!
//! Lines of JSON, each ended by a line break. The first is the [`Header`]; then one
//! [canonical entry](crate::canonical) per event, in log order, byte for byte what is hashed; the last is
//! `{"end":{"events":…,"rootHash":…,"checkpoint":…}}`: how many there are, the base64 of the root of the
//! Merkle tree (RFC 9162) over all of them, and the newest signed checkpoint that covers no more than
//! them, if there is one. A file without its last line is incomplete.
//!
//! Writing and reading take one event at a time, so a log of any size passes through little memory. The
//! file may be compressed with zstd.

mod dump;
mod error;
mod file;
mod line;
mod reader;
mod root;
mod writer;

use serde::{Deserialize, Serialize};

pub use dump::{DumpError, dump};
pub use error::{ArchiveError, Fault};
pub use file::{Consumed, Draft, create, open};
pub use reader::Reader;
pub use root::Root;
pub use writer::Writer;

/// What every archive names itself in its first line.
pub const FORMAT: &str = "docket-dump";

/// The form of archive that is written, and the only one that is read.
pub const VERSION: u32 = 1;

/// How a log numbers its events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Positions {
    /// 1, 2, 3, and so on: one that is missing shows.
    Dense,
    /// Each greater than the one before.
    Increasing,
}

/// The first line of an archive. Later programs may say more there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// [`FORMAT`].
    pub format: String,
    /// [`VERSION`].
    pub version: u32,
    /// How the log that was written numbers its events.
    pub positions: Positions,
}

/// What the last line of an archive says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Summary {
    /// How many events there are.
    pub events: u64,
    /// Base64 of the root of the Merkle tree over them.
    pub root_hash: String,
    /// The newest signed checkpoint that covers no more than these events: a signed note.
    pub checkpoint: Option<String>,
}

/// The last line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct End {
    end: Summary,
}
