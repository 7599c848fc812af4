//! How a feed goes from one thing that it tells to the next.

use std::sync::Arc;

use futures_util::FutureExt;
use tokio::time::{Instant, sleep_until, timeout};

use super::config::{PAGE, STEP_WITHIN, TOGETHER};
use super::{End, Feed, News, State, Told};
use crate::error::QueryError;
use crate::tail::{LiveEvent, Lost, Subscription};

impl Feed {
    pub(super) fn reason_to_end(&self) -> Option<End> {
        if self.ending.is_cancelled() {
            return Some(End::Ending);
        }
        (self.app.now() >= self.expires).then_some(End::Expired)
    }

    pub(super) fn end(&mut self, end: End) -> Option<Told> {
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
    pub(super) async fn step(&mut self, news: Option<Subscription>) -> Result<Option<News>, End> {
        let ending = self.ending.clone();
        let reading = Box::pin(timeout(STEP_WITHIN, self.read(news)));
        match ending.run_until_cancelled(reading).await {
            Some(Ok(Ok(told))) => Ok(told),
            Some(Ok(Err(error))) => Err(failed(&error)),
            Some(Err(error)) => Err(failed(&error)),
            None => Err(End::Ending),
        }
    }

    /// Reads what comes behind the position, until the subscription takes over.
    pub(super) async fn read(
        &mut self,
        news: Option<Subscription>,
    ) -> Result<Option<News>, QueryError> {
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
    pub(super) async fn live(
        &mut self,
        mut news: Subscription,
        mut kept_up: Option<Instant>,
    ) -> Result<Option<News>, End> {
        let mut told = vec![];
        let mut lost = None;
        while told.len() < TOGETHER && lost.is_none() {
            let next = match news.next().now_or_never() {
                None if told.is_empty() => {
                    let next = self.wait(&mut news).await?;
                    kept_up = Some(Instant::now());
                    next
                }
                next => next,
            };
            match next {
                Some(Ok(event)) => self.take(event, &mut told),
                Some(Err(why)) => lost = Some(why),
                None => break,
            }
        }
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

fn failed(error: &(dyn std::error::Error + 'static)) -> End {
    tracing::warn!(error, "a feed was broken off");
    End::Failed
}
