//! The end of the log as it grows: each new event once, completed, to everybody in this process who wants it.
//!
//! What follows the log for `access` hands every page on to the [`Tail`]; nobody else waits for the log. A task of
//! the tail's own completes the events, many at once, and publishes them to every [`Subscription`]. So reads of the
//! log, openings of texts and look-ups do not grow with the number of subscribers, and there are none without.
//!
//! A subscriber gets every event behind [`Subscription::position`] in the order of the log, or learns that it has
//! missed some ([`Lost::Lagged`]) and reads the log from the last one it has seen. It is told when it was too slow
//! itself, when events came in faster than they could be completed, and when they could not be completed at all.
//!
//! **Architecture Invariant:** the follower never waits here, and nothing here can fail it. `access` must be able to
//! answer when the database is down, which completing events cannot do without.

mod complete;
mod event;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use event_log::{Position, RecordedEvent};
use tokio::sync::{broadcast, mpsc, watch};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

pub use complete::Source;
pub use event::{Content, LiveEvent};

/// Events that may wait to be completed: more than the longest page that is handed over.
const WAITING: usize = 8_192;
/// Events that are completed at once.
const BATCH: usize = 256;
/// Events that may be published and not yet taken by the slowest subscriber, who is then told that it lags.
const PUBLISHED: usize = 1_024;
/// How often completing is tried before subscribers are sent to the log instead.
const TRIES: u32 = 3;
/// How long one try may take.
const WITHIN: Duration = Duration::from_secs(2);
/// How long to wait after a failed one.
const RETRY: Duration = Duration::from_millis(250);

/// The end of the log as it grows. Clones share it.
#[derive(Debug, Clone)]
pub struct Tail(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    /// Up to here everything was published, or was told of as missing, or found nobody who wanted it. What is
    /// published moves it under the lock, and who subscribes reads it there.
    reached: Mutex<Position>,
    published: broadcast::Sender<Message>,
    waiting: mpsc::Sender<RecordedEvent>,
    /// Whether it is known where the log is followed from.
    begun: watch::Sender<bool>,
    end: CancellationToken,
}

#[derive(Debug, Clone)]
enum Message {
    Event(Arc<LiveEvent>),
    /// Here some are missing.
    Gap,
}

/// Why a subscription brings no more events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Lost {
    /// Events were missed: subscribe again, and read those in between from the log.
    #[error("events were missed")]
    Lagged,
    /// The process ends.
    #[error("the process ends")]
    Closed,
}

/// Brings every event behind its position.
#[derive(Debug)]
pub struct Subscription {
    position: Position,
    published: broadcast::Receiver<Message>,
    lost: Option<Lost>,
    end: CancellationToken,
}

impl Tail {
    /// A tail, and what completes its events with `source`, until `end`: to be run as a task.
    pub fn new(source: Source, end: CancellationToken) -> (Self, impl Future<Output = ()>) {
        let (sender, waiting) = mpsc::channel(WAITING);
        let tail = Self(Arc::new(Inner {
            reached: Mutex::default(),
            published: broadcast::Sender::new(PUBLISHED),
            waiting: sender,
            begun: watch::Sender::new(false),
            end: end.clone(),
        }));
        let publishing = publish(tail.clone(), waiting, source);
        (tail, async move { end.run_until_cancelled_owned(publishing).await.unwrap_or_default() })
    }

    /// From now on, every event. Waits, as long as the process lives, until it is known where the log is followed
    /// from.
    pub async fn subscribe(&self) -> Subscription {
        let mut begun = self.0.begun.subscribe();
        // The sender lives in `self`, so the channel cannot close meanwhile.
        drop(self.0.end.run_until_cancelled(begun.wait_for(|begun| *begun)).await);
        let position = self.reached();
        let published = self.0.published.subscribe();
        Subscription { position: *position, published, lost: None, end: self.0.end.clone() }
    }

    /// The log is followed from behind `position`.
    pub fn begin(&self, position: Position) {
        *self.reached() = position;
        self.0.begun.send_replace(true);
    }

    /// Takes in a page of the log. Never waits.
    pub fn hand(&self, events: Vec<RecordedEvent>) {
        let Some(last) = events.last().map(|event| event.position) else { return };
        if self.pass_by(last) {
            return;
        }
        match self.0.waiting.try_reserve_many(events.len()) {
            Ok(places) => places.zip(events).for_each(|(place, event)| place.send(event)),
            Err(_) => self.skip(last, "they come in faster than they can be completed"),
        }
    }

    /// Goes on to `position` when nobody wants what lies before it.
    fn pass_by(&self, position: Position) -> bool {
        let mut reached = self.reached();
        let unwanted = self.0.published.receiver_count() == 0;
        if unwanted {
            *reached = position.max(*reached);
        }
        unwanted
    }

    /// Tells subscribers that events up to `position` will not come.
    fn skip(&self, position: Position, why: &'static str) {
        let mut reached = self.reached();
        *reached = position.max(*reached);
        // Nobody may be left to be told.
        let _ = self.0.published.send(Message::Gap);
        drop(reached);
        metrics::counter!("docket_tail_gaps_total").increment(1);
        tracing::warn!(%position, why, "new events are left to be read from the log");
    }

    fn publish(&self, events: Vec<LiveEvent>) {
        let mut reached = self.reached();
        for event in events {
            // What was told of as missing is read from the log.
            if event.position > *reached {
                *reached = event.position;
                // Nobody may be left who wants it.
                let _ = self.0.published.send(Message::Event(Arc::new(event)));
            }
        }
    }

    fn reached(&self) -> MutexGuard<'_, Position> {
        // A position is whole whatever a panic interrupted.
        self.0.reached.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Subscription {
    /// Whatever stands behind this position in the log is still to come.
    pub fn position(&self) -> Position {
        self.position
    }

    /// The next event. Once it has failed it only fails. May be dropped while it waits: nothing is lost.
    pub async fn next(&mut self) -> Result<Arc<LiveEvent>, Lost> {
        if let Some(lost) = self.lost {
            return Err(lost);
        }
        let lost = match self.end.run_until_cancelled(self.published.recv()).await {
            Some(Ok(Message::Event(event))) => {
                self.position = event.position;
                return Ok(event);
            }
            Some(Ok(Message::Gap) | Err(broadcast::error::RecvError::Lagged(_))) => Lost::Lagged,
            Some(Err(broadcast::error::RecvError::Closed)) | None => Lost::Closed,
        };
        self.lost = Some(lost);
        Err(lost)
    }
}

async fn publish(tail: Tail, mut waiting: mpsc::Receiver<RecordedEvent>, source: Source) {
    loop {
        let mut events = vec![];
        waiting.recv_many(&mut events, BATCH).await;
        let Some(last) = events.last().map(|event| event.position) else { return };
        if tail.pass_by(last) {
            continue;
        }
        match insist(&source, &events).await {
            Some(completed) => tail.publish(completed),
            None => tail.skip(last, "they cannot be completed"),
        }
    }
}

async fn insist(source: &Source, events: &[RecordedEvent]) -> Option<Vec<LiveEvent>> {
    for _ in 0..TRIES {
        match timeout(WITHIN, source.complete(events)).await {
            Ok(Ok(completed)) => return Some(completed),
            Ok(Err(error)) => warn(&error),
            Err(error) => warn(&error),
        }
        sleep(RETRY).await;
    }
    None
}

fn warn(error: &(dyn std::error::Error + 'static)) {
    tracing::warn!(error, "new events cannot be completed yet");
}
