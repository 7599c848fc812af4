//! Whether a user may watch and chat now, answered from memory (design §5).
//!
//! [`Access`] holds every active ban. [`follow`] fills it from the table of bans once, then feeds it
//! from the log, so it neither waits for the projector nor asks the database. How old its knowledge
//! is, is known at any time: above [`MAX_STALENESS`] it refuses to answer.

mod follow;
mod set;

use std::time::Duration;

use event_log::Position;
use events::ban::ActionType;
use events::{BanId, LiveStreamId, Timestamp, UserId};
use tokio::sync::watch;
use tokio::time::Instant;

pub use follow::follow;
pub use set::{ActiveBan, ActiveBans, Standing};

/// How old its knowledge may be: 5 seconds (design §5).
pub const MAX_STALENESS: Duration = Duration::from_secs(5);

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AccessError {
    /// The log was last known to hold nothing new too long ago.
    #[error("the active bans in memory are out of date")]
    Stale,
    /// An event of this user on this live stream could not be read.
    #[error("an event of this user on this live stream could not be read")]
    Unreadable,
}

/// The active bans, and how far they follow the log.
#[derive(Debug)]
pub struct Access {
    bans: ActiveBans,
    progress: watch::Sender<Progress>,
    max_staleness: Duration,
}

/// How far the log was followed.
#[derive(Debug, Clone, Copy, Default)]
struct Progress {
    /// The last event taken in.
    position: Position,
    /// When it was last known that the log held nothing further; before the first time, `None`.
    caught_up: Option<Instant>,
}

impl Access {
    /// Knows nothing yet.
    pub fn new(max_staleness: Duration) -> Self {
        let progress = watch::Sender::new(Progress::default());
        Self { bans: ActiveBans::default(), progress, max_staleness }
    }

    /// The ban that keeps `user` from `live_stream` at `now`.
    pub fn active_ban(
        &self,
        live_stream: &LiveStreamId,
        user: &UserId,
        now: Timestamp,
    ) -> Result<Option<ActiveBan>, AccessError> {
        if self.staleness().is_none_or(|age| age > self.max_staleness) {
            return Err(AccessError::Stale);
        }
        match self.bans.standing(&BanId::key(live_stream, user), now) {
            Standing::Free => Ok(None),
            Standing::Banned(ban) => Ok(Some(ban)),
            Standing::Unreadable => Err(AccessError::Unreadable),
        }
    }

    /// Up to which event the log is known.
    pub fn position(&self) -> Position {
        self.progress.borrow().position
    }

    /// How long ago the log was last known to hold nothing new; `None` before the first time.
    pub fn staleness(&self) -> Option<Duration> {
        self.progress.borrow().caught_up.map(|at| at.elapsed())
    }

    /// The age above which there is no answer.
    pub fn max_staleness(&self) -> Duration {
        self.max_staleness
    }

    /// How many bans are held.
    pub fn len(&self) -> usize {
        self.bans.len()
    }

    /// Whether none is held.
    pub fn is_empty(&self) -> bool {
        self.bans.is_empty()
    }

    /// Waits until the log is known up to `position`; for ever, when it never is.
    pub async fn reach(&self, position: Position) {
        // The sender lives in `self`, so the channel cannot close meanwhile.
        let _ = self.progress.subscribe().wait_for(|p| p.position >= position).await;
    }

    fn advance(&self, position: Position, caught_up: Option<Instant>) {
        self.progress.send_modify(|progress| {
            progress.position = position;
            progress.caught_up = caught_up.or(progress.caught_up);
        });
        self.observe();
    }

    fn observe(&self) {
        let age = self.staleness().map_or(f64::INFINITY, |age| age.as_secs_f64());
        metrics::gauge!("docket_access_staleness_seconds").set(age);
    }
}

/// What an active ban, or none, leaves its user.
pub fn permissions(ban: Option<&ActiveBan>) -> (bool, bool) {
    match ban.map(|ban| ban.action_type) {
        None => (true, true),
        Some(ActionType::ChatOnly) => (true, false),
        Some(ActionType::Block) => (false, false),
    }
}
