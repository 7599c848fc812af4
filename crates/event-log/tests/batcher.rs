//! Many callers, few calls.

#![expect(clippy::unwrap_used, reason = "a failed step of a test is a failed test")]

use std::sync::{Arc, Mutex};

use event_log::batcher::{BatchError, Batcher, Limits};
use futures_util::future::{join, join_all};
use tokio::sync::Semaphore;

/// A batcher that doubles numbers, remembers its batches, and waits at a gate before each.
struct Doubler {
    batcher: Batcher<u32, u32, &'static str>,
    batches: Arc<Mutex<Vec<Vec<u32>>>>,
    gate: Arc<Semaphore>,
}

impl Doubler {
    fn new(limits: Limits) -> Self {
        let batches: Arc<Mutex<Vec<Vec<u32>>>> = Arc::default();
        let gate = Arc::new(Semaphore::new(0));
        let (seen, before) = (Arc::clone(&batches), Arc::clone(&gate));
        let doubler = Batcher::spawn_with("doubler", limits, move |numbers: Vec<u32>| {
            let (seen, before) = (Arc::clone(&seen), Arc::clone(&before));
            async move {
                seen.lock().unwrap().push(numbers.clone());
                before.acquire().await.unwrap().forget();
                assert!(!numbers.contains(&13), "unlucky");
                if numbers.contains(&404) {
                    return Err("not found");
                }
                Ok(numbers.into_iter().map(|number| number * 2).collect())
            }
        });
        Self { batcher: doubler, batches, gate }
    }

    /// Waits until the first call is under way, so that what follows is queued behind it.
    async fn with_one_under_way(limits: Limits) -> (Self, impl Future<Output = u32>) {
        let doubler = Self::new(limits);
        let batcher = doubler.batcher.clone();
        let first = tokio::spawn(async move { batcher.call(1).await.unwrap() });
        while doubler.batches.lock().unwrap().is_empty() {
            tokio::task::yield_now().await;
        }
        (doubler, async { first.await.unwrap() })
    }

    async fn call_all(
        &self,
        numbers: impl IntoIterator<Item = u32>,
    ) -> Vec<Result<u32, BatchError<&'static str>>> {
        let opening = async { self.gate.add_permits(1000) };
        join(join_all(numbers.into_iter().map(|number| self.batcher.call(number))), opening).await.0
    }

    fn batches(&self) -> Vec<Vec<u32>> {
        self.batches.lock().unwrap().clone()
    }
}

const LIMITS: Limits = Limits { queue: 100, batch: 4, weight: usize::MAX };

#[tokio::test]
async fn what_is_queued_meanwhile_is_the_next_batch() {
    let (doubler, first) = Doubler::with_one_under_way(LIMITS).await;
    let answers = doubler.call_all(2..8).await;
    assert_eq!(answers, [4, 6, 8, 10, 12, 14].map(Ok));
    assert_eq!(first.await, 2);
    assert_eq!(doubler.batches(), [vec![1], vec![2, 3, 4, 5], vec![6, 7]]);
}

#[tokio::test]
async fn heavy_requests_make_small_batches() {
    let (doubler, _first) = Doubler::with_one_under_way(Limits { weight: 10, ..LIMITS }).await;
    let weights = [(2, 4), (3, 7), (4, 1), (5, 99), (6, 1)];
    let calls = weights.map(|(number, weight)| doubler.batcher.call_weighing(number, weight));
    join(join_all(calls), async { doubler.gate.add_permits(1000) }).await;
    assert_eq!(doubler.batches(), [vec![1], vec![2, 3], vec![4, 5], vec![6]]);
}

#[tokio::test]
async fn a_full_queue_refuses_and_keeps_what_it_has() {
    let (doubler, first) = Doubler::with_one_under_way(Limits { queue: 2, ..LIMITS }).await;
    let answers = doubler.call_all(2..6).await;
    assert_eq!(answers, [Ok(4), Ok(6), Err(BatchError::Full), Err(BatchError::Full)]);
    assert_eq!(first.await, 2);
}

#[tokio::test]
async fn an_error_is_everybodys() {
    let (doubler, first) = Doubler::with_one_under_way(LIMITS).await;
    let answers = doubler.call_all([2, 404, 3, 4, 5]).await;
    let failed = Err(BatchError::Failed("not found"));
    assert_eq!(answers, [failed.clone(), failed.clone(), failed.clone(), failed, Ok(10)]);
    assert_eq!(first.await, 2);
}

#[tokio::test]
async fn a_panic_ends_its_batch_and_not_the_batcher() {
    let (doubler, first) = Doubler::with_one_under_way(LIMITS).await;
    let answers = doubler.call_all([2, 13]).await;
    assert_eq!(answers, [Err(BatchError::Stopped), Err(BatchError::Stopped)]);
    assert_eq!(first.await, 2);
    assert_eq!(doubler.batcher.call(7).await, Ok(14));
}

#[tokio::test]
async fn whoever_went_away_is_not_asked_for() {
    let (doubler, _first) = Doubler::with_one_under_way(LIMITS).await;
    let gone = doubler.batcher.clone();
    let gone = tokio::spawn(async move { gone.call(2).await });
    tokio::task::yield_now().await;
    gone.abort();
    assert!(gone.await.unwrap_err().is_cancelled());
    assert_eq!(doubler.call_all([3]).await, [Ok(6)]);
    assert_eq!(doubler.batches(), [vec![1], vec![3]]);
}

#[tokio::test]
async fn closing_answers_what_is_queued_and_takes_no_more() {
    let (doubler, first) = Doubler::with_one_under_way(LIMITS).await;
    let queued = join_all((2..8).map(|number| doubler.batcher.call(number)));
    let closing = async {
        doubler.gate.add_permits(1000);
        doubler.batcher.close().await;
    };
    let (answers, ()) = join(queued, closing).await;
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    assert_eq!(first.await, 2);
    assert_eq!(doubler.batcher.call(9).await, Err(BatchError::Stopped));
}
