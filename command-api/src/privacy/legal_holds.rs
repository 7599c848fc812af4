//! The table of legal holds.

use chrono::{DateTime, Utc};
use events::{Notes, Timestamp, UserId};
use sqlx::types::Uuid;
use sqlx::{Connection, PgConnection};
use ulid::Ulid;

use super::{Found, Window};

/// A legal hold to be placed.
#[derive(Debug)]
pub(crate) struct Placing<'a> {
    /// The hold's id.
    pub(crate) id: Ulid,
    /// Whose texts are to stay.
    pub(crate) person: &'a UserId,
    /// Why.
    pub(crate) reason: &'a Notes,
    /// By whom.
    pub(crate) placer: &'a UserId,
    /// When.
    pub(crate) now: DateTime<Utc>,
}

/// A legal hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LegalHold {
    /// The hold's id.
    pub(crate) id: Ulid,
    /// Whose texts it keeps.
    pub(crate) person: UserId,
    /// Why.
    pub(crate) reason: String,
    /// By whom.
    pub(crate) placed_by: UserId,
    /// When.
    pub(crate) placed_at: Timestamp,
    /// Who let go.
    pub(crate) released_by: Option<UserId>,
    /// When that was.
    pub(crate) released_at: Option<Timestamp>,
}

/// Which legal holds to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Which {
    /// Of this person alone.
    pub(crate) person: Option<UserId>,
    /// Those that are in force, or those that are not.
    pub(crate) in_force: Option<bool>,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    user_id: String,
    reason: String,
    placed_by: String,
    placed_at: DateTime<Utc>,
    released_by: Option<String>,
    released_at: Option<DateTime<Utc>>,
}

impl Row {
    fn hold(self) -> Result<LegalHold, sqlx::Error> {
        let id = |text: String| {
            UserId::try_from(text).map_err(|error| sqlx::Error::Decode(error.into()))
        };
        Ok(LegalHold {
            id: self.id.into(),
            person: id(self.user_id)?,
            reason: self.reason,
            placed_by: id(self.placed_by)?,
            placed_at: self.placed_at.into(),
            released_by: self.released_by.map(id).transpose()?,
            released_at: self.released_at.map(Timestamp::from),
        })
    }
}

/// Places a hold. The hold that is in force then.
pub(crate) async fn place(
    connection: &mut PgConnection,
    placing: &Placing<'_>,
) -> Result<LegalHold, sqlx::Error> {
    let Placing { id, person, reason, placer, now } = *placing;
    let mut transaction = connection.begin().await?;
    // An erasure is over, or knows of this hold.
    sqlx::query("SELECT privacy.writing()").execute(&mut *transaction).await?;
    sqlx::query(
        "UPDATE privacy.legal_holds SET released_by = $3, released_at = $4
         WHERE user_id = $1 AND released_at IS NULL AND reason <> $2",
    )
    .bind(person.as_str())
    .bind(reason.as_str())
    .bind(placer.as_str())
    .bind(Timestamp::from(now).to_utc())
    .execute(&mut *transaction)
    .await?;
    let placed: Row = sqlx::query_as(
        "INSERT INTO privacy.legal_holds AS known (id, user_id, reason, placed_by, placed_at)
         VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (user_id) WHERE released_at IS NULL DO UPDATE SET reason = known.reason
         RETURNING id, user_id, reason, placed_by, placed_at, released_by, released_at",
    )
    .bind(Uuid::from(id))
    .bind(person.as_str())
    .bind(reason.as_str())
    .bind(placer.as_str())
    .bind(Timestamp::from(now).to_utc())
    .fetch_one(&mut *transaction)
    .await?;
    transaction.commit().await?;
    placed.hold()
}

/// Releases the hold that is in force, if there is one.
pub(crate) async fn release(
    connection: &mut PgConnection,
    person: &UserId,
    caller: &UserId,
    now: DateTime<Utc>,
) -> Result<Option<LegalHold>, sqlx::Error> {
    let row: Option<Row> = sqlx::query_as(
        "UPDATE privacy.legal_holds SET released_by = $2, released_at = $3
         WHERE user_id = $1 AND released_at IS NULL
         RETURNING id, user_id, reason, placed_by, placed_at, released_by, released_at",
    )
    .bind(person.as_str())
    .bind(caller.as_str())
    .bind(Timestamp::from(now).to_utc())
    .fetch_optional(connection)
    .await?;
    row.map(Row::hold).transpose()
}

/// Holds, the latest first.
pub(crate) async fn list(
    connection: &mut PgConnection,
    which: &Which,
    window: Window,
) -> Result<Found<LegalHold>, sqlx::Error> {
    let person = which.person.as_ref().map(UserId::as_str);
    // Their ids sort by time.
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT id, user_id, reason, placed_by, placed_at, released_by, released_at
         FROM privacy.legal_holds
         WHERE ($1::text IS NULL OR user_id = $1) AND ($2::boolean IS NULL OR (released_at IS NULL) = $2)
         ORDER BY id DESC LIMIT $3 OFFSET $4",
    )
    .bind(person)
    .bind(which.in_force)
    .bind(i64::from(window.limit))
    .bind(window.offset.cast_signed())
    .fetch_all(&mut *connection)
    .await?;
    let total: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM privacy.legal_holds
         WHERE ($1::text IS NULL OR user_id = $1) AND ($2::boolean IS NULL OR (released_at IS NULL) = $2)",
    )
    .bind(person)
    .bind(which.in_force)
    .fetch_one(connection)
    .await?;
    let rows = rows.into_iter().map(Row::hold).collect::<Result<_, _>>()?;
    Ok(Found { rows, total: total.cast_unsigned() })
}
