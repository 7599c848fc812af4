//! An archive of a log: `docket dump`'s newline-delimited JSON, compressed or not.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek};
use std::path::{Path, PathBuf};

use serde::Deserialize;
use tlog_tiles::Hash;

use crate::source::{Part, RawPart};

/// How a compressed file begins.
const ZSTANDARD: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
/// The longest line that is looked at: far more than an entry may have.
const LONGEST: u64 = 1 << 20;
/// Entries in a run.
const RUN: usize = 512;

/// An archive.
#[derive(Debug)]
pub struct Dump {
    path: PathBuf,
    /// Whether positions leave nothing out in the log that it was made of.
    pub is_dense: bool,
}

/// Why an archive cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum DumpError {
    /// It is not there, or breaks off in the middle of a reading.
    #[error("cannot read {}", .0.display())]
    Unreadable(PathBuf, #[source] io::Error),
    /// It is something else.
    #[error("{} is no dump that this program knows: {why}", .path.display())]
    Foreign {
        /// Which file.
        path: PathBuf,
        /// What it begins with, or what is wrong with that.
        why: String,
    },
}

/// What an archive says of itself at its end.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct End {
    /// How many entries it has.
    pub events: u64,
    /// The root of their tree, in base64.
    pub root_hash: String,
    /// The newest checkpoint that was signed.
    pub checkpoint: Option<String>,
}

#[derive(Deserialize)]
struct Head {
    format: String,
    version: u32,
    positions: String,
}

#[derive(Deserialize)]
struct LastLine {
    end: End,
}

impl Dump {
    /// The archive in this file.
    pub fn open(path: &Path) -> Result<Self, DumpError> {
        let mut dump = Self { path: path.into(), is_dense: true };
        let foreign = |why: String| DumpError::Foreign { path: path.into(), why };
        let line = match Lines::open(path).and_then(|mut lines| lines.next_line()) {
            Ok(line) => line.unwrap_or_default(),
            Err(error) => return Err(DumpError::Unreadable(path.into(), error)),
        };
        let head: Head = serde_json::from_slice(&line).map_err(|e| foreign(e.to_string()))?;
        match (head.format.as_str(), head.version, head.positions.as_str()) {
            ("docket-dump", 1, "dense") => {}
            ("docket-dump", 1, "increasing") => dump.is_dense = false,
            _ => return Err(foreign(String::from_utf8_lossy(&line).into_owned())),
        }
        Ok(dump)
    }

    /// Its entries, run by run, and its end.
    pub fn parts(&self) -> Result<DumpParts, DumpError> {
        let unreadable = |error| DumpError::Unreadable(self.path.clone(), error);
        let mut lines = Lines::open(&self.path).map_err(unreadable)?;
        lines.next_line().map_err(unreadable)?;
        Ok(DumpParts { path: self.path.clone(), lines, last: None, broken: None, is_over: false })
    }
}

/// The parts of an archive.
pub struct DumpParts {
    path: PathBuf,
    lines: Lines,
    /// Read ahead, since the last line is no entry.
    last: Option<Vec<u8>>,
    /// Why nothing more can be read, when that is not the end.
    broken: Option<String>,
    is_over: bool,
}

impl Iterator for DumpParts {
    type Item = Result<RawPart, DumpError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_over {
            return None;
        }
        let mut run = Vec::with_capacity(RUN);
        while run.len() < RUN && self.broken.is_none() {
            match self.lines.next_line() {
                Ok(Some(line)) => run.extend(self.last.replace(line).map(Vec::into_boxed_slice)),
                Ok(None) => break,
                // What cannot be uncompressed was cut off, or something else was done to it.
                Err(error) if is_of_compression(&error) => self.broken = Some(error.to_string()),
                Err(error) => {
                    self.is_over = true;
                    return Some(Err(DumpError::Unreadable(self.path.clone(), error)));
                }
            }
        }
        if !run.is_empty() {
            return Some(Ok(RawPart::Run(run, None)));
        }
        self.is_over = true;
        Some(Ok(RawPart::Other(self.ending())))
    }
}

impl DumpParts {
    fn ending(&mut self) -> Part {
        if let Some(why) = self.broken.take() {
            return Part::CutShort(why);
        }
        let last = self.last.take().unwrap_or_default();
        match serde_json::from_slice::<LastLine>(&last) {
            Ok(LastLine { end }) => Part::End(end),
            Err(_) => Part::CutShort("its last line is not the one that says its end".to_owned()),
        }
    }
}

impl End {
    /// The root of the tree of all its entries; `None` when it is no hash.
    pub fn root(&self) -> Option<Hash> {
        Hash::parse_hash(&self.root_hash).ok()
    }
}

fn is_of_compression(error: &io::Error) -> bool {
    use io::ErrorKind::{InvalidData, Other, UnexpectedEof};
    matches!(error.kind(), InvalidData | Other | UnexpectedEof)
}

struct Lines(Box<dyn BufRead + Send>);

impl Lines {
    fn open(path: &Path) -> io::Result<Self> {
        let mut file = File::open(path)?;
        let mut start = vec![];
        file.by_ref().take(ZSTANDARD.len() as u64).read_to_end(&mut start)?;
        file.rewind()?;
        Ok(Self(if start == ZSTANDARD {
            Box::new(BufReader::with_capacity(1 << 18, zstd::Decoder::new(file)?))
        } else {
            Box::new(BufReader::with_capacity(1 << 18, file))
        }))
    }

    /// The next line without its end; `None` after the last.
    fn next_line(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut line = vec![];
        self.0.by_ref().take(LONGEST).read_until(b'\n', &mut line)?;
        if line.is_empty() {
            return Ok(None);
        }
        line.pop_if(|last| *last == b'\n');
        Ok(Some(line))
    }
}
