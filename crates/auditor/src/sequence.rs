//! What entries must be to one another, one after the other as they come: positions, ids, versions, and
//! whether each event could have followed those before it.
//!
//! Needs 16 bytes of memory for each event, and some hundred for each event stream.

use std::collections::HashMap;

use events::legality::{Followed, is_same_decision};
use serde::Serialize;
use ulid::Ulid;

use crate::entry::{Entry, Named, Said};
use crate::ids::Ids;

/// Findings of each kind that are kept; of more, only the number is told.
const KEPT: usize = 100;

/// What is wrong with an entry, or between it and those before.
#[derive(Debug, Clone)]
pub struct Irregularity {
    /// What kind of wrong.
    pub kind: Wrong,
    /// The entry.
    pub event: Named,
    /// What is wrong with it.
    pub text: String,
    /// The versions that are missing before it on its event stream.
    pub gap: Option<Gap>,
}

/// What can be wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Wrong {
    /// It is no entry, or has not the bytes that are hashed.
    Form,
    /// Its place in the log.
    Position,
    /// Its place on its event stream.
    Version,
    /// It could not have happened there.
    Legality,
}

/// Versions that are missing on an event stream.
#[derive(Debug, Clone)]
pub struct Gap {
    /// Which of the entries has the version before; `None` when they are missing from the beginning.
    pub after: Option<u64>,
    /// The versions.
    pub versions: std::ops::Range<u32>,
}

/// All entries so far.
#[derive(Debug)]
pub struct Sequence {
    is_dense: bool,
    size: u64,
    position: Option<u64>,
    ids: Ids,
    /// Where in `streams` each of them is.
    names: HashMap<Box<str>, usize>,
    streams: Vec<Stream>,
    /// The last decision, as far as it has been read.
    open: Vec<(u64, Said)>,
    found: Vec<Irregularity>,
    counts: HashMap<Wrong, u64>,
}

#[derive(Debug, Default)]
struct Stream {
    version: u32,
    last: u64,
    followed: Followed,
}

/// What came of it.
#[derive(Debug)]
pub struct Sequenced {
    /// How many event streams there are.
    pub streams: u64,
    /// What was wrong, at most `KEPT` of each kind.
    pub found: Vec<Irregularity>,
    /// How much more was wrong.
    pub unlisted: u64,
    /// Ids that occur more than once.
    pub repeated: Vec<Ulid>,
}

impl Sequence {
    /// The sequence in front of the first entry. Positions of dense logs leave nothing out.
    pub fn new(is_dense: bool) -> Self {
        Self {
            is_dense,
            size: 0,
            position: None,
            ids: Ids::default(),
            names: HashMap::new(),
            streams: vec![],
            open: vec![],
            found: vec![],
            counts: HashMap::new(),
        }
    }

    /// Adds the next entry.
    pub fn add(&mut self, entry: Entry) {
        let index = self.size;
        self.size += 1;
        let said = match entry.said {
            Ok(said) => said,
            Err(error) => {
                self.decide();
                // Whatever it is, it takes a place.
                self.position = self.position.map(|last| last.saturating_add(1)).or(Some(1));
                let text = format!("it is no entry: {error}");
                return self.wrong(Wrong::Form, Named::unknown(index), text);
            }
        };
        if let Some(text) = &said.form {
            self.wrong(Wrong::Form, said.named(index), text.clone());
        }
        self.ids.add(said.id);
        self.place(index, &said);
        self.version(index, &said);
        self.follow(index, said);
    }

    fn place(&mut self, index: u64, said: &Said) {
        let last = self.position.replace(said.position);
        let next = last.map_or(1, |last| last.saturating_add(1));
        let is_right = if self.is_dense { said.position == next } else { said.position >= next };
        if is_right || (!self.is_dense && last.is_none()) {
            return;
        }
        let text = match last {
            None => "the first position is not 1".to_owned(),
            Some(last) => format!("it follows position {last}"),
        };
        self.wrong(Wrong::Position, said.named(index), text);
    }

    fn version(&mut self, index: u64, said: &Said) {
        let stream = self.stream(&said.stream);
        let (last, before) = (stream.version, (stream.version > 0).then_some(stream.last));
        (stream.version, stream.last) = (said.version, index);
        if last.checked_add(1) == Some(said.version) {
            return;
        }
        let text = match last {
            0 => "its event stream does not begin with version 1".to_owned(),
            _ => format!("on its event stream it follows version {last}"),
        };
        let versions = last.saturating_add(1)..said.version;
        let gap = (!versions.is_empty()).then_some(Gap { after: before, versions });
        let event = said.named(index);
        self.keep(Irregularity { kind: Wrong::Version, event, text, gap });
    }

    /// Goes on with the decision that the event belongs to, or begins another.
    fn follow(&mut self, index: u64, said: Said) {
        let continues = match (self.open.last().map(|(_, last)| last), &said.event) {
            (Some(Said { event: Ok(last), stream, .. }), Ok(event)) => {
                *stream == said.stream && is_same_decision(last, event)
            }
            _ => false,
        };
        if !continues {
            self.decide();
        }
        if let Err(error) = &said.event {
            return self.wrong(Wrong::Legality, said.named(index), error.clone());
        }
        self.open.push((index, said));
    }

    /// Judges the last decision, which is complete.
    fn decide(&mut self) {
        let mut open = std::mem::take(&mut self.open);
        let event = |(_, said): &mut (u64, Said)| {
            let event = std::mem::replace(&mut said.event, Err(String::new()));
            event.ok().map(|event| *event)
        };
        let decision = open.iter_mut().filter_map(event).collect();
        if let Some((index, first)) = open.first() {
            let followed = &mut self.stream(&first.stream).followed;
            if let Err(illegal) = followed.follow(&first.stream, decision) {
                self.wrong(Wrong::Legality, first.named(*index), illegal.to_string());
            }
        }
        // Its room is for the next decision.
        open.clear();
        self.open = open;
    }

    fn stream(&mut self, name: &str) -> &mut Stream {
        // The name is only copied for a stream that is new.
        let at = self.names.get(name).copied().unwrap_or_else(|| {
            self.names.insert(name.into(), self.streams.len());
            self.streams.push(Stream::default());
            self.streams.len() - 1
        });
        &mut self.streams[at]
    }

    fn wrong(&mut self, kind: Wrong, event: Named, text: String) {
        self.keep(Irregularity { kind, event, text, gap: None });
    }

    fn keep(&mut self, irregularity: Irregularity) {
        let count = self.counts.entry(irregularity.kind).or_default();
        *count += 1;
        if *count <= KEPT as u64 {
            self.found.push(irregularity);
        }
    }

    /// Judges what is left to judge.
    pub fn end(mut self) -> Sequenced {
        self.decide();
        let all: u64 = self.counts.values().sum();
        Sequenced {
            unlisted: all - self.found.len() as u64,
            streams: self.streams.len() as u64,
            found: self.found,
            repeated: self.ids.repeated(),
        }
    }
}
