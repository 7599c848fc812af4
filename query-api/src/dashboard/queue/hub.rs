//! One for all who look at the queue: follows the end of the log while anybody does, reads the reports that
//! something happened to, and hands their lines to everybody.

use std::sync::Arc;
use std::time::Duration;

use event_log::Position;
use events::UserId;
use futures_util::FutureExt;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, SemaphorePermit, broadcast, watch};
use tokio::time::{sleep, timeout};
use web::{Kind, Problem};

use super::REPORTS;
use super::frames::{Batch, Touched, touch};
use crate::App;
use crate::callers::{Callers, Share};
use crate::freshness::MAX_WAIT;
use crate::tail::{Lost, Subscription};

/// Pages that may be looked at, at once.
const SEATS: usize = 512;
/// Of them, by one person.
const SEATS_OF_ONE: u16 = 16;
/// So many read at once what they have missed.
const TURNS: usize = 4;
/// Batches that a slow one may be behind, before it must look for itself.
const KEPT: usize = 64;
/// Events of one batch, at most.
const MOST: usize = 512;
/// For so long events are gathered: nobody sees the difference, and ten reads a second are enough.
const GATHER: Duration = Duration::from_millis(100);
/// How often is asked whether anybody still looks.
const ASK: Duration = Duration::from_secs(5);
/// When a browser that got no place may try again.
const FULL: Duration = Duration::from_secs(30);
/// How long to wait after a failure.
const RETRY: Duration = Duration::from_secs(1);

/// Clones share it.
#[derive(Debug, Clone)]
pub(in crate::dashboard) struct Hub(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    app: App,
    told: broadcast::Sender<Told>,
    state: watch::Sender<State>,
    came: Notify,
    seats: Arc<Semaphore>,
    persons: Arc<Callers>,
    turns: Semaphore,
}

/// A place to look from; free again when it is dropped.
#[derive(Debug)]
pub(super) struct Seat {
    _seat: OwnedSemaphorePermit,
    _share: Share,
}

/// What those who look are told.
#[derive(Debug, Clone)]
pub(super) enum Told {
    Batch(Arc<Batch>),
    /// Here something is missing: look for yourselves.
    Gap,
    /// There will be nothing more.
    End,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Resting,
    Following,
    Ended,
}

impl Hub {
    /// Starts it. Must be called inside a runtime.
    pub(in crate::dashboard) fn start(app: App) -> Self {
        let hub = Self(Arc::new(Inner {
            app,
            told: broadcast::Sender::new(KEPT),
            state: watch::Sender::new(State::Resting),
            came: Notify::new(),
            seats: Arc::new(Semaphore::new(SEATS)),
            persons: Arc::default(),
            turns: Semaphore::new(TURNS),
        }));
        tokio::spawn(hub.clone().run());
        hub
    }

    /// A place to look from, when there is one left, and the person has not too many.
    pub(super) fn seat(&self, person: &UserId) -> Result<Seat, Problem> {
        let share = self.0.persons.take(person, SEATS_OF_ONE);
        let many = || Problem::new(Kind::RateLimited).retry_after(FULL);
        let share = share.ok_or_else(many)?;
        let seat = Arc::clone(&self.0.seats).try_acquire_owned();
        let full = |error| Problem::unavailable(error).retry_after(FULL);
        Ok(Seat { _seat: seat.map_err(full)?, _share: share })
    }

    /// Waits until the log may be read for somebody who has missed something.
    pub(super) async fn turn(&self) -> Option<SemaphorePermit<'_>> {
        // The semaphore is never closed, so there always is a permit.
        self.0.turns.acquire().await.ok()
    }

    /// From now on, everything.
    pub(super) fn subscribe(&self) -> broadcast::Receiver<Told> {
        let told = self.0.told.subscribe();
        self.0.came.notify_one();
        told
    }

    /// Waits until the log is followed: whatever its end lacks then will be told. False when it never will be.
    pub(super) async fn follows(&self) -> bool {
        let mut state = self.0.state.subscribe();
        let settled = state.wait_for(|state| *state != State::Resting).await;
        settled.is_ok_and(|state| *state == State::Following)
    }

    async fn run(self) {
        loop {
            while self.0.told.receiver_count() == 0 {
                self.0.came.notified().await;
            }
            let mut tail = self.0.app.tail().subscribe().await;
            self.0.state.send_replace(State::Following);
            self.tell(Told::Gap);
            let lost = self.follow(&mut tail).await;
            drop(tail);
            if lost == Some(Lost::Closed) {
                self.0.state.send_replace(State::Ended);
                return self.tell(Told::End);
            }
            self.0.state.send_replace(State::Resting);
        }
    }

    /// Until nobody looks any more, or until the end of the log is lost.
    async fn follow(&self, tail: &mut Subscription) -> Option<Lost> {
        while self.0.told.receiver_count() > 0 {
            let Ok(next) = timeout(ASK, tail.next()).await else { continue };
            let mut touched = Touched::new();
            let mut until = match next {
                Err(lost) => return Some(lost),
                Ok(event) => take(&mut touched, &event),
            };
            sleep(GATHER).await;
            let mut room = MOST;
            while room > 0
                && let Some(Ok(event)) = tail.next().now_or_never()
            {
                until = take(&mut touched, &event);
                room -= 1;
            }
            match look(&self.0.app, until, &touched).await {
                Ok(Some(batch)) => self.tell(Told::Batch(Arc::new(batch))),
                // Each looks for itself, as soon as there is something to see.
                Ok(None) => return Some(Lost::Lagged),
                Err(problem) => {
                    problem.log();
                    sleep(RETRY).await;
                    return Some(Lost::Lagged);
                }
            }
        }
        None
    }

    /// Nobody may be left to be told.
    fn tell(&self, told: Told) {
        let _ = self.0.told.send(told);
    }
}

/// The reports as they are once the tables know what happened up to `until`; `None` when that takes too long.
/// What the tables do not show yet must not be taken for shown.
pub(super) async fn look(
    app: &App,
    until: Position,
    touched: &Touched,
) -> Result<Option<Batch>, Problem> {
    if !touched.is_empty() && timeout(MAX_WAIT, app.reach(REPORTS, until)).await.is_err() {
        return Ok(None);
    }
    Batch::of(app, until, touched).await.map(Some)
}

fn take(touched: &mut Touched, event: &crate::tail::LiveEvent) -> Position {
    if let Some(content) = &event.content {
        touch(touched, &content.event, event.position);
    }
    event.position
}
