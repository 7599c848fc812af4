//! What can be wrong with an archive.

use std::fmt;
use std::io;

use super::{FORMAT, VERSION};

/// An archive that cannot be read, and where.
#[derive(Debug, thiserror::Error)]
#[error("line {line} of the archive")]
pub struct ArchiveError {
    /// Which line, from 1.
    pub line: u64,
    /// What is wrong with it.
    #[source]
    pub fault: Fault,
}

/// What is wrong with a line of an archive.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The file is something else.
    #[error("this is no {FORMAT}")]
    Foreign,
    /// Another program's form of archive.
    #[error("version {0} of the format is not known here, only version {VERSION}")]
    Version(u32),
    /// The file cannot be read, or what it was compressed with says that it is damaged.
    #[error("it cannot be read")]
    Unreadable(#[source] io::Error),
    /// The file ends before its last line does.
    #[error(
        "the file ends here, without the line that says how many events there are: it is incomplete"
    )]
    Cut,
    /// A line that no event makes.
    #[error("it is longer than any event")]
    TooLong,
    /// It is no entry and no last line.
    #[error("it is no event")]
    Malformed(#[source] serde_json::Error),
    /// The same event has another form.
    #[error("it is not the canonical form of an event")]
    NotCanonical,
    /// An event does not stand where it must.
    #[error("position {found} where {expected} belongs")]
    Position {
        /// What it says.
        found: u64,
        /// What it must say.
        expected: Expectation,
    },
    /// The last line counts otherwise.
    #[error("it says that there are {said} events, and there are {found}")]
    Count {
        /// What it says.
        said: u64,
        /// What is there.
        found: u64,
    },
    /// The events are not those that were written.
    #[error("it says that the root hash is {said}, and it is {found}")]
    RootHash {
        /// What it says.
        said: String,
        /// What the events come to.
        found: String,
    },
    /// There is more after the end.
    #[error("something follows the last line")]
    Trailing,
}

/// Which position a log has next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expectation {
    /// This one.
    Exactly(u64),
    /// A greater one.
    Above(u64),
}

impl Expectation {
    /// Whether `position` will do.
    pub(super) fn is_met_by(self, position: u64) -> bool {
        match self {
            Self::Exactly(expected) => position == expected,
            Self::Above(last) => position > last,
        }
    }
}

impl fmt::Display for Expectation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exactly(position) => position.fmt(f),
            Self::Above(position) => write!(f, "one above {position}"),
        }
    }
}
