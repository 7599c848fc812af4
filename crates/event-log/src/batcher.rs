//! A small self-clocking batcher: many callers, few calls.
//!
//! It takes what is queued and makes one call of it; what arrives meanwhile is the next batch. There
//! is no timer: an idle batcher adds no delay, and a busy one makes as large batches as the load asks
//! for.

use std::fmt;
use std::panic::AssertUnwindSafe;
use std::time::Instant;

use futures_util::FutureExt;
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Hands requests to a function that answers many at once. Clones share the queue.
pub struct Batcher<Req, Ans, E> {
    queue: mpsc::Sender<Waiting<Req, Ans, E>>,
    closing: CancellationToken,
    tasks: TaskTracker,
}

/// How much a [`Batcher`] takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Requests that may wait. One more is refused.
    pub queue: usize,
    /// Requests in one call.
    pub batch: usize,
    /// The sum of their weights at which a batch is full; the last request may exceed it.
    pub weight: usize,
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BatchError<E> {
    /// Too many requests wait already; this one was not taken.
    #[error("the queue is full")]
    Full,
    /// The batcher was closed, or died on this request's batch.
    #[error("the batcher has stopped")]
    Stopped,
    /// The call that this request was part of failed.
    #[error("the batch failed")]
    Failed(#[source] E),
}

struct Waiting<Req, Ans, E> {
    request: Req,
    weight: usize,
    answer: oneshot::Sender<Result<Ans, E>>,
}

impl<Req, Ans, E> Batcher<Req, Ans, E>
where
    Req: Send + 'static,
    Ans: Send + 'static,
    E: Clone + Send + 'static,
{
    /// Starts a batcher that makes one call at a time. `call` answers each request, in order.
    pub fn spawn<F, Fut>(name: &'static str, queue: usize, batch: usize, call: F) -> Self
    where
        F: Fn(Vec<Req>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Vec<Ans>, E>> + Send + 'static,
    {
        Self::spawn_with(name, Limits { queue, batch, weight: usize::MAX }, call)
    }

    /// Starts a batcher with these limits. `call` answers each request, in order.
    pub fn spawn_with<F, Fut>(name: &'static str, limits: Limits, call: F) -> Self
    where
        F: Fn(Vec<Req>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Vec<Ans>, E>> + Send + 'static,
    {
        let (queue, waiting) = mpsc::channel(limits.queue.max(1));
        let (closing, tasks) = (CancellationToken::new(), TaskTracker::new());
        tasks.spawn(work_off(name, limits, waiting, closing.clone(), call));
        tasks.close();
        Self { queue, closing, tasks }
    }

    /// The answer to this request, given together with others.
    pub async fn call(&self, request: Req) -> Result<Ans, BatchError<E>> {
        self.call_weighing(request, 1).await
    }

    /// [`Self::call`] for a request that counts as `weight`.
    pub async fn call_weighing(&self, request: Req, weight: usize) -> Result<Ans, BatchError<E>> {
        let (answer, answered) = oneshot::channel();
        self.queue.try_send(Waiting { request, weight, answer }).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => BatchError::Full,
            mpsc::error::TrySendError::Closed(_) => BatchError::Stopped,
        })?;
        answered.await.map_err(|_| BatchError::Stopped)?.map_err(BatchError::Failed)
    }

    /// Takes no more requests and waits until those taken are answered.
    pub async fn close(&self) {
        self.closing.cancel();
        self.tasks.wait().await;
    }
}

/// How often a batch that still grows lets others run before it is sent. Each time costs a few
/// microseconds, and most of those who are about to ask do so within the first.
const YIELDS: usize = 16;

/// How many times in a row it must not have grown to be sent before that: whoever runs first may not ask
/// yet, and have the one run after him who does.
const STILL: usize = 3;

async fn work_off<Req, Ans, E, F, Fut>(
    name: &'static str,
    limits: Limits,
    mut waiting: mpsc::Receiver<Waiting<Req, Ans, E>>,
    closing: CancellationToken,
    call: F,
) where
    E: Clone,
    F: Fn(Vec<Req>) -> Fut,
    Fut: Future<Output = Result<Vec<Ans>, E>>,
{
    loop {
        let first = tokio::select! {
            biased;
            first = waiting.recv() => first,
            () = closing.cancelled() => {
                // What is queued is still answered: recv gives it out before it gives None.
                waiting.close();
                waiting.recv().await
            }
        };
        let Some(first) = first else { return };
        // Those whom the last batch has just answered are about to ask again. Letting them run first
        // makes full batches of what would else be a full one and a small one in turns.
        let mut still = 0;
        for _ in 0..YIELDS {
            let before = waiting.len();
            tokio::task::yield_now().await;
            still = if waiting.len() == before { still + 1 } else { 0 };
            if still == STILL {
                break;
            }
        }
        answer(name, fill(first, &mut waiting, limits), &call).await;
    }
}

/// A batch of this request and of what waits behind it.
fn fill<Req, Ans, E>(
    first: Waiting<Req, Ans, E>,
    waiting: &mut mpsc::Receiver<Waiting<Req, Ans, E>>,
    limits: Limits,
) -> Vec<Waiting<Req, Ans, E>> {
    let mut weight = first.weight;
    let mut batch = vec![first];
    while batch.len() < limits.batch && weight < limits.weight {
        let Ok(next) = waiting.try_recv() else { break };
        weight = weight.saturating_add(next.weight);
        batch.push(next);
    }
    // Whoever went away while his request was queued wants no answer.
    batch.retain(|waiting| !waiting.answer.is_closed());
    batch
}

async fn answer<Req, Ans, E, F, Fut>(name: &'static str, batch: Vec<Waiting<Req, Ans, E>>, call: &F)
where
    E: Clone,
    F: Fn(Vec<Req>) -> Fut,
    Fut: Future<Output = Result<Vec<Ans>, E>>,
{
    if batch.is_empty() {
        return;
    }
    let (requests, answers): (Vec<_>, Vec<_>) =
        batch.into_iter().map(|waiting| (waiting.request, waiting.answer)).unzip();
    #[expect(clippy::cast_precision_loss, reason = "batches are far smaller than 2^52")]
    metrics::histogram!("docket_batch_requests", "batcher" => name).record(requests.len() as f64);
    let started = Instant::now();
    // A call that panics takes its own batch with it, not the batcher.
    let outcome = AssertUnwindSafe(async { call(requests).await }).catch_unwind().await;
    metrics::histogram!("docket_batch_seconds", "batcher" => name).record(started.elapsed());
    // Sending fails where the caller has gone; that is his good right.
    match outcome {
        Ok(Ok(outcomes)) => {
            for (answer, outcome) in answers.into_iter().zip(outcomes) {
                drop(answer.send(Ok(outcome)));
            }
        }
        Ok(Err(error)) => {
            for answer in answers {
                drop(answer.send(Err(error.clone())));
            }
        }
        Err(_panic) => tracing::error!(batcher = name, "a batch was lost to a panic"),
    }
}

impl<Req, Ans, E> Clone for Batcher<Req, Ans, E> {
    fn clone(&self) -> Self {
        Self { queue: self.queue.clone(), closing: self.closing.clone(), tasks: self.tasks.clone() }
    }
}

impl<Req, Ans, E> fmt::Debug for Batcher<Req, Ans, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Batcher").field("queue", &self.queue.capacity()).finish_non_exhaustive()
    }
}
