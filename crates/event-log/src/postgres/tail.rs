//! Knowing soon that the log has grown.

use std::sync::Arc;
use std::time::Duration;

use sqlx::PgPool;
use sqlx::postgres::{PgConnectOptions, PgListener, PgPoolOptions};
use tokio::sync::watch;

use super::connections::Connections;
use super::read;
use crate::Position;
use crate::tail::{self, Pace, raise};

/// The channel that `log.append` notifies, with its new head.
const CHANNEL: &str = "docket_log";

/// How often the head is read while somebody waits: a notification is a hint, and a lost connection
/// loses some.
const POLL: Duration = Duration::from_millis(250);

/// The highest head heard of.
#[derive(Debug)]
pub(super) struct Tail {
    tail: tail::Tail,
    pool: PgPool,
}

impl Tail {
    pub(super) fn spawn(
        connections: Arc<Connections>,
        options: PgConnectOptions,
        head: Position,
    ) -> Self {
        let pool = one_connection(options);
        let tail = tail::Tail::spawn(head, Pace { shortest: POLL, longest: POLL }, move || {
            let connections = Arc::clone(&connections);
            async move { read::head(&connections).await }
        });
        tail.also(listen(pool.clone(), tail.head().clone()));
        Self { tail, pool }
    }

    pub(super) async fn wait_past(&self, position: Position, timeout: Duration) -> bool {
        self.tail.wait_past(position, timeout).await
    }

    pub(super) async fn close(&self) {
        self.tail.close().await;
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
