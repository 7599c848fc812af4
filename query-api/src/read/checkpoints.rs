//! How far each projection has come.

use std::collections::BTreeMap;

use event_log::Position;
use sqlx::PgPool;

/// The position of every projection, by name.
pub async fn all(pool: &PgPool) -> Result<BTreeMap<String, Position>, sqlx::Error> {
    let rows: Vec<(String, i64)> =
        sqlx::query_as("SELECT name, position FROM projections.checkpoints")
            .fetch_all(pool)
            .await?;
    Ok(rows.into_iter().map(|(name, position)| (name, Position(position.unsigned_abs()))).collect())
}
