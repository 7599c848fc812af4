//! Knowing soon that the log has grown.

use std::time::Duration;

use tokio::sync::watch;
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

use crate::{LogError, Position};

/// The highest head heard of, and the tasks that listen for it.
#[derive(Debug)]
pub(crate) struct Tail {
    head: watch::Sender<Position>,
    stop: CancellationToken,
    tasks: TaskTracker,
    /// Ends the tasks with the one who owns this.
    _guard: DropGuard,
}

/// How long to wait before the head is read again while somebody waits for it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pace {
    /// After the log has grown. Each pause in which it has not is twice as long as the one before.
    pub(crate) shortest: Duration,
    /// The longest pause.
    pub(crate) longest: Duration,
}

impl Tail {
    /// Reads the head with `read` every now and then, while somebody waits.
    pub(crate) fn spawn<F, Fut>(head: Position, pace: Pace, read: F) -> Self
    where
        F: Fn() -> Fut + Send + 'static,
        Fut: Future<Output = Result<Position, LogError>> + Send + 'static,
    {
        let stop = CancellationToken::new();
        let tail = Self {
            head: watch::Sender::new(head),
            tasks: TaskTracker::new(),
            _guard: stop.clone().drop_guard(),
            stop,
        };
        tail.tasks.close();
        let head = tail.head.clone();
        tail.also(poll(head, pace, read));
        tail
    }

    /// Runs this beside the polling, until the tail is closed or dropped.
    pub(crate) fn also(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.tasks.spawn(self.stop.clone().run_until_cancelled_owned(task));
    }

    /// Where to tell of a head, with [`raise`].
    pub(crate) fn head(&self) -> &watch::Sender<Position> {
        &self.head
    }

    pub(crate) async fn wait_past(&self, position: Position, timeout: Duration) -> bool {
        let mut head = self.head.subscribe();
        let passed = head.wait_for(|head| *head > position);
        tokio::time::timeout(timeout, passed).await.is_ok()
    }

    pub(crate) async fn close(&self) {
        self.stop.cancel();
        self.tasks.wait().await;
    }
}

/// Lets those know who wait, if the log has grown.
pub(crate) fn raise(head: &watch::Sender<Position>, to: Position) {
    head.send_if_modified(|head| {
        let higher = to > *head;
        *head = to.max(*head);
        higher
    });
}

async fn poll<F, Fut>(head: watch::Sender<Position>, pace: Pace, read: F)
where
    F: Fn() -> Fut,
    Fut: Future<Output = Result<Position, LogError>>,
{
    let mut pause = pace.shortest;
    let mut before = *head.borrow();
    loop {
        tokio::time::sleep(pause).await;
        pause = pace.longest.min(pause * 2);
        if head.receiver_count() > 0 {
            match read().await {
                Ok(position) => raise(&head, position),
                Err(error) => tracing::debug!(%error, "the head of the log cannot be read"),
            }
        }
        let now = *head.borrow();
        if now > before {
            (pause, before) = (pace.shortest, now);
        }
    }
}
