//! Keys on their way to another installation, wrapped as they are: worth nothing without the master key.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde::{Deserialize, Serialize};
use sqlx::types::Uuid;
use sqlx::{PgConnection, PgPool};
use ulid::Ulid;

use super::{KeyError, Row, masters};
use crate::{MasterKeys, SealError};

/// Keys that are read or written at once.
const AT_ONCE: usize = 1_000;

/// A person's key as it is written to a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PortableKey {
    /// What stands with everything that it has sealed.
    pub id: Ulid,
    /// Whose it is.
    pub subject: String,
    /// The name of the master key that wraps it.
    pub master_key: String,
    /// It, wrapped, in base64.
    pub wrapped: String,
}

/// What came of an import.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Imported {
    /// Keys that are there now and were not before.
    pub imported: u64,
    /// Keys that were there already.
    pub found: u64,
    /// Keys that were destroyed here, and stay so.
    pub erased: u64,
}

/// Why keys could not be imported. None of them was.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The table cannot be used, or the keys do not fit the master key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// A person has another key here, which has sealed texts of its own.
    #[error("{0} of the persons have another key here already")]
    Taken(usize),
}

impl From<sqlx::Error> for ImportError {
    fn from(error: sqlx::Error) -> Self {
        Self::Key(error.into())
    }
}

impl From<SealError> for ImportError {
    fn from(error: SealError) -> Self {
        Self::Key(error.into())
    }
}

impl PortableKey {
    fn wrapped(&self) -> Result<Vec<u8>, SealError> {
        BASE64_STANDARD.decode(&self.wrapped).map_err(|_| SealError::Broken)
    }
}

/// The first keys, or those that follow the `last` one before; none at the end.
pub async fn export(
    pool: &PgPool,
    last: Option<&PortableKey>,
) -> Result<Vec<PortableKey>, sqlx::Error> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT id, subject, master_key, wrapped FROM privacy.subject_keys WHERE id > $1
         ORDER BY id LIMIT $2",
    )
    .bind(last.map_or(Uuid::nil(), |key| key.id.into()))
    .bind(i64::try_from(AT_ONCE).unwrap_or(i64::MAX))
    .fetch_all(pool)
    .await?;
    let portable = |row: Row| PortableKey {
        id: row.id.into(),
        subject: row.subject,
        master_key: row.master_key,
        wrapped: BASE64_STANDARD.encode(row.wrapped),
    };
    Ok(rows.into_iter().map(portable).collect())
}

/// Takes keys in, all or none. The master keys must be those that wrap them.
pub async fn import(
    pool: &PgPool,
    master: &MasterKeys,
    keys: &[PortableKey],
) -> Result<Imported, ImportError> {
    masters::check(pool, master).await?;
    let mut transaction = pool.begin().await?;
    // An erasure that comes now waits, and destroys what was taken in.
    sqlx::query("SELECT privacy.writing()").execute(&mut *transaction).await?;
    let mut done = Imported::default();
    for part in keys.chunks(AT_ONCE) {
        take_in(&mut transaction, master, part, &mut done).await?;
    }
    transaction.commit().await?;
    Ok(done)
}

async fn take_in(
    connection: &mut PgConnection,
    master: &MasterKeys,
    keys: &[PortableKey],
    done: &mut Imported,
) -> Result<(), ImportError> {
    let ids: Vec<Uuid> = keys.iter().map(|key| key.id.into()).collect();
    let erased: Vec<Uuid> = sqlx::query_scalar(
        "SELECT DISTINCT gone FROM privacy.erasures, unnest(keys) AS gone WHERE gone = ANY($1)",
    )
    .bind(&ids)
    .fetch_all(&mut *connection)
    .await?;
    let keys: Vec<_> = keys.iter().filter(|key| !erased.contains(&key.id.into())).collect();
    let mut wrapped = Vec::with_capacity(keys.len());
    for key in &keys {
        let bytes = key.wrapped()?;
        master.subject_key(key.id, &key.master_key, &bytes)?;
        wrapped.push(bytes);
    }
    let ids: Vec<Uuid> = keys.iter().map(|key| key.id.into()).collect();
    let inserted = sqlx::query(
        "INSERT INTO privacy.subject_keys (id, subject, master_key, wrapped)
         SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::bytea[])
             AS new (id, subject, master_key, wrapped) ORDER BY subject COLLATE \"C\"
         ON CONFLICT DO NOTHING",
    )
    .bind(&ids)
    .bind(keys.iter().map(|key| key.subject.as_str()).collect::<Vec<_>>())
    .bind(keys.iter().map(|key| key.master_key.as_str()).collect::<Vec<_>>())
    .bind(wrapped)
    .execute(&mut *connection)
    .await?
    .rows_affected();
    let there: i64 =
        sqlx::query_scalar("SELECT count(*) FROM privacy.subject_keys WHERE id = ANY($1)")
            .bind(&ids)
            .fetch_one(&mut *connection)
            .await?;
    let there = there.unsigned_abs();
    let wanted = ids.len() as u64;
    if there < wanted {
        return Err(ImportError::Taken(usize::try_from(wanted - there).unwrap_or(usize::MAX)));
    }
    done.imported += inserted;
    done.found += wanted - inserted;
    done.erased += erased.len() as u64;
    Ok(())
}
