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
mod places;
mod viewer;

use std::sync::Arc;

use event_log::{LogError, Position};
use events::Timestamp;
use futures_util::FutureExt;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Instant, sleep_until, timeout};
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
use config::{PAGE, START_WITHIN, STEP_WITHIN, TOGETHER};
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

    fn reason_to_end(&self) -> Option<End> {
        if self.ending.is_cancelled() {
            return Some(End::Ending);
        }
        (self.app.now() >= self.expires).then_some(End::Expired)
    }

    fn end(&mut self, end: End) -> Option<Told> {
        self.state = State::Over;
        let why = match end {
            End::Lagged => "lagged",
            End::Expired => "expired",
            End::Failed => "failed",
            End::Ending => "ending",
        };
        metrics::counter!("docket_feeds_ended_total", "why" => why).increment(1);
        None
    }

    /// The next page of the log. The work is boxed, so that a feed that is live does not keep the room for it.
    async fn step(&mut self, news: Option<Subscription>) -> Result<Option<News>, End> {
        let reading = Box::pin(timeout(STEP_WITHIN, self.read(news)));
        match reading.await {
            Ok(Ok(told)) => Ok(told),
            Ok(Err(error)) => Err(failed(&error)),
            Err(error) => Err(failed(&error)),
        }
    }

    /// Reads what comes behind the position, until the subscription takes over.
    async fn read(&mut self, news: Option<Subscription>) -> Result<Option<News>, QueryError> {
        if let Some(news) = news {
            if self.position >= news.position() {
                self.state = State::Live { news, kept_up: None };
                return Ok(None);
            }
            self.state = State::Reading(Some(news));
        }
        self.page = self.app.feeds().page().await;
        let _turn = self.app.feeds().turn().await;
        let page = self.app.reader().read_all(self.position, PAGE).await?;
        let last = page.events.last().map(|event| event.position);
        let mut recorded = page.events;
        recorded.retain(|event| self.viewer.may_see(&event.stream));
        let mut events = self.app.source().complete(&recorded).await?;
        events.retain(|event| self.viewer.sees(event));
        self.position = last.unwrap_or(self.position);
        match &self.state {
            State::Reading(Some(_)) if last.is_none() => {
                // Another node of the log's engine may not have what this process was told of.
                let patience = self.app.feeds().heartbeat().min(STEP_WITHIN / 2);
                self.app.reader().wait_past(self.position, patience).await?;
            }
            State::Reading(Some(_)) => {}
            _ if page.caught_up => {
                self.state = State::Reading(Some(self.app.tail().subscribe().await));
            }
            _ => self.state = State::Reading(None),
        }
        Ok(last.map(|_| events.into_iter().map(Arc::new).collect()))
    }

    /// What is new, together with what comes with it; or nothing, when it is time to show that the feed lives.
    async fn live(
        &mut self,
        mut news: Subscription,
        mut kept_up: Option<Instant>,
    ) -> Result<Option<News>, End> {
        let mut told = vec![];
        let lost = loop {
            let next = match news.next().now_or_never() {
                Some(next) => next,
                None if !told.is_empty() => break None,
                None => {
                    let next = self.wait(&mut news).await?;
                    kept_up = Some(Instant::now());
                    match next {
                        Some(next) => next,
                        None => break None,
                    }
                }
            };
            match next {
                Ok(event) => self.take(event, &mut told),
                Err(lost) => break Some(lost),
            }
            if told.len() == TOGETHER {
                break None;
            }
        };
        self.state = match lost {
            // What was missed while the history was read, or at one blow, is read, too.
            Some(Lost::Lagged) if self.is_recent(kept_up) => State::Reading(None),
            Some(lost) if told.is_empty() => return Err(lost.into()),
            // A loss is told again when what came before it was.
            None | Some(_) => State::Live { news, kept_up },
        };
        Ok((lost.is_none() || !told.is_empty()).then_some(told))
    }

    /// Whether the client is not the one who is slow.
    fn is_recent(&self, kept_up: Option<Instant>) -> bool {
        kept_up.is_none_or(|at| at.elapsed() <= self.app.feeds().patience())
    }

    /// The next piece of news; `None` when it is time to show that the feed lives.
    async fn wait(
        &self,
        news: &mut Subscription,
    ) -> Result<Option<Result<Arc<LiveEvent>, Lost>>, End> {
        let left = (self.expires.to_utc() - self.app.now().to_utc()).to_std().unwrap_or_default();
        // Far beyond any heartbeat, a time may be too late to be told.
        let expiry = Instant::now().checked_add(left).unwrap_or(self.beat);
        tokio::select! {
            biased;
            () = self.ending.cancelled() => Err(End::Ending),
            next = news.next() => Ok(Some(next)),
            () = sleep_until(self.beat.min(expiry)) => match self.reason_to_end() {
                Some(end) => Err(end),
                None => Ok(None),
            },
        }
    }

    fn take(&mut self, event: Arc<LiveEvent>, told: &mut News) {
        // What was read from the log comes again when it was handed over late.
        if event.position > self.position {
            self.position = event.position;
            if self.viewer.sees(&event) {
                told.push(event);
            }
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

fn failed(error: &(dyn std::error::Error + 'static)) -> End {
    tracing::warn!(error, "a feed was broken off");
    End::Failed
}
