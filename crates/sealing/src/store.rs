//! The table of persons' keys.

use std::collections::HashMap;

use aws_lc_rs::rand;
use sqlx::types::Uuid;
use sqlx::{PgConnection, PgPool};
use ulid::Ulid;

use crate::subject::KEY_LEN;
use crate::{MasterKeys, SealError, SubjectKey};

/// Keys by their ids. One that is absent was destroyed, or never was.
pub type Keys = HashMap<Ulid, SubjectKey>;

/// Keys that are wrapped anew at once.
const REWRAPPED_AT_ONCE: i64 = 1_000;

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
    if ids.is_empty() {
        return Ok(Keys::new());
    }
    let ids: Vec<Uuid> = ids.iter().map(|id| (*id).into()).collect();
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT id, subject, master_key, wrapped FROM privacy.subject_keys WHERE id = ANY($1)",
    )
    .bind(ids)
    .fetch_all(connection)
    .await?;
    rows.iter().map(|row| Ok((row.id.into(), row.open(master)?))).collect()
}

/// The key of each of these persons, by person; made where there is none yet.
pub async fn of_subjects(
    pool: &PgPool,
    master: &MasterKeys,
    subjects: &[&str],
) -> Result<HashMap<String, SubjectKey>, KeyError> {
    let mut keys = known(pool, master, subjects).await?;
    let missing: Vec<&str> =
        subjects.iter().copied().filter(|subject| !keys.contains_key(*subject)).collect();
    if !missing.is_empty() {
        create(pool, master, &missing).await?;
        // Whoever was faster has made the key that counts.
        keys.extend(known(pool, master, &missing).await?);
    }
    Ok(keys)
}

async fn known(
    pool: &PgPool,
    master: &MasterKeys,
    subjects: &[&str],
) -> Result<HashMap<String, SubjectKey>, KeyError> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT id, subject, master_key, wrapped FROM privacy.subject_keys WHERE subject = ANY($1)",
    )
    .bind(subjects)
    .fetch_all(pool)
    .await?;
    let opened = |row: Row| Ok((row.subject.clone(), row.open(master)?));
    rows.into_iter().map(opened).collect()
}

async fn create(pool: &PgPool, master: &MasterKeys, subjects: &[&str]) -> Result<(), KeyError> {
    let (mut ids, mut names, mut wrapped) = (vec![], vec![], vec![]);
    for _ in subjects {
        let (mut key, mut id) = ([0; KEY_LEN], [0; 16]);
        rand::fill(&mut key).map_err(|_| KeyError::Random)?;
        // It tells nothing, not even when it was made.
        rand::fill(&mut id).map_err(|_| KeyError::Random)?;
        let id = Ulid::from_bytes(id);
        let (name, bytes) = master.wrap(id, &key)?;
        ids.push(Uuid::from(id));
        names.push(name);
        wrapped.push(bytes);
    }
    // In one order, so that two who do this at once do not wait for each other.
    sqlx::query(
        "INSERT INTO privacy.subject_keys (id, subject, master_key, wrapped)
         SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::bytea[])
             AS new (id, subject, master_key, wrapped) ORDER BY subject COLLATE \"C\"
         ON CONFLICT (subject) DO NOTHING",
    )
    .bind(ids)
    .bind(subjects)
    .bind(names)
    .bind(wrapped)
    .execute(pool)
    .await?;
    Ok(())
}

/// Wraps every key with the current master key that another one wraps. How many that were.
pub async fn rewrap(pool: &PgPool, master: &MasterKeys) -> Result<u64, KeyError> {
    let current = master.current();
    let mut done = 0;
    loop {
        let rows: Vec<Row> = sqlx::query_as(
            "SELECT id, subject, master_key, wrapped FROM privacy.subject_keys
             WHERE master_key <> $1 ORDER BY id LIMIT $2",
        )
        .bind(&current)
        .bind(REWRAPPED_AT_ONCE)
        .fetch_all(pool)
        .await?;
        if rows.is_empty() {
            return Ok(done);
        }
        let (mut ids, mut wrapped) = (vec![], vec![]);
        for row in &rows {
            let bytes = master.unwrap(row.id.into(), &row.master_key, &row.wrapped)?;
            ids.push(row.id);
            wrapped.push(master.wrap(row.id.into(), &bytes)?.1);
        }
        // Only what is there still: a key that was destroyed meanwhile stays destroyed.
        let updated = sqlx::query(
            "UPDATE privacy.subject_keys AS k SET master_key = $2, wrapped = new.wrapped
             FROM unnest($1::uuid[], $3::bytea[]) AS new (id, wrapped) WHERE k.id = new.id",
        )
        .bind(ids)
        .bind(&current)
        .bind(wrapped)
        .execute(pool)
        .await?;
        done += updated.rows_affected();
    }
}

/// How many keys each master key wraps, by its name.
pub async fn usage(pool: &PgPool) -> Result<Vec<(String, i64)>, sqlx::Error> {
    sqlx::query_as("SELECT master_key, count(*) FROM privacy.subject_keys GROUP BY 1 ORDER BY 1")
        .fetch_all(pool)
        .await
}
