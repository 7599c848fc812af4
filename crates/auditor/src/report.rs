//! What was checked, and what came of it: for people, and for programs.

use std::fmt;

use events::Timestamp;
use serde::Serialize;

use crate::finding::Finding;

/// What was checked, and what came of it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// Whether nothing is wrong.
    pub is_good: bool,
    /// What was read.
    pub source: String,
    /// When it was checked.
    pub checked_at: Timestamp,
    /// What the log's owner signed; `None` when there was no checkpoint to read.
    pub checkpoint: Option<Signed>,
    /// What had been seen of the log before.
    pub seen_before: Option<SeenBefore>,
    /// What was gone through.
    pub checked: Checked,
    /// What is wrong.
    pub findings: Vec<Finding>,
}

/// A checkpoint.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Signed {
    /// Names the log.
    pub origin: String,
    /// How many events.
    pub size: u64,
    /// The root of their tree, in base64.
    pub root: String,
    /// The trusted key that signed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signer: Option<String>,
}

/// A checkpoint that was seen before.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SeenBefore {
    /// When.
    pub at: Timestamp,
    /// How many events.
    pub size: u64,
    /// The root of their tree, in base64.
    pub root: String,
}

/// What was gone through.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Checked {
    /// Entries that were read.
    pub events: u64,
    /// Event streams that they belong to.
    pub streams: u64,
    /// Tiles of hashes that were compared with them.
    pub tiles: u64,
    /// Of the entries, those that no checkpoint vouches for yet.
    pub unsigned: u64,
    /// The root of the tree over all of them, in base64.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub root: Option<String>,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Checked { events, streams, tiles, unsigned, .. } = &self.checked;
        writeln!(f, "checked    {} at {}", self.source, self.checked_at)?;
        if let Some(Signed { origin, size, root, signer }) = &self.checkpoint {
            let signer = signer.as_deref().unwrap_or("no key that is trusted");
            writeln!(f, "checkpoint {origin}, {size} events, root {root}, signed by {signer}")?;
        }
        match &self.seen_before {
            Some(SeenBefore { at, size, root }) => {
                writeln!(f, "before     {size} events, root {root}, at {at}")?;
            }
            None => writeln!(f, "before     never seen, or nothing remembered")?,
        }
        write!(f, "gone over  {events} events on {streams} event streams")?;
        if *tiles > 0 {
            write!(f, ", {tiles} tiles of hashes")?;
        }
        if *unsigned > 0 {
            write!(f, "; the last {unsigned} events are not signed yet")?;
        }
        writeln!(f)?;
        for (nth, finding) in (1..).zip(&self.findings) {
            writeln!(f, "\n{nth}. {}", finding.text)?;
            for event in &finding.events {
                writeln!(f, "   {event}")?;
            }
            for detail in &finding.details {
                writeln!(f, "   - {detail}")?;
            }
        }
        match self.findings.len() {
            0 => write!(
                f,
                "\nGOOD: every event is the one that was signed, and could have happened."
            ),
            1 => write!(f, "\nBAD: 1 finding."),
            count => write!(f, "\nBAD: {count} findings."),
        }
    }
}
