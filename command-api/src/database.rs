//! How long the database is waited for.
//!
//! Everybody's commands wait for the same look-up, so that none may wait for ever: not for a lock, and
//! not for a server that has silently gone.

use std::io;
use std::time::Duration;

use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{PgPool, Postgres};
use tokio::time::error::Elapsed;

/// How long the server works on a statement before it gives it up.
const STATEMENT_TIMEOUT: &str = "5s";
/// How long a statement is waited for: a little longer, so that silence means that nobody is there.
pub(crate) const PATIENCE: Duration = Duration::from_secs(6);

/// Up to `size` connections for the directory and for the process manager. They are made when they are needed, so
/// an outage stops nothing for longer than it lasts.
pub fn connect(url: &str, size: u32) -> Result<PgPool, sqlx::Error> {
    let options: PgConnectOptions = url.parse()?;
    let options = options.options([("statement_timeout", STATEMENT_TIMEOUT)]);
    let pool = PgPoolOptions::new()
        .max_connections(size)
        .acquire_timeout(Duration::from_secs(2))
        // A look-up that meets a dead connection is repeated, which costs less than asking each time.
        .test_before_acquire(false);
    Ok(pool.connect_lazy_with(options))
}

/// What a statement on `connection` answered in time. After silence the connection goes too: the pool
/// would wait for what it still owes.
pub(crate) fn settle<T>(
    connection: PoolConnection<Postgres>,
    answer: Result<Result<T, sqlx::Error>, Elapsed>,
) -> Result<T, sqlx::Error> {
    answer.unwrap_or_else(|_elapsed| {
        drop(connection.detach());
        Err(sqlx::Error::Io(io::ErrorKind::TimedOut.into()))
    })
}

/// What `ask` is told, which takes a connection of `pool` each time.
///
/// After a restart of the server the pool holds dead connections, at most as many as it may hold at all;
/// each goes when it is met, and the question is put again. So it must be one that may be put twice.
pub(crate) async fn past_the_dead<T, Told>(
    pool: &PgPool,
    ask: impl Fn() -> Told,
) -> Result<T, sqlx::Error>
where
    Told: Future<Output = Result<T, sqlx::Error>>,
{
    let mut dead = pool.options().get_max_connections();
    loop {
        match ask().await {
            Err(error) if dead > 0 && was_dead(&error) => dead -= 1,
            told => return told,
        }
    }
}

/// Whether the statement met a connection that the server had closed: then it did not run. One that was
/// silent is not tried again, for others wait.
fn was_dead(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(error) => error.kind() != io::ErrorKind::TimedOut,
        // admin_shutdown and crash_shutdown: the server's last word on that connection.
        sqlx::Error::Database(error) => {
            matches!(error.code().as_deref(), Some("57P01" | "57P02"))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use testing::Database;

    #[tokio::test]
    async fn the_server_gives_up_first() {
        let database = Database::create().await;
        let pool = super::connect(&database.url, 1).unwrap();
        let limit: String =
            sqlx::query_scalar("SHOW statement_timeout").fetch_one(&pool).await.unwrap();
        assert_eq!(limit, super::STATEMENT_TIMEOUT);
    }
}
