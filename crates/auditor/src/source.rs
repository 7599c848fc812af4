//! Where the log is read from: a server, or an archive.

use futures_util::StreamExt;
use futures_util::stream::{BoxStream, iter, once};
use tlog_tiles::Hash;

use crate::dump::{self, Dump, End};
use crate::entry::Entry;
use crate::server::{Refused, Server};
use crate::tree::WIDTH;

/// Runs of entries that are looked at beside one another.
const AT_ONCE: usize = 8;

/// Where the log is read from.
#[derive(Debug)]
pub enum Source {
    /// A running Docket.
    Server(Server),
    /// A file that `docket dump` made.
    Dump(Dump),
}

/// Why nothing could be checked, or not all of it.
#[derive(Debug, thiserror::Error)]
pub enum Unchecked {
    /// The server does not answer as it should.
    #[error(transparent)]
    Server(#[from] Refused),
    /// The archive cannot be read.
    #[error(transparent)]
    Dump(#[from] dump::DumpError),
    /// What was seen before cannot be read.
    #[error(transparent)]
    State(#[from] crate::state::StateError),
    /// There is nothing to check it against.
    #[error("the log has no checkpoint yet")]
    NoCheckpoint,
    /// There is no room to work in.
    #[error("cannot write to the folder of temporary files")]
    Temporary(#[from] std::io::Error),
    /// The work on some entries came to nothing.
    #[error("the check itself failed")]
    Crashed(#[from] tokio::task::JoinError),
}

/// Part of a log.
#[derive(Debug)]
pub enum Part {
    /// Entries in a row.
    Run(Run),
    /// What an archive says of itself at its end.
    End(End),
    /// An archive ends before its end.
    CutShort(String),
}

/// Entries in a row, and what the server's tree says of them.
#[derive(Debug)]
pub struct Run {
    /// The entries.
    pub entries: Vec<Bytes>,
    /// The hashes of the leaves; `None` where there is no tree.
    pub tile: Option<ServedTile>,
}

/// The bytes of an entry, and, once it was looked at, what it says.
#[derive(Debug)]
pub struct Bytes {
    /// As it was served.
    pub bytes: Box<[u8]>,
    /// What it says.
    pub entry: Entry,
}

/// A tile of leaf hashes.
#[derive(Debug)]
pub struct ServedTile {
    /// Which, as in the server's addresses.
    pub name: String,
    /// Its hashes; `None` when it is not served, or of another size.
    pub hashes: Option<Vec<Hash>>,
}

/// A part as it was read, before anybody looked at its entries.
#[derive(Debug)]
pub enum RawPart {
    /// Entries in a row.
    Run(Vec<Box<[u8]>>, Option<ServedTile>),
    /// The others.
    Other(Part),
}

impl RawPart {
    /// Reads each entry. Takes its time.
    fn read(self) -> Part {
        match self {
            Self::Other(part) => part,
            Self::Run(entries, tile) => {
                let read = |bytes: Box<[u8]>| Bytes { entry: Entry::of(&bytes), bytes };
                Part::Run(Run { entries: entries.into_iter().map(read).collect(), tile })
            }
        }
    }
}

/// The parts of a log.
pub type Parts<'a> = BoxStream<'a, Result<Part, Unchecked>>;

impl Source {
    /// Reads the log from its beginning, from a server as far as `size`. Entries are looked at on all
    /// processors and come in order.
    pub fn parts(&self, size: u64) -> Parts<'_> {
        let raw: BoxStream<'_, Result<RawPart, Unchecked>> = match self {
            Self::Server(server) => {
                let runs = iter((0..size.div_ceil(WIDTH)).map(move |n| server.run(n, size)));
                runs.buffered(AT_ONCE).map(|part| Ok(part?)).boxed()
            }
            Self::Dump(dump) => match dump.parts() {
                Ok(parts) => iter(parts.map(|part| Ok(part?))).boxed(),
                Err(error) => once(async { Err(error.into()) }).boxed(),
            },
        };
        let read = async |part: Result<RawPart, Unchecked>| {
            let part = part?;
            Ok(tokio::task::spawn_blocking(move || part.read()).await?)
        };
        raw.map(read).buffered(AT_ONCE).boxed()
    }
}
