//! What an auditor has to tell.

use serde::Serialize;

use crate::entry::Named;

/// One thing that is wrong, by one cause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What kind of wrong.
    pub kind: Kind,
    /// What is wrong, in a sentence.
    pub text: String,
    /// The events that it is about, the first few of them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<Named>,
    /// What else is to be said of it, and what follows from it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub details: Vec<String>,
}

/// What can be wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// No trusted key has signed the checkpoint.
    Signature,
    /// The log is shorter than it was.
    Rollback,
    /// Two histories were signed.
    Fork,
    /// Tiles of the tree are not those of the tree that was signed.
    Tree,
    /// The entries are not those of the tree, and which is not known.
    Root,
    /// Events are other than they were.
    Changed,
    /// Events are not there any more.
    Missing,
    /// Events were never there.
    Inserted,
    /// Events are elsewhere than they were.
    Moved,
    /// An archive is not whole, or not what it says.
    Dump,
    /// Entries are none, or not in their form.
    Form,
    /// Positions are not as they must be.
    Position,
    /// Versions on an event stream are not as they must be.
    Version,
    /// Events share an id.
    Id,
    /// Events could not have happened.
    Legality,
}

impl Finding {
    /// A finding without events or details.
    pub fn new(kind: Kind, text: impl Into<String>) -> Self {
        Self { kind, text: text.into(), events: vec![], details: vec![] }
    }

    /// About these events.
    #[must_use]
    pub fn about(mut self, events: impl IntoIterator<Item = Named>) -> Self {
        self.events.extend(events);
        self
    }

    /// With this to be said beside.
    #[must_use]
    pub fn with(mut self, details: impl IntoIterator<Item = String>) -> Self {
        self.details.extend(details);
        self
    }

    /// Tells others as part of this one.
    pub fn take_in(&mut self, others: impl IntoIterator<Item = Finding>) {
        for other in others {
            self.details.push(other.text);
            self.details.extend(other.details);
            self.events.extend(other.events);
        }
    }
}
