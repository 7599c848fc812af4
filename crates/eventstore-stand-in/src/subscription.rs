//! Subscriptions: what is there and what comes.

use std::collections::VecDeque;
use std::sync::Arc;

use futures_util::{Stream, stream};
use tokio::sync::watch;
use tonic::Status;

use crate::protocol::streams::ReadResp;
use crate::protocol::streams::read_resp::{CaughtUp, Content, SubscriptionConfirmation};
use crate::read::{From, Query, Source, message, response};
use crate::store::{Events, Store};

struct State {
    store: Arc<Store>,
    query: Query,
    length: watch::Receiver<usize>,
    /// Counts the times that subscriptions were ended.
    ended: watch::Receiver<u64>,
    /// The place of the next event to look at.
    next: usize,
    ready: VecDeque<ReadResp>,
    caught_up: bool,
}

/// The confirmation, the events after the point that was asked for, a word when there are no more,
/// and whatever comes then. Ends, with OK, when `ended` changes.
pub(crate) fn subscribe(
    store: Arc<Store>,
    query: Query,
    id: &str,
    ended: watch::Receiver<u64>,
) -> impl Stream<Item = Result<ReadResp, Status>> + Send + 'static {
    let next = first(&store.lock(), &query.source);
    let confirmation = SubscriptionConfirmation { subscription_id: id.to_owned() };
    let ready = VecDeque::from([response(Content::Confirmation(confirmation))]);
    let length = store.length.subscribe();
    let state = State { store, query, length, ended, next, ready, caught_up: false };
    stream::unfold(state, async |mut state| state.next().await.map(|found| (Ok(found), state)))
}

/// A subscription begins after the event that is named; a read begins with it.
fn first(events: &Events, source: &Source) -> usize {
    match source {
        Source::All(From::Start) | Source::Stream(_, From::Start) => 0,
        Source::All(From::End) | Source::Stream(_, From::End) => events.all.len(),
        Source::All(From::Number(position)) => events.place(position.saturating_add(1)),
        Source::Stream(name, From::Number(revision)) => {
            let after = usize::try_from(*revision).unwrap_or(usize::MAX).saturating_add(1);
            let place = events.stream(name).and_then(|places| places.get(after).copied());
            place.unwrap_or(events.all.len())
        }
    }
}

impl State {
    async fn next(&mut self) -> Option<ReadResp> {
        loop {
            if self.ended.has_changed().unwrap_or(true) {
                return None;
            }
            if let Some(ready) = self.ready.pop_front() {
                return Some(ready);
            }
            if self.gather() {
                continue;
            }
            if !std::mem::replace(&mut self.caught_up, true) {
                return Some(response(Content::CaughtUp(CaughtUp {})));
            }
            tokio::select! {
                _ = self.length.changed() => {}
                _ = self.ended.changed() => return None,
            }
        }
    }

    /// Takes what has come; `false` when nothing has.
    fn gather(&mut self) -> bool {
        let events = self.store.lock();
        let new = events.all.get(self.next..).unwrap_or_default();
        self.next += new.len();
        self.ready.extend(new.iter().filter(|event| self.query.takes(event)).map(message));
        !new.is_empty()
    }
}
