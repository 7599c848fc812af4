//! The keys of many persons in one statement.

use std::collections::BTreeSet;
use std::sync::Arc;

use sealing::store::{each_by_id, each_of_subjects};
use sealing::{Durability, Each, KeyError, MasterKeys};
use sqlx::PgPool;
use tokio::time::timeout;
use ulid::Ulid;

use super::SealingError;
use crate::database::{PATIENCE, past_the_dead, settle};

/// The keys of everybody whom any of them asks for, for each of them.
pub(super) async fn of_subjects(
    pool: &PgPool,
    master: &MasterKeys,
    asked: Vec<BTreeSet<String>>,
    durability: Durability,
) -> Result<Vec<Arc<Each<String>>>, SealingError> {
    let subjects: BTreeSet<&str> = asked.iter().flatten().map(String::as_str).collect();
    let subjects: Vec<&str> = subjects.into_iter().collect();
    let told = past_the_dead(pool, || async {
        let mut connection = pool.acquire().await?;
        let keys = each_of_subjects(&mut connection, master, &subjects, durability);
        let told = match timeout(PATIENCE, keys).await {
            // Only the database's own word tells whether the connection was dead.
            Ok(Err(KeyError::Database(error))) => Ok(Err(error)),
            told => told.map(Ok),
        };
        settle(connection, told)
    });
    let keys = Arc::new(told.await.map_err(KeyError::from)??);
    Ok(asked.iter().map(|_| Arc::clone(&keys)).collect())
}

/// The keys of these ids, as far as they have not been destroyed.
pub(super) async fn by_id(
    pool: &PgPool,
    master: &MasterKeys,
    ids: &BTreeSet<Ulid>,
) -> Result<Each<Ulid>, SealingError> {
    if ids.is_empty() {
        return Ok(Each::new());
    }
    let ids: Vec<Ulid> = ids.iter().copied().collect();
    let told = past_the_dead(pool, || async {
        let mut connection = pool.acquire().await?;
        let told = timeout(PATIENCE, each_by_id(&mut connection, master, &ids)).await;
        settle(connection, told)
    });
    Ok(told.await.map_err(KeyError::from)?)
}
