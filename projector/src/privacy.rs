//! The agreement with erasures: no text of a person lands behind the erasure of that person.

use sqlx::PgConnection;

/// Holds every erasure up until the transaction ends, having waited for the one that is under way.
///
/// Whoever writes opened texts calls it before he reads the keys, in a statement of its own: what the next
/// one sees is then what the last erasure has left. It comes after the claim of a checkpoint and before
/// any row or table of a projection, everywhere, so that nobody waits in a circle.
pub(crate) async fn writing(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::query("SELECT privacy.writing()").execute(connection).await?;
    Ok(())
}
