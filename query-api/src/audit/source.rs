//! Events on their way out, page by page.

use std::collections::VecDeque;

use event_log::{LogError, Position, RecordedEvent};

use super::event::{self, AuditEvent};
use super::settled;
use crate::App;
use crate::error::QueryError;
use crate::read::history::{self, Filter};

/// Events that are held at once.
const PAGE: usize = 500;

/// Events in log order, up to where the log ended when they were asked for. Holds one page at a time.
#[derive(Debug)]
pub struct Source {
    app: App,
    /// Everything, when it is `None`.
    filter: Option<Filter>,
    /// Where to go on.
    after: Position,
    /// The last position that counts.
    until: Position,
    /// Where the log ended when they were asked for.
    head: Position,
    /// What the index has found and nobody has read yet.
    found: VecDeque<Position>,
    /// How many more are wanted.
    left: u64,
}

impl Source {
    /// The events after `after` that `filter` lets through, at most `limit` of them.
    pub async fn open(
        app: &App,
        filter: Filter,
        after: Position,
        limit: Option<u32>,
    ) -> Result<Self, QueryError> {
        let left = limit.map_or(u64::MAX, u64::from);
        let found = VecDeque::new();
        let app = app.clone();
        if filter == Filter::default() {
            let head = app.reader().head().await?;
            return Ok(Self { app, filter: None, after, until: head, head, found, left });
        }
        let head = settled(&app).await?;
        let (first, last) = history::between(app.pool(), &filter, head).await?;
        let (after, until) = (after.max(first), head.min(last));
        Ok(Self { app, filter: Some(filter), after, until, head, found, left })
    }

    /// The next events; `None` when there are no more.
    pub async fn next(&mut self) -> Result<Option<Vec<AuditEvent>>, QueryError> {
        let after = self.after;
        let events = match self.filter.clone() {
            None => match self.next_of_all().await {
                Ok(events) => events,
                Err(error) => return Err(self.blame(after, error).await),
            },
            Some(filter) => self.next_found(&filter).await?,
        };
        if events.is_empty() {
            return Ok(None);
        }
        self.left -= events.len() as u64;
        event::shown(&self.app, events).await.map(Some)
    }

    /// Up to where everything is answered.
    pub fn head(&self) -> Position {
        self.head
    }

    fn wanted(&self) -> usize {
        usize::try_from(self.left).unwrap_or(PAGE).min(PAGE)
    }

    /// Some engines refuse to read on from where no event is. That is the caller's mistake, and not the log's.
    async fn blame(&self, after: Position, error: LogError) -> QueryError {
        match (&error, history::holds(self.app.pool(), after).await) {
            (LogError::Broken(_), Ok(false)) if after > Position::START => QueryError::NoPosition,
            _ => QueryError::Log(error),
        }
    }

    async fn next_of_all(&mut self) -> Result<Vec<RecordedEvent>, LogError> {
        while self.after < self.until && self.left > 0 {
            let limit = u32::try_from(self.wanted()).unwrap_or(u32::MAX);
            let mut page = self.app.reader().read_all(self.after, limit).await?;
            page.events.retain(|event| event.position <= self.until);
            let end = if page.caught_up { self.until } else { self.after };
            self.after = page.events.last().map_or(end, |event| event.position);
            if !page.events.is_empty() {
                return Ok(page.events);
            }
        }
        Ok(vec![])
    }

    async fn next_found(&mut self, filter: &Filter) -> Result<Vec<RecordedEvent>, QueryError> {
        while self.found.is_empty() && self.after < self.until && self.left > 0 {
            let pool = self.app.pool();
            let looked = history::look(pool, filter, self.after, self.until, self.wanted()).await?;
            self.found.extend(looked.found);
            self.after = looked.until.unwrap_or(self.until);
        }
        let wanted = self.wanted().min(self.found.len());
        let positions: Vec<Position> = self.found.drain(..wanted).collect();
        read_at(&self.app, &positions).await
    }
}

/// The events at `positions`, all of which the index has found.
pub(super) async fn read_at(
    app: &App,
    positions: &[Position],
) -> Result<Vec<RecordedEvent>, QueryError> {
    let events = app.reader().read_at(positions).await?;
    // A history with a gap would pass for a whole one.
    if events.len() == positions.len() { Ok(events) } else { Err(QueryError::Missing) }
}
