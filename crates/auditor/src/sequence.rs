//! What entries must be to one another, one after the other as they come: positions, ids, versions, and
//! whether each event could have followed those before it.
//!
//! Needs 16 bytes of memory for each event, and some hundred for each event stream.

use std::collections::HashMap;

use events::legality::{Followed, is_same_decision};
use events::{Envelope, Event};
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
    streams: HashMap<Box<str>, Stream>,
    /// The last decision, as far as it has been read.
    open: Vec<(u64, Envelope<Event>, Named)>,
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
            streams: HashMap::new(),
            open: vec![],
            found: vec![],
            counts: HashMap::new(),
        }
    }

    /// Adds the next entry.
    pub fn add(&mut self, entry: Entry) {
        let index = self.size;
        self.size += 1;
        let named = entry.named(index);
        let said = match entry.said {
            Ok(said) => said,
            Err(error) => {
                self.decide();
                // Whatever it is, it takes a place.
                self.position = self.position.map(|last| last.saturating_add(1)).or(Some(1));
                return self.wrong(Wrong::Form, named, format!("it is no entry: {error}"));
            }
        };
        if let Some(text) = &said.form {
            self.wrong(Wrong::Form, named.clone(), text.clone());
        }
        self.ids.add(said.id);
        self.place(&said, &named);
        self.version(&said, &named);
        match said.event {
            Ok(event) => self.follow(event, named),
            Err(error) => {
                self.decide();
                self.wrong(Wrong::Legality, named, error);
            }
        }
    }

    fn place(&mut self, said: &Said, named: &Named) {
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
        self.wrong(Wrong::Position, named.clone(), text);
    }

    fn version(&mut self, said: &Said, named: &Named) {
        let stream = self.streams.entry(said.stream.as_str().into()).or_default();
        let (last, before) = (stream.version, (stream.version > 0).then_some(stream.last));
        (stream.version, stream.last) = (said.version, named.index);
        if last.checked_add(1) == Some(said.version) {
            return;
        }
        let text = match last {
            0 => "its event stream does not begin with version 1".to_owned(),
            _ => format!("on its event stream it follows version {last}"),
        };
        let versions = last.saturating_add(1)..said.version;
        let gap = (!versions.is_empty()).then_some(Gap { after: before, versions });
        let event = named.clone();
        self.keep(Irregularity { kind: Wrong::Version, event, text, gap });
    }

    fn follow(&mut self, event: Envelope<Event>, named: Named) {
        let continues = self.open.last().is_some_and(|(_, last, before)| {
            before.stream == named.stream && is_same_decision(last, &event)
        });
        if !continues {
            self.decide();
        }
        self.open.push((named.index, event, named));
    }

    /// Judges the last decision, which is complete.
    fn decide(&mut self) {
        let open = std::mem::take(&mut self.open);
        let Some((_, _, first)) = open.first().cloned() else { return };
        let name = first.stream.clone().unwrap_or_default();
        let decision = open.into_iter().map(|(_, event, _)| event).collect();
        let stream = self.streams.entry(name.as_str().into()).or_default();
        if let Err(illegal) = stream.followed.follow(&name, decision) {
            self.wrong(Wrong::Legality, first, illegal.to_string());
        }
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
