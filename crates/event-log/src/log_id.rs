//! Which log a position is of.

use std::fmt;

use crate::{LogError, LogReader, Position, RecordedEvent};

/// What tells one log from another: where its first event stands, and that event's id. Copies of a log
/// in another engine have the same events at other positions, so they are other logs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogId(String);

impl LogId {
    /// Of the log that begins with `first`.
    pub fn of(first: &RecordedEvent) -> Self {
        Self(format!("{}:{}", first.position, first.id))
    }

    /// Of the log that `reader` reads; `None` while it is empty.
    pub async fn read(reader: &(impl LogReader + ?Sized)) -> Result<Option<Self>, LogError> {
        let page = reader.read_all(Position::START, 1).await?;
        Ok(page.events.first().map(Self::of))
    }

    /// As a checkpoint remembers it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for LogId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
