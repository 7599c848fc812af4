//! The table of persons' keys.

mod masters;
mod portable;
mod subjects;

use std::collections::HashMap;

use sqlx::types::Uuid;
use sqlx::{PgConnection, PgPool};
use ulid::Ulid;

use crate::{MasterKeys, SealError, SubjectKey};

pub use masters::{check, names, retire, rewrap, usage};
pub use portable::{ImportError, Imported, PortableKey, export, import};
pub use subjects::{Durability, each_of_subjects};

/// Keys by their ids. One that is absent was destroyed, or never was.
pub type Keys = HashMap<Ulid, SubjectKey>;

/// A key for each of these, or why the one that is there cannot be used.
pub type Each<Of> = HashMap<Of, Result<SubjectKey, SealError>>;

/// Why there are no keys.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The table could not be read or written.
    #[error("the keys of persons cannot be read or written")]
    Database(#[from] sqlx::Error),
    /// A key is there and cannot be used.
    #[error("a person's key cannot be used")]
    Unusable(#[from] SealError),
    /// No random bytes were to be had.
    #[error("no random bytes are to be had")]
    Random,
    /// Others kept making and destroying the very keys that were asked for.
    #[error("a person's key was destroyed each time that it was made")]
    Contended,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    subject: String,
    master_key: String,
    wrapped: Vec<u8>,
}

impl Row {
    fn open(&self, master: &MasterKeys) -> Result<SubjectKey, SealError> {
        master.subject_key(self.id.into(), &self.master_key, &self.wrapped)
    }
}

/// The keys of these ids, as far as they have not been destroyed.
pub async fn by_id(
    connection: &mut PgConnection,
    master: &MasterKeys,
    ids: &[Ulid],
) -> Result<Keys, KeyError> {
    let keys = each_by_id(connection, master, ids).await?;
    keys.into_iter().map(|(id, key)| Ok((id, key?))).collect()
}

/// [`by_id`], for many who do not share the trouble with one of the keys.
pub async fn each_by_id(
    connection: &mut PgConnection,
    master: &MasterKeys,
    ids: &[Ulid],
) -> Result<Each<Ulid>, sqlx::Error> {
    if ids.is_empty() {
        return Ok(Each::new());
    }
    let ids: Vec<Uuid> = ids.iter().map(|id| (*id).into()).collect();
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT id, subject, master_key, wrapped FROM privacy.subject_keys WHERE id = ANY($1)",
    )
    .bind(ids)
    .fetch_all(connection)
    .await?;
    Ok(rows.iter().map(|row| (row.id.into(), row.open(master))).collect())
}

/// The key of each of these persons, by person; made where there is none yet.
pub async fn of_subjects(
    pool: &PgPool,
    master: &MasterKeys,
    subjects: &[&str],
) -> Result<HashMap<String, SubjectKey>, KeyError> {
    let mut connection = pool.acquire().await?;
    let keys = each_of_subjects(&mut connection, master, subjects, Durability::AtOnce).await?;
    keys.into_iter().map(|(subject, key)| Ok((subject, key?))).collect()
}
