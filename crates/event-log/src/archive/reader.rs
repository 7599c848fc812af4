//! Reading an archive, and finding out whether it is whole.

use std::io::{BufRead, Read};

use super::error::Expectation;
use super::{ArchiveError, End, FORMAT, Fault, Header, Positions, Root, Summary, VERSION, line};
use crate::RecordedEvent;

/// The longest line that is read, far above what any command can bring about: a file that is something
/// else must not fill the memory.
const LONGEST: u64 = 16 << 20;

/// What the last line begins with, and no entry.
const END: &[u8] = br#"{"end":"#;

/// An archive that is being read, event by event. Nothing of it is to be believed before its summary
/// was read.
#[derive(Debug)]
pub struct Reader<R> {
    input: R,
    header: Header,
    /// How many lines were read.
    lines: u64,
    line: Vec<u8>,
    root: Root,
    last: u64,
    summary: Option<Summary>,
}

impl<R: BufRead> Reader<R> {
    /// Reads the first line.
    pub fn begin(input: R) -> Result<Self, ArchiveError> {
        let header = Header { format: String::new(), version: 0, positions: Positions::Dense };
        let (line, root) = (Vec::new(), Root::new());
        let mut reader = Self { input, header, lines: 0, line, root, last: 0, summary: None };
        // Whatever is not even text is something else, rather than a line too long or an early end.
        reader.header = match reader.read_line() {
            Ok(true) => reader.read_header(),
            Err(fault @ Fault::Unreadable(_)) => Err(fault),
            Ok(false) | Err(_) => Err(Fault::Foreign),
        }
        .map_err(|fault| ArchiveError { line: 1, fault })?;
        Ok(reader)
    }

    /// What the first line says.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The line that was read last, from 1.
    pub fn line(&self) -> u64 {
        self.lines
    }

    /// The next event; `None` when all were read and everything holds.
    pub fn next_event(&mut self) -> Result<Option<RecordedEvent>, ArchiveError> {
        if self.summary.is_some() {
            return Ok(None);
        }
        let read = self.read_event();
        read.map_err(|fault| ArchiveError { line: self.lines.max(1), fault })
    }

    /// What the last line says, once it was read.
    pub fn summary(&self) -> Option<&Summary> {
        self.summary.as_ref()
    }

    fn read_header(&self) -> Result<Header, Fault> {
        /// What every version has.
        #[derive(serde::Deserialize)]
        struct Name {
            format: String,
            version: u32,
        }
        let name: Name = serde_json::from_slice(&self.line).map_err(|_| Fault::Foreign)?;
        match (name.format.as_str(), name.version) {
            (FORMAT, VERSION) => serde_json::from_slice(&self.line).map_err(Fault::Malformed),
            (FORMAT, version) => Err(Fault::Version(version)),
            _ => Err(Fault::Foreign),
        }
    }

    fn read_event(&mut self) -> Result<Option<RecordedEvent>, Fault> {
        if !self.read_line()? {
            return Err(Fault::Cut);
        }
        if self.line.starts_with(END) {
            self.summary = Some(self.read_summary()?);
            return Ok(None);
        }
        let event = line::parse(&self.line)?;
        let expected = match self.header.positions {
            Positions::Dense => Expectation::Exactly(self.last + 1),
            Positions::Increasing => Expectation::Above(self.last),
        };
        let found = event.position.0;
        if !expected.is_met_by(found) {
            return Err(Fault::Position { found, expected });
        }
        self.last = found;
        self.root.push(&self.line);
        Ok(Some(event))
    }

    fn read_summary(&mut self) -> Result<Summary, Fault> {
        let End { end: said } = serde_json::from_slice(&self.line).map_err(Fault::Malformed)?;
        let (events, root_hash) = (self.root.entries(), self.root.base64());
        if said.events != events {
            return Err(Fault::Count { said: said.events, found: events });
        }
        if said.root_hash != root_hash {
            return Err(Fault::RootHash { said: said.root_hash, found: root_hash });
        }
        // Also has zstd verify the end of what it has compressed.
        match self.input.fill_buf().map_err(Fault::Unreadable)? {
            [] => Ok(said),
            _ => Err(Fault::Trailing),
        }
    }

    /// Reads the next line, without its line break; `false` at the end of the file.
    fn read_line(&mut self) -> Result<bool, Fault> {
        self.line.clear();
        self.lines += 1;
        let mut bounded = self.input.by_ref().take(LONGEST);
        let read = bounded.read_until(b'\n', &mut self.line).map_err(Fault::Unreadable)?;
        match self.line.pop() {
            None => Ok(false),
            Some(b'\n') => Ok(true),
            Some(_) if read as u64 == LONGEST => Err(Fault::TooLong),
            Some(_) => Err(Fault::Cut),
        }
    }
}
