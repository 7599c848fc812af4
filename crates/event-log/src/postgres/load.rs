//! An archive into a log that is empty: in one transaction, which is looked at before it is kept.

mod copy;
mod error;
mod look;

use std::io::BufRead;

use sqlx::{Connection, PgConnection};

use super::connections::options;
use crate::archive::{Positions, Reader, Summary};

pub use error::LoadError;

/// The lock of `log.append`: nobody appends meanwhile.
const WRITERS: i64 = 4_918_273_650;

/// How far a load has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loading {
    /// So many events were handed to the database.
    Copied(u64),
    /// So many were read back and are what the archive says.
    Compared(u64),
}

/// Loads the archive into the log at `url`, which must be empty, with every position, time, id and
/// version as it was. All of it, or else nothing: the archive has been read to its end, and the log read
/// back and found to have the archive's root hash, before the transaction commits. Whoever follows the
/// log is told.
pub(crate) async fn load(
    url: &str,
    archive: Reader<Box<dyn BufRead + Send>>,
    mut progress: impl FnMut(Loading),
) -> Result<Summary, LoadError> {
    if archive.header().positions == Positions::Increasing {
        return Err(LoadError::Gaps);
    }
    // It takes as long as it takes.
    let options = options(url)?.options([("statement_timeout", "0")]);
    let mut connection = PgConnection::connect_with(&options).await?;
    let mut transaction = connection.begin().await?;
    sqlx::query("SELECT pg_advisory_xact_lock($1)")
        .bind(WRITERS)
        .execute(&mut *transaction)
        .await?;
    let holds_events: bool = sqlx::query_scalar("SELECT EXISTS (SELECT FROM log.events)")
        .fetch_one(&mut *transaction)
        .await?;
    if holds_events {
        return Err(LoadError::NotEmpty);
    }
    let summary =
        copy::all(&mut transaction, archive, |events| progress(Loading::Copied(events))).await?;
    look::at_versions(&mut transaction).await?;
    look::at_entries(&mut transaction, &summary, |events| progress(Loading::Compared(events)))
        .await?;
    sqlx::query("SELECT pg_notify('docket_log', $1)")
        .bind(summary.events.to_string())
        .execute(&mut *transaction)
        .await?;
    transaction.commit().await?;
    // The server notices a connection that cannot say goodbye, too.
    drop(connection.close().await);
    Ok(summary)
}
