//! Writing an archive.

use std::io::{self, Write};

use serde::Serialize;

use super::{End, FORMAT, Header, Positions, Root, Summary, VERSION};
use crate::{RecordedEvent, canonical};

/// An archive that is being written, event by event.
#[derive(Debug)]
pub struct Writer<W> {
    out: W,
    root: Root,
}

impl<W: Write> Writer<W> {
    /// Begins an archive of a log that numbers its events so.
    pub fn begin(out: W, positions: Positions) -> io::Result<Self> {
        let mut writer = Self { out, root: Root::new() };
        writer.line(&Header { format: FORMAT.to_owned(), version: VERSION, positions })?;
        Ok(writer)
    }

    /// Writes the next event of the log.
    pub fn push(&mut self, event: &RecordedEvent) -> io::Result<()> {
        let entry = canonical::entry(event)?;
        self.root.push(&entry);
        self.out.write_all(&entry)?;
        self.out.write_all(b"\n")
    }

    /// Writes the last line, with the newest signed checkpoint that covers no more events than were
    /// written. What it says, and where it was written to.
    pub fn end(mut self, checkpoint: Option<String>) -> io::Result<(Summary, W)> {
        let (events, root_hash) = (self.root.entries(), self.root.base64());
        let end = End { end: Summary { events, root_hash, checkpoint } };
        self.line(&end)?;
        self.out.flush()?;
        Ok((end.end, self.out))
    }

    fn line(&mut self, value: &impl Serialize) -> io::Result<()> {
        serde_json::to_writer(&mut self.out, value)?;
        self.out.write_all(b"\n")
    }
}
