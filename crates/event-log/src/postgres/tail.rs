//! Knowing soon that the log has grown.

use std::sync::Arc;
use std::time::Duration;

use sqlx::PgPool;
use sqlx::postgres::{PgConnectOptions, PgListener, PgPoolOptions};
use tokio::sync::watch;
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

use super::connections::Connections;
use super::read;
use crate::Position;

/// The channel that `log.append` notifies, with its new head.
const CHANNEL: &str = "docket_log";

/// How often the head is read while somebody waits: a notification is a hint, and a lost connection
/// loses some.
const POLL: Duration = Duration::from_millis(250);

/// The highest head heard of.
#[derive(Debug)]
pub(super) struct Tail {
    head: watch::Sender<Position>,
    stop: CancellationToken,
    tasks: TaskTracker,
    pool: PgPool,
    /// Ends the tasks with the one who owns this.
    _guard: DropGuard,
}

impl Tail {
    pub(super) fn spawn(
        connections: Arc<Connections>,
        options: PgConnectOptions,
        head: Position,
    ) -> Self {
        let head = watch::Sender::new(head);
        let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
        let pool = one_connection(options);
        tasks.spawn(stop.clone().run_until_cancelled_owned(listen(pool.clone(), head.clone())));
        tasks.spawn(stop.clone().run_until_cancelled_owned(poll(connections, head.clone())));
        tasks.close();
        Self { head, tasks, pool, _guard: stop.clone().drop_guard(), stop }
    }

    pub(super) async fn wait_past(&self, position: Position, timeout: Duration) -> bool {
        let mut head = self.head.subscribe();
        let passed = head.wait_for(|head| *head > position);
        tokio::time::timeout(timeout, passed).await.is_ok()
    }

    pub(super) async fn close(&self) {
        self.stop.cancel();
        self.tasks.wait().await;
        self.pool.close().await;
    }
}

/// What a listener wants: it takes its connection from a pool, and makes a lost one anew there.
fn one_connection(options: PgConnectOptions) -> PgPool {
    PgPoolOptions::new()
        .max_connections(1)
        .max_lifetime(None)
        .idle_timeout(None)
        .connect_lazy_with(options)
}

fn raise(head: &watch::Sender<Position>, to: Position) {
    head.send_if_modified(|head| {
        let higher = to > *head;
        *head = to.max(*head);
        higher
    });
}

async fn listen(pool: PgPool, head: watch::Sender<Position>) {
    loop {
        if let Err(error) = hear(&pool, &head).await {
            tracing::debug!(%error, "not listening to the log, only polling it");
        }
        tokio::time::sleep(POLL).await;
    }
}

async fn hear(pool: &PgPool, head: &watch::Sender<Position>) -> Result<(), sqlx::Error> {
    let mut listener = PgListener::connect_with(pool).await?;
    listener.listen(CHANNEL).await?;
    loop {
        let notification = listener.recv().await?;
        match notification.payload().parse() {
            Ok(position) => raise(head, position),
            Err(error) => tracing::warn!(%error, "a notification that is none of ours"),
        }
    }
}

async fn poll(connections: Arc<Connections>, head: watch::Sender<Position>) {
    loop {
        tokio::time::sleep(POLL).await;
        if head.receiver_count() == 0 {
            continue;
        }
        match read::head(&connections).await {
            Ok(position) => raise(&head, position),
            Err(error) => tracing::debug!(%error, "the head of the log cannot be read"),
        }
    }
}
