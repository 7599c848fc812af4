//! Keys for persons, made where there is none.

use aws_lc_rs::rand;
use sqlx::PgConnection;
use sqlx::types::Uuid;
use ulid::Ulid;

use super::{Each, KeyError, Row, masters};
use crate::MasterKeys;
use crate::subject::KEY_LEN;

/// How often it is tried: once where nobody else makes the same keys, twice where somebody does, and some
/// more for keys that are destroyed meanwhile.
const TRIES: u32 = 8;

/// When a new key must be on disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// Before it is given out.
    AtOnce,
    /// Before whatever is committed after it on the same server, which saves one flush. Only for what is
    /// appended to a log that is kept there: a server that crashes has then lost what the lost key sealed,
    /// too.
    WithWhatFollows,
}

/// One statement for those who have a key and for those who get one: what is known is most of it, and who
/// asks waits for each answer. A master key that is unknown or retired makes none.
///
/// The order is the same for all, so that two who do this at once do not wait for each other in a circle.
const KEYS: &str = "
    WITH known AS (
        SELECT id, subject, master_key, wrapped FROM privacy.subject_keys WHERE subject = ANY($2)
    ), made AS (
        INSERT INTO privacy.subject_keys (id, subject, master_key, wrapped)
        SELECT new.id, new.subject, $3, new.wrapped
        FROM unnest($1::uuid[], $2::text[], $4::bytea[]) AS new (id, subject, wrapped)
        WHERE NOT EXISTS (SELECT FROM known WHERE known.subject = new.subject)
            AND EXISTS (SELECT FROM privacy.master_keys WHERE name = $3 AND retired_at IS NULL)
            AND ($5 OR set_config('synchronous_commit', 'off', true) = 'off')
        ORDER BY new.subject COLLATE \"C\"
        ON CONFLICT (subject) DO NOTHING
        RETURNING id, subject, master_key, wrapped
    )
    SELECT id, subject, master_key, wrapped FROM known
    UNION ALL SELECT id, subject, master_key, wrapped FROM made";

/// The key of each of these persons, by person; made where there is none yet. They do not share the trouble
/// with one of the keys.
pub async fn each_of_subjects(
    connection: &mut PgConnection,
    master: &MasterKeys,
    subjects: &[&str],
    durability: Durability,
) -> Result<Each<String>, KeyError> {
    let mut keys = Each::new();
    let mut missing = subjects.to_vec();
    for attempt in 0..TRIES {
        if missing.is_empty() {
            return Ok(keys);
        }
        master.refresh();
        let current = master.current();
        // Another key under the same name would wrap what nobody can open with the right one. After a first
        // try, somebody else was faster and his key counts, or this one was retired.
        if attempt > 0 || !master.is_proven() {
            masters::introduce(connection, master, &current).await?;
        }
        let rows = fetch(connection, master, &current, &missing, durability).await?;
        keys.extend(rows.iter().map(|row| (row.subject.clone(), row.open(master))));
        missing.retain(|subject| !keys.contains_key(*subject));
    }
    if missing.is_empty() { Ok(keys) } else { Err(KeyError::Contended) }
}

async fn fetch(
    connection: &mut PgConnection,
    master: &MasterKeys,
    current: &str,
    subjects: &[&str],
    durability: Durability,
) -> Result<Vec<Row>, KeyError> {
    let (mut ids, mut wrapped) = (vec![], vec![]);
    for _ in subjects {
        let (mut key, mut id) = ([0; KEY_LEN], [0; 16]);
        rand::fill(&mut key).map_err(|_| KeyError::Random)?;
        // It tells nothing, not even when it was made.
        rand::fill(&mut id).map_err(|_| KeyError::Random)?;
        ids.push(Uuid::from_bytes(id));
        wrapped.push(master.wrap(Ulid::from_bytes(id), current, &key)?);
    }
    let rows = sqlx::query_as(KEYS)
        .bind(ids)
        .bind(subjects)
        .bind(current)
        .bind(wrapped)
        .bind(durability == Durability::AtOnce)
        .fetch_all(connection)
        .await?;
    Ok(rows)
}
