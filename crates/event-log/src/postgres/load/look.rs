//! What the database has made of the events, before it is kept.

use sqlx::PgConnection;

use super::LoadError;
use crate::archive::{Root, Summary};
use crate::postgres::connections::Statement;
use crate::postgres::read::After;
use crate::{RecordedEvent, canonical};

/// Events that are read back at once.
const PAGE: i64 = 5_000;

/// Whether each stream's versions are 1, 2, 3, and so on in the order of the log.
pub(super) async fn at_versions(connection: &mut PgConnection) -> Result<(), LoadError> {
    let astray: Option<(i64, String, i32, i64)> = sqlx::query_as(
        "SELECT position, stream, version, nth FROM (
             SELECT position, stream, version,
                 row_number() OVER (PARTITION BY stream ORDER BY position) AS nth
             FROM log.events
         ) AS e WHERE version <> nth ORDER BY position LIMIT 1",
    )
    .fetch_optional(connection)
    .await?;
    let Some((position, stream, found, expected)) = astray else { return Ok(()) };
    // Positions count from 1, and the archive's first line is no event.
    let line = u64::try_from(position).unwrap_or_default() + 1;
    Err(LoadError::Version { line, stream, found, expected })
}

/// Whether the canonical entries are still those that were loaded: jsonb is not the text that it was
/// made from.
pub(super) async fn at_entries(
    connection: &mut PgConnection,
    summary: &Summary,
    mut progress: impl FnMut(u64),
) -> Result<(), LoadError> {
    let mut root = Root::new();
    let mut after = After { position: 0, most: PAGE };
    loop {
        let rows = after.send(&mut *connection).await?;
        for row in rows {
            let event = RecordedEvent::try_from(row)?;
            root.push(&canonical::entry(&event)?);
        }
        // They are dense.
        let read = i64::try_from(root.entries()).unwrap_or(i64::MAX);
        if read == after.position {
            break;
        }
        after.position = read;
        progress(root.entries());
    }
    let found = (root.entries(), root.base64());
    if found != (summary.events, summary.root_hash.clone()) {
        return Err(LoadError::Changed { found, expected: summary.clone() });
    }
    Ok(())
}
