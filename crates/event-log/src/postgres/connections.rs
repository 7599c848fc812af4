//! A few connections, each used by one statement at a time.
//!
//! Not `sqlx::PgPool`: that one asks the server for a sign of life each time it hands a connection
//! out and takes it back, which doubles the round trips of the hottest path. Here a connection is
//! trusted until it fails and never used again after; a lost one is found by the statement that was
//! sent over it, and callers know how to repeat theirs.

use std::str::FromStr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection, PgConnection};
use tokio::sync::Semaphore;

use super::failure::Failure;

/// A server that does not take a connection within this time is down.
const CONNECT_WITHIN: Duration = Duration::from_secs(3);

/// How long the server works on one statement before it gives up by itself.
const STATEMENT_WITHIN: Duration = Duration::from_secs(5);

/// How long we wait for it: longer, so that we only give up first on a server that is out of reach.
const ANSWER_WITHIN: Duration = Duration::from_secs(6);

/// Something to ask the server.
pub(super) trait Statement: Sync {
    type Answer: Send;

    fn send(
        &self,
        connection: &mut PgConnection,
    ) -> impl Future<Output = Result<Self::Answer, sqlx::Error>> + Send;
}

#[derive(Debug)]
pub(super) struct Connections {
    options: PgConnectOptions,
    idle: Mutex<Vec<PgConnection>>,
    permits: Semaphore,
}

/// How to reach the server, with the settings that the log relies on.
pub(super) fn options(url: &str) -> Result<PgConnectOptions, sqlx::Error> {
    let within = STATEMENT_WITHIN.as_millis().to_string();
    Ok(PgConnectOptions::from_str(url)?.application_name("docket-log").options([
        // An acknowledged event is on disk, whatever the server's default.
        ("synchronous_commit", "on"),
        ("statement_timeout", &within),
        // No statement of ours runs long enough to earn back its compilation.
        ("jit", "off"),
    ]))
}

impl Connections {
    pub(super) fn new(options: PgConnectOptions, most: usize) -> Self {
        Self { options, idle: Mutex::default(), permits: Semaphore::new(most.max(1)) }
    }

    /// Sends the statement over one of the connections.
    pub(super) async fn run<S: Statement>(&self, statement: &S) -> Result<S::Answer, sqlx::Error> {
        let _permit = self.permits.acquire().await.map_err(|_| sqlx::Error::PoolClosed)?;
        let idle = self.idle().pop();
        let connection = match idle {
            Some(connection) => connection,
            None => self.connect().await?,
        };
        self.send(statement, connection).await
    }

    /// [`Self::run`] for what may be done twice: once more, over a new connection, when the one it
    /// was sent over turns out to be lost.
    pub(super) async fn run_again<S: Statement>(
        &self,
        statement: &S,
    ) -> Result<S::Answer, sqlx::Error> {
        match self.run(statement).await {
            Err(error) if Failure::of(&error) == Failure::Passing => {
                let _permit = self.permits.acquire().await.map_err(|_| sqlx::Error::PoolClosed)?;
                self.send(statement, self.connect().await?).await
            }
            answer => answer,
        }
    }

    /// When the connection turns out to be no good, it is closed, and with it the idle ones: what
    /// broke one has most likely broken all.
    async fn send<S: Statement>(
        &self,
        statement: &S,
        mut connection: PgConnection,
    ) -> Result<S::Answer, sqlx::Error> {
        let answer = within(ANSWER_WITHIN, statement.send(&mut connection)).await;
        match &answer {
            Err(error) if Failure::of(error) != Failure::Refused => self.idle().clear(),
            _ => self.idle().push(connection),
        }
        answer
    }

    /// Refuses further work and closes the idle connections.
    pub(super) async fn close(&self) {
        self.permits.close();
        let idle = std::mem::take(&mut *self.idle());
        for connection in idle {
            // The server notices a connection that cannot say goodbye, too.
            drop(connection.close().await);
        }
    }

    async fn connect(&self) -> Result<PgConnection, sqlx::Error> {
        within(CONNECT_WITHIN, PgConnection::connect_with(&self.options)).await
    }

    fn idle(&self) -> MutexGuard<'_, Vec<PgConnection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn within<T>(
    time: Duration,
    work: impl Future<Output = Result<T, sqlx::Error>>,
) -> Result<T, sqlx::Error> {
    tokio::time::timeout(time, work).await.unwrap_or_else(|elapsed| {
        Err(sqlx::Error::Io(std::io::Error::new(std::io::ErrorKind::TimedOut, elapsed)))
    })
}
