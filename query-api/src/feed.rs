//! The moderation feed: every event that a caller may see, from any position in history, and then as they happen.
//!
//! [`open`] says who may, and [`Feed::next`] what is to be told next. A feed that is to resume reads the log page by
//! page until there is nothing left, subscribes to the [`crate::tail`], reads what came in between, and is live: no
//! gap, and no double, since whatever it has told already is dropped by its position. Without a position to resume
//! from it is live at once, and the log is not read.
//!
//! A feed ends rather than leave anything out: when it cannot keep up, when events cannot be completed, when the
//! caller's token expires, when the process ends. The client comes back with the last position that it was told.
//!
//! **Architecture Invariant:** an open feed reads nothing while it is live. What it shows was looked up once, for all.

mod config;
mod follow;
mod places;
mod viewer;

use std::sync::Arc;

use event_log::{LogError, Position};
use events::Timestamp;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;
use web::Caller;

pub use config::FeedConfig;
pub(crate) use places::Feeds;
pub use places::NoPlace;
pub use viewer::Viewer;

use crate::error::QueryError;
use crate::read::history;
use crate::tail::{LiveEvent, Lost, Subscription};
use crate::{App, bans};
use config::START_WITHIN;
use places::Place;

/// A caller's events, one after the other.
#[derive(Debug)]
pub struct Feed {
    app: App,
    viewer: Viewer,
    /// When the caller's token is worth nothing any more.
    expires: Timestamp,
    /// Whoever serves it wants it to end.
    ending: CancellationToken,
    /// Everything up to here was told, or is not for this viewer.
    position: Position,
    /// What the client knows of that.
    shown: Position,
    state: State,
    /// What is to be told.
    ready: Option<News>,
    /// Room for the page of history that was told last: until the client asks for more, it is in memory.
    page: Option<OwnedSemaphorePermit>,
    /// When something is to be told even if there is nothing.
    beat: Instant,
    _place: Place,
}

#[derive(Debug)]
enum State {
    /// Reads the log; with a subscription, up to where that begins.
    Reading(Option<Subscription>),
    /// Waits for news; `kept_up` says when it last had taken all there was, if it ever had.
    Live {
        news: Subscription,
        kept_up: Option<Instant>,
    },
    Over,
}

/// What is to be told next.
#[derive(Debug)]
pub enum Told {
    /// What happened, oldest first.
    Events(Vec<Arc<LiveEvent>>),
    /// Nothing for this viewer up to here, which is to be remembered, or a client that comes back would have all of
    /// it read again.
    Position(Position),
    /// Nothing at all; it is only time to show that the feed lives.
    Silence,
}

/// Events for this viewer.
type News = Vec<Arc<LiveEvent>>;

/// Why a feed ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Lagged,
    Expired,
    Failed,
    Ending,
}

/// What the client says it has seen last.
pub fn parse(app: &App, last: Option<&str>) -> Result<Option<Position>, QueryError> {
    let head = app.access().position();
    last.map(|last| last.parse().map_err(|_| QueryError::NoEvent(head))).transpose()
}

/// Opens a feed for `caller`, from behind `after`; from now on, when that is `None`. It ends when `ending` says so.
///
/// For platform staff, and for those who create or moderate a live stream; others are denied.
pub async fn open(
    app: &App,
    caller: Caller,
    after: Option<Position>,
    ending: CancellationToken,
) -> Result<Feed, QueryError> {
    bans::whose(app, &caller.actor, None).await?;
    let place = app.feeds().take(&caller.actor.id)?;
    let news = timeout(START_WITHIN, app.tail().subscribe()).await;
    let news = news.map_err(|_| QueryError::NotFollowing)?;
    let position = after.unwrap_or(news.position());
    let state = if position < news.position() {
        State::Reading(None)
    } else {
        State::Live { news, kept_up: None }
    };
    let mut feed = Feed {
        app: app.clone(),
        viewer: Viewer::new(caller.actor),
        expires: caller.expires,
        ending,
        position,
        shown: position,
        state,
        ready: None,
        page: None,
        beat: Instant::now() + app.feeds().heartbeat(),
        _place: place,
    };
    feed.check(after).await?;
    Ok(feed)
}

impl Feed {
    /// Who sees it.
    pub fn viewer(&self) -> &Viewer {
        &self.viewer
    }

    /// Behind which position it begins.
    pub fn start(&self) -> Position {
        self.shown
    }

    /// What is to be told next; `None` when the feed is over. It is over for good then.
    pub async fn next(&mut self) -> Option<Told> {
        loop {
            if let Some(told) = self.ready.take() {
                self.beat = Instant::now() + self.app.feeds().heartbeat();
                return Some(self.show(told));
            }
            if let Some(end) = self.reason_to_end() {
                return self.end(end);
            }
            self.page = None;
            let state = std::mem::replace(&mut self.state, State::Over);
            let told = match state {
                State::Reading(news) => self.step(news).await,
                State::Live { news, kept_up } => self.live(news, kept_up).await,
                State::Over => return None,
            };
            match told {
                Ok(told) => self.ready = told,
                Err(end) => return self.end(end),
            }
        }
    }

    /// Leaves out what the client knows.
    fn show(&mut self, told: News) -> Told {
        let known = std::mem::replace(&mut self.shown, self.position) == self.position;
        match told.last() {
            // What follows it in the log and is not for this viewer is left for a quieter moment.
            Some(last) => {
                self.shown = last.position;
                Told::Events(told)
            }
            None if known => Told::Silence,
            None => Told::Position(self.position),
        }
    }

    /// A position that the log does not have is the caller's mistake, and what is down at the start is told by a
    /// status: so the first page is read before anything is answered.
    async fn check(&mut self, after: Option<Position>) -> Result<(), QueryError> {
        if let (Some(after), State::Live { news, .. }) = (after, &self.state)
            && after > news.position()
        {
            let head = self.app.reader().head().await?;
            return if after > head { Err(QueryError::NoEvent(head)) } else { Ok(()) };
        }
        if let State::Reading(_) = &self.state {
            let position = self.position;
            match self.read(None).await {
                Ok(told) => self.ready = told,
                Err(QueryError::Log(error)) => return Err(self.blame(position, error).await),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Some engines refuse to read on from where no event is.
    async fn blame(&self, after: Position, error: LogError) -> QueryError {
        match (&error, history::holds(self.app.pool(), after).await) {
            (LogError::Broken(_), Ok(false)) if after > Position::START => {
                QueryError::NoEvent(self.app.access().position())
            }
            _ => QueryError::Log(error),
        }
    }
}

impl From<Lost> for End {
    fn from(lost: Lost) -> Self {
        match lost {
            Lost::Lagged => Self::Lagged,
            Lost::Closed => Self::Ending,
        }
    }
}
