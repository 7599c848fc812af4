//! Connections that read.

use std::str::FromStr;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{Connection, PgPool};

/// How long a request waits for a connection before it is told to come again.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(2);
/// How long a connection that was used may take to show that it still works. One that swallows
/// everything would otherwise be missing from the pool for as long as the kernel tries.
const RETURN_TIMEOUT: Duration = Duration::from_secs(2);
/// Unused connections are closed after this, so that an idle process holds few.
const IDLE_TIMEOUT: Duration = Duration::from_mins(1);
/// A connection that rested longer than this is tried before it is used: the server may have gone.
const TRUSTED_REST: Duration = Duration::from_secs(1);

/// The setting that keeps a connection from writing.
const READ_ONLY: &str = "default_transaction_read_only";

/// Up to `size` connections to the database `url`, made when they are needed: a server that is down
/// fails requests, not the start.
///
/// They can only read. A statement that takes more than 5 seconds is given up. Values differ widely
/// between two pages, so every statement is planned for its own.
pub fn connect(url: &str, size: u32) -> Result<PgPool, sqlx::Error> {
    let options = PgConnectOptions::from_str(url)?.application_name("docket-query").options([
        (READ_ONLY, "on"),
        ("statement_timeout", "5s"),
        ("plan_cache_mode", "force_custom_plan"),
    ]);
    Ok(pool(options, size))
}

/// One connection to the same database as `queries`, which records what auditors read. The only one here
/// that can write.
pub(crate) fn recording(queries: &PgPool) -> PgPool {
    let options = queries.connect_options().as_ref().clone();
    pool(options.application_name("docket-audit").options([(READ_ONLY, "off")]), 1)
}

fn pool(options: PgConnectOptions, size: u32) -> PgPool {
    PgPoolOptions::new()
        .max_connections(size)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .idle_timeout(IDLE_TIMEOUT)
        .test_before_acquire(false)
        .before_acquire(|connection, meta| {
            Box::pin(async move {
                if meta.idle_for > TRUSTED_REST {
                    connection.ping().await?;
                }
                Ok(true)
            })
        })
        .after_release(|connection, _| {
            Box::pin(async move {
                let works = tokio::time::timeout(RETURN_TIMEOUT, connection.ping()).await;
                works.unwrap_or(Err(sqlx::Error::PoolTimedOut)).map(|()| true)
            })
        })
        .connect_lazy_with(options)
}
