//! A log's whole history into another log, for those who change the engine.
//!
//! Streams, versions, ids, types, data and metadata stay; positions and the times of recording are the
//! new log's own. Nobody may append to either meanwhile. A copy that was cut short is taken up again
//! by copying once more: what is there already is recognised by its ids.

use crate::{
    AppendOutcome, EventLog, Expected, LogError, LogReader, NewEvent, Position, RecordedEvent,
};

/// Events that are read at once.
const PAGE: u32 = 1_000;

/// What came of a copy.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Copied {
    /// Events that were copied now.
    pub copied: u64,
    /// Events that an earlier copy had brought.
    pub found: u64,
}

/// Why a history could not be copied.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// The old log cannot be read.
    #[error("the old log cannot be read")]
    Read(#[source] LogError),
    /// The new log cannot be read or written.
    #[error("the new log cannot be read or written")]
    Write(#[source] LogError),
    /// The new log holds something else.
    #[error(
        "the new log holds other events than the old one: {stream} version {version}, at position \
         {position} of the old log, has no place there"
    )]
    Foreign {
        /// The stream of the first event that does not fit.
        stream: String,
        /// Which of that stream's events.
        version: u32,
        /// Where in the old log.
        position: Position,
    },
}

/// Copies everything in `from` to `to`, in order, one event after the other, and tells `progress`
/// after each page. In the end both are read side by side, so that what is answered is known.
pub async fn copy(
    from: &dyn LogReader,
    to: &dyn EventLog,
    mut progress: impl FnMut(Copied),
) -> Result<Copied, CopyError> {
    let mut done = Copied::default();
    let mut pages = Pages::of(from);
    while let Some(page) = pages.next().await.map_err(CopyError::Read)? {
        for event in page {
            match append(to, &event).await? {
                AppendOutcome::Appended { .. } => done.copied += 1,
                AppendOutcome::AlreadyAppended { .. } => done.found += 1,
                AppendOutcome::Conflict { .. } | AppendOutcome::IdInUse => {
                    return Err(foreign(&event));
                }
            }
        }
        progress(done);
    }
    compare(from, to).await?;
    Ok(done)
}

async fn append(to: &dyn EventLog, event: &RecordedEvent) -> Result<AppendOutcome, CopyError> {
    let expected = match event.version {
        0 | 1 => Expected::NoStream,
        version => Expected::Exact(version - 1),
    };
    let new = NewEvent {
        id: event.id,
        event_type: event.event_type.clone(),
        schema_version: event.schema_version,
        data: event.data.clone(),
        metadata: event.metadata.clone(),
    };
    to.append(&event.stream, expected, vec![new]).await.map_err(CopyError::Write)
}

/// Whether both hold the same events in the same order.
async fn compare(from: &dyn LogReader, to: &dyn LogReader) -> Result<(), CopyError> {
    let (mut old, mut new) = (Pages::of(from), Pages::of(to));
    let mut copies = vec![].into_iter();
    while let Some(page) = old.next().await.map_err(CopyError::Read)? {
        for event in page {
            if copies.len() == 0 {
                let page = new.next().await.map_err(CopyError::Write)?;
                copies = page.unwrap_or_default().into_iter();
            }
            match copies.next() {
                Some(copy) if same(&event, &copy) => {}
                Some(_) | None => return Err(foreign(&event)),
            }
        }
    }
    Ok(())
}

/// Whether they tell the same; engines may write JSON in ways of their own.
fn same(event: &RecordedEvent, copy: &RecordedEvent) -> bool {
    let json = |text: &str| serde_json::from_str::<serde_json::Value>(text).ok();
    let of = |event: &RecordedEvent| {
        let (data, metadata) = (json(event.data.get()), json(event.metadata.get()));
        (event.id, event.version, event.schema_version, data, metadata)
    };
    event.stream == copy.stream && event.event_type == copy.event_type && of(event) == of(copy)
}

fn foreign(event: &RecordedEvent) -> CopyError {
    CopyError::Foreign {
        stream: event.stream.clone(),
        version: event.version,
        position: event.position,
    }
}

/// A log, page by page.
struct Pages<'a> {
    log: &'a dyn LogReader,
    after: Position,
}

impl<'a> Pages<'a> {
    fn of(log: &'a dyn LogReader) -> Self {
        Self { log, after: Position::START }
    }

    /// The next page; `None` at the end.
    async fn next(&mut self) -> Result<Option<Vec<RecordedEvent>>, LogError> {
        let page = self.log.read_all(self.after, PAGE).await?;
        let Some(last) = page.events.last() else { return Ok(None) };
        self.after = last.position;
        Ok(Some(page.events))
    }
}
