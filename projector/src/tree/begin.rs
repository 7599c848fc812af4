//! Whether the tree that is there is the one of the log that is read.

use event_log::{LogId, LogReader, Position};
use sqlx::{Connection, PgConnection};

use super::{NAME, rows, witness};
use crate::error::ProjectorError;
use crate::patience::{BEHIND_A_PAGE, PROMPT, within};
use crate::reactor::checkpoint::{self, Claim};

/// Takes the tree over, which is then one of this log.
///
/// A tree of another log, and one that has come further than the log, is emptied only when that breaks no
/// promise: when no checkpoint of it was signed, or the `origin` is a new one. Whoever wants to have it emptied
/// otherwise deletes its row in `reactors.checkpoints`.
pub(super) async fn take(
    connection: &mut PgConnection,
    reader: &dyn LogReader,
    origin: Option<&str>,
) -> Result<Claim, ProjectorError> {
    // Before the log's end, which is then not behind a tree that is right.
    let standing = within(PROMPT, checkpoint::standing(&mut *connection, NAME)).await?;
    let log_id = within(BEHIND_A_PAGE, LogId::read(reader)).await?;
    let head = within(BEHIND_A_PAGE, reader.head()).await?;
    let (position, made_from) = standing.unwrap_or_default();
    let contradiction = if position == Position::START {
        None
    } else if made_from.as_deref() != log_id.as_ref().map(LogId::as_str) {
        Some(ProjectorError::OtherTree)
    } else {
        (head < position).then_some(ProjectorError::TreeAhead { head, position })
    };
    let is_new = position == Position::START || contradiction.is_some();
    if let Some(contradiction) = contradiction {
        let note = within(PROMPT, rows::checkpoint(connection)).await?;
        if !is_free(note.as_deref(), origin) {
            return Err(contradiction);
        }
        tracing::warn!(%contradiction, "the tree is made anew");
    }
    if is_new {
        within(BEHIND_A_PAGE, empty(connection)).await?;
    }
    within(PROMPT, checkpoint::claim(connection, NAME, log_id.as_ref())).await
}

/// Whether nobody who has a checkpoint of `origin` relies on the tree.
fn is_free(note: Option<&str>, origin: Option<&str>) -> bool {
    let Some(note) = note else { return true };
    witness::parse(note.as_bytes()).is_ok_and(|signed| origin.is_some_and(|o| o != signed.origin()))
}

async fn empty(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    let mut transaction = connection.begin().await?;
    sqlx::query("UPDATE reactors.checkpoints SET position = 0, log_id = NULL WHERE name = $1")
        .bind(NAME)
        .execute(&mut *transaction)
        .await?;
    rows::empty(&mut transaction).await?;
    transaction.commit().await
}
