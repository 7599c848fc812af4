//! Master keys as the database knows them: by name, and by what they have wrapped.

use sqlx::types::Uuid;
use sqlx::{PgConnection, PgPool};
use ulid::Ulid;

use super::{KeyError, Row};
use crate::subject::KEY_LEN;
use crate::{MasterKeys, SealError};

/// Keys that are wrapped anew at once.
const REWRAPPED_AT_ONCE: i64 = 1_000;

/// What every master key wraps as the proof of being the one that it was.
const PROVEN: [u8; KEY_LEN] = [0; KEY_LEN];
/// As whose key it wraps it. No person's has it, for those are random.
const NOBODY: Ulid = Ulid::nil();

#[derive(sqlx::FromRow)]
struct Known {
    name: String,
    proof: Vec<u8>,
    retired: bool,
}

/// Makes sure that the master keys are those that the database knows by their names, that the current one
/// may wrap, and that none is missing that something is wrapped by.
pub async fn check(pool: &PgPool, master: &MasterKeys) -> Result<(), KeyError> {
    let mut connection = pool.acquire().await?;
    // One that has wrapped nothing yet is unknown, and stays so.
    for name in master.names().iter().skip(1) {
        if let Some(known) = find(&mut connection, name).await? {
            known.is_proof_of(master)?;
        }
    }
    introduce(&mut connection, master, &master.current()).await?;
    let unknown: Option<String> = sqlx::query_scalar(
        "SELECT master_key FROM privacy.subject_keys WHERE master_key <> ALL($1) LIMIT 1",
    )
    .bind(master.names())
    .fetch_optional(&mut *connection)
    .await?;
    unknown.map_or(Ok(()), |name| Err(SealError::UnknownMasterKey(name).into()))
}

/// Has the database know the current master key, which is called `name`, and makes sure that it may wrap.
pub(super) async fn introduce(
    connection: &mut PgConnection,
    master: &MasterKeys,
    name: &str,
) -> Result<(), KeyError> {
    sqlx::query(
        "INSERT INTO privacy.master_keys (name, proof) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING",
    )
    .bind(name)
    .bind(master.wrap(NOBODY, name, &PROVEN)?)
    .execute(&mut *connection)
    .await?;
    let known = find(connection, name).await?.ok_or(sqlx::Error::RowNotFound)?;
    known.is_proof_of(master)?;
    if known.retired {
        return Err(SealError::RetiredMasterKey(known.name).into());
    }
    master.set_proven();
    Ok(())
}

async fn find(connection: &mut PgConnection, name: &str) -> Result<Option<Known>, sqlx::Error> {
    sqlx::query_as(
        "SELECT name, proof, retired_at IS NOT NULL AS retired FROM privacy.master_keys WHERE name = $1",
    )
    .bind(name)
    .fetch_optional(connection)
    .await
}

impl Known {
    /// Whether the key of its name among `master` is the one that is known.
    fn is_proof_of(&self, master: &MasterKeys) -> Result<(), SealError> {
        match master.unwrap(NOBODY, &self.name, &self.proof) {
            Ok(_) => Ok(()),
            Err(SealError::Broken) => Err(SealError::OtherMasterKey(self.name.clone())),
            Err(error) => Err(error),
        }
    }
}

/// Wraps every key with the current master key that another one wraps. How many that were.
pub async fn rewrap(pool: &PgPool, master: &MasterKeys) -> Result<u64, KeyError> {
    let current = master.current();
    introduce(&mut *pool.acquire().await?, master, &current).await?;
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
            wrapped.push(master.wrap(row.id.into(), &current, &bytes)?);
        }
        done += replace(pool, &current, ids, wrapped).await?;
    }
}

/// Only what is there still: a key that was destroyed meanwhile stays destroyed.
async fn replace(
    pool: &PgPool,
    current: &str,
    ids: Vec<Uuid>,
    wrapped: Vec<Vec<u8>>,
) -> Result<u64, sqlx::Error> {
    let updated = sqlx::query(
        "UPDATE privacy.subject_keys AS k SET master_key = $2, wrapped = new.wrapped
         FROM unnest($1::uuid[], $3::bytea[]) AS new (id, wrapped) WHERE k.id = new.id",
    )
    .bind(ids)
    .bind(current)
    .bind(wrapped)
    .execute(pool)
    .await?;
    Ok(updated.rows_affected())
}

/// The names of all master keys that the database has ever known, retired ones among them.
pub async fn names(pool: &PgPool) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar("SELECT name FROM privacy.master_keys ORDER BY 1").fetch_all(pool).await
}

/// How many keys each master key wraps, by its name.
pub async fn usage(pool: &PgPool) -> Result<Vec<(String, i64)>, sqlx::Error> {
    sqlx::query_as("SELECT master_key, count(*) FROM privacy.subject_keys GROUP BY 1 ORDER BY 1")
        .fetch_all(pool)
        .await
}

/// Has every master key but the current one wrap nothing more, for ever. Answers how many keys each of
/// them still wraps; if any, nothing is done.
pub async fn retire(pool: &PgPool, master: &MasterKeys) -> Result<Vec<(String, i64)>, KeyError> {
    let current = master.current();
    let mut transaction = pool.begin().await?;
    introduce(&mut transaction, master, &current).await?;
    // Whoever is about to insert a key that an old one wraps is waited for, or waits and looks again.
    sqlx::query("LOCK TABLE privacy.subject_keys IN SHARE MODE").execute(&mut *transaction).await?;
    let used: Vec<(String, i64)> = sqlx::query_as(
        "SELECT master_key, count(*) FROM privacy.subject_keys WHERE master_key <> $1 GROUP BY 1 ORDER BY 1",
    )
    .bind(&current)
    .fetch_all(&mut *transaction)
    .await?;
    if used.is_empty() {
        sqlx::query(
            "UPDATE privacy.master_keys SET retired_at = now() WHERE name <> $1 AND retired_at IS NULL",
        )
        .bind(&current)
        .execute(&mut *transaction)
        .await?;
    }
    transaction.commit().await?;
    Ok(used)
}
