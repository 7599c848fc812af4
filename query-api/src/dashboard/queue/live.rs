//! `/dashboard/queue/live`: what changes in the queue, as server-sent events.
//!
//! A page says up to which position it knows, so nothing is missed between the page and the first event; the
//! `id` of each event is the position that it reaches to, so nothing is missed when the connection breaks. What
//! happened in between is read from the log. An event may repeat what the page shows: lines are replaced, never
//! added up.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use event_log::Position;
use futures_util::stream::{self, Stream};
use serde::Deserialize;
use tokio::sync::broadcast::{Receiver, error::RecvError};
use tokio::time::{Interval, MissedTickBehavior, interval};
use web::{Language, Problem};

use super::super::{Dashboard, visit::Visit};
use super::frames::{Batch, touched};
use super::hub::{Seat, Told, look};
use super::{Hub, REPORTS};
use crate::error::QueryError;
use crate::reports;

/// A sign of life, which also asks whether the session still holds.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// Events that are read for a page that was away; a page that missed more is to be loaded again.
const MOST_MISSED: u32 = 2_000;

/// An event without data would not reach the script.
const NOTHING: &str = "-";

/// Up to where a page knows what happened.
#[derive(Debug, Deserialize)]
pub(in crate::dashboard) struct Known {
    after: Option<String>,
}

/// Somebody who looks at the queue.
struct Viewer {
    dashboard: Dashboard,
    hub: Hub,
    token: String,
    language: Language,
    told: Receiver<Told>,
    reached: Position,
    /// Whether something may be missing behind `reached`.
    behind: bool,
    /// Whether the last event was sent.
    over: bool,
    beat: Interval,
    _seat: Seat,
}

/// Everything that happens in the queue from now on.
pub(in crate::dashboard) async fn live(
    State(dashboard): State<Dashboard>,
    visit: Visit,
    headers: HeaderMap,
    Query(known): Query<Known>,
) -> Result<Response, Problem> {
    const BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");
    reports::admit(visit.actor())?;
    let last = headers.get("last-event-id").and_then(|id| id.to_str().ok()).map(str::to_owned);
    let known = last.or(known.after).and_then(|position| position.parse().ok());
    let reached = known.unwrap_or_else(|| dashboard.app().position(REPORTS));
    let viewer = Viewer::new(dashboard, visit, reached)?;
    let mut response = Sse::new(viewer.events()).into_response();
    response.headers_mut().insert(BUFFERING, HeaderValue::from_static("no"));
    Ok(response)
}

impl Viewer {
    fn new(dashboard: Dashboard, visit: Visit, reached: Position) -> Result<Self, Problem> {
        let hub = dashboard.hub().clone();
        let seat = hub.seat(&visit.actor().id)?;
        let mut beat = interval(HEARTBEAT);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let (told, language) = (hub.subscribe(), visit.texts.0);
        let token = visit.token;
        Ok(Self {
            dashboard,
            hub,
            token,
            language,
            told,
            reached,
            behind: true,
            over: false,
            beat,
            _seat: seat,
        })
    }

    fn events(self) -> impl Stream<Item = Result<Event, Infallible>> {
        stream::unfold(self, async |mut viewer| {
            let event = viewer.next().await?;
            Some((Ok(event), viewer))
        })
    }

    /// The next event; `None` after the last one.
    async fn next(&mut self) -> Option<Event> {
        while !self.over {
            let event = if self.behind { self.catch_up().await } else { self.wait().await };
            match event {
                Ok(Some(event)) => return Some(event),
                Ok(None) => {}
                Err(over) => {
                    self.over = true;
                    return over.event();
                }
            }
        }
        None
    }

    /// What happened behind `reached`.
    async fn catch_up(&mut self) -> Result<Option<Event>, Over> {
        if !self.hub.follows().await {
            return Err(Over::Ended);
        }
        match self.missed().await? {
            Some(batch) => {
                self.behind = false;
                Ok(self.tell(&batch))
            }
            // The tables are behind the log: nothing is to be seen yet, and nothing is missed.
            None => self.sign_of_life().await,
        }
    }

    /// What the log holds behind `reached`, as the tables show it; `None` while they do not.
    async fn missed(&self) -> Result<Option<Batch>, Over> {
        let _turn = self.hub.turn().await;
        let app = self.dashboard.app();
        let page = app.reader().read_all(self.reached, MOST_MISSED).await;
        let page = page.map_err(|error| Over::failed(QueryError::from(error)))?;
        if !page.caught_up {
            return Err(Over::TooMuch);
        }
        let until = page.events.last().map_or(self.reached, |last| last.position);
        look(app, until, &touched(&page.events)).await.map_err(Over::failed)
    }

    async fn wait(&mut self) -> Result<Option<Event>, Over> {
        tokio::select! {
            told = self.told.recv() => match told {
                Ok(Told::Batch(batch)) => Ok(self.tell(&batch)),
                Ok(Told::Gap) | Err(RecvError::Lagged(_)) => {
                    self.behind = true;
                    Ok(None)
                }
                Ok(Told::End) | Err(RecvError::Closed) => Err(Over::Ended),
            },
            _ = self.beat.tick() => self.sign_of_life().await,
        }
    }

    /// An event without data moves the browser's `Last-Event-ID`, and nothing else.
    async fn sign_of_life(&self) -> Result<Option<Event>, Over> {
        let alive = Event::default().id(self.reached.to_string());
        if self.is_admitted().await { Ok(Some(alive)) } else { Err(Over::SignedOut) }
    }

    /// What the batch tells beyond what was told already.
    fn tell(&mut self, batch: &Batch) -> Option<Event> {
        if batch.until <= self.reached {
            return None;
        }
        self.reached = batch.until;
        let told = batch.told(self.language)?;
        Some(Event::default().event("reports").id(self.reached.to_string()).data(told))
    }

    /// Whether the session is still good, and its roles still allow this.
    async fn is_admitted(&self) -> bool {
        let caller = self.dashboard.verifier().verify(&self.token).await;
        caller.is_ok_and(|caller| reports::admit(&caller.actor).is_ok())
    }
}

/// Why there are no more events.
enum Over {
    /// The process ends, or something failed: the browser comes again by itself.
    Ended,
    /// The page is to be loaded again.
    TooMuch,
    /// The session does not hold any more.
    SignedOut,
}

impl Over {
    fn failed(error: impl Into<Problem>) -> Self {
        error.into().log();
        Self::Ended
    }

    /// What tells the script, so that it does not try again.
    fn event(self) -> Option<Event> {
        match self {
            Self::Ended => None,
            Self::TooMuch => Some(Event::default().event("reload").data(NOTHING)),
            Self::SignedOut => Some(Event::default().event("end").data(NOTHING)),
        }
    }
}
