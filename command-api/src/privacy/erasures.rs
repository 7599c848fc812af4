//! The table of erasures, and the function that erases.

use chrono::{DateTime, Utc};
use event_log::Position;
use events::{Timestamp, UserId};
use serde::Deserialize;
use sqlx::PgConnection;
use sqlx::error::DatabaseError;
use sqlx::types::{Json, Uuid};
use ulid::Ulid;

use super::{Found, Window};

/// What is to be erased, and what is to be remembered of it.
#[derive(Debug)]
pub(crate) struct Erasing<'a> {
    /// The erasure's id.
    pub(crate) id: Ulid,
    /// Whose texts.
    pub(crate) person: &'a UserId,
    /// On whose request.
    pub(crate) requester: &'a UserId,
    /// When.
    pub(crate) now: DateTime<Utc>,
    /// The last event in the log.
    pub(crate) until: Position,
}

/// What is remembered of an erasure, which is not whose texts they were.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Certificate {
    /// The erasure's id.
    pub(crate) id: Ulid,
    /// When.
    pub(crate) erased_at: Timestamp,
    /// On whose request.
    pub(crate) requested_by: UserId,
    /// The last event in the log when it began.
    pub(crate) until: Position,
    /// The keys that it destroyed.
    pub(crate) keys: Vec<Ulid>,
    /// The rows that told something.
    pub(crate) scrubbed: Scrubbed,
}

/// How many rows of each table told something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Scrubbed {
    /// Bans with a reason.
    pub(crate) bans: u64,
    /// Reports with a description, notes or network data.
    pub(crate) reports: u64,
    /// The user in the directory.
    pub(crate) users: u64,
    /// Records of the platform that were put aside.
    pub(crate) parked_records: u64,
    /// Legal holds that were released before.
    pub(crate) legal_holds: u64,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    erased_at: DateTime<Utc>,
    requested_by: String,
    log_position: i64,
    keys: Vec<Uuid>,
    scrubbed: Json<Scrubbed>,
}

impl Row {
    fn certificate(self) -> Result<Certificate, sqlx::Error> {
        let misfit = |error: events::IdError| sqlx::Error::Decode(error.into());
        Ok(Certificate {
            id: self.id.into(),
            erased_at: self.erased_at.into(),
            requested_by: self.requested_by.try_into().map_err(misfit)?,
            until: Position(self.log_position.cast_unsigned()),
            keys: self.keys.into_iter().map(Ulid::from).collect(),
            scrubbed: self.scrubbed.0,
        })
    }
}

/// What the function answers.
#[derive(sqlx::FromRow)]
struct Done {
    held_since: Option<DateTime<Utc>>,
    keys: Option<Vec<Uuid>>,
    scrubbed: Option<Json<Scrubbed>>,
}

/// How often an erasure is begun that meets a deadlock: it writes to rows that the projector writes to as well, who
/// locks them in another order.
const TRIES: usize = 3;

/// Erases; or, when a legal hold is in the way, since when it is.
pub(crate) async fn erase(
    connection: &mut PgConnection,
    erasing: &Erasing<'_>,
) -> Result<Result<Certificate, Timestamp>, sqlx::Error> {
    for _ in 1..TRIES {
        match once(connection, erasing).await {
            Err(error) if is_deadlock(&error) => tracing::info!("an erasure met a deadlock"),
            done => return done,
        }
    }
    once(connection, erasing).await
}

/// Whether the database undid it because somebody else waited for it, and it for them.
fn is_deadlock(error: &sqlx::Error) -> bool {
    error.as_database_error().and_then(DatabaseError::code).as_deref() == Some("40P01")
}

async fn once(
    connection: &mut PgConnection,
    erasing: &Erasing<'_>,
) -> Result<Result<Certificate, Timestamp>, sqlx::Error> {
    let Erasing { id, person, requester, now, until } = *erasing;
    let done: Done =
        sqlx::query_as("SELECT held_since, keys, scrubbed FROM privacy.erase($1, $2, $3, $4, $5)")
            .bind(Uuid::from(id))
            .bind(person.as_str())
            .bind(requester.as_str())
            .bind(Timestamp::from(now).to_utc())
            .bind(until.0.cast_signed())
            .fetch_one(connection)
            .await?;
    if let Some(since) = done.held_since {
        return Ok(Err(since.into()));
    }
    Ok(Ok(Certificate {
        id,
        erased_at: now.into(),
        requested_by: requester.clone(),
        until,
        keys: done.keys.unwrap_or_default().into_iter().map(Ulid::from).collect(),
        scrubbed: done.scrubbed.ok_or(sqlx::Error::RowNotFound)?.0,
    }))
}

/// The certificate of this erasure.
pub(crate) async fn by_id(
    connection: &mut PgConnection,
    id: Ulid,
) -> Result<Option<Certificate>, sqlx::Error> {
    let found: Option<Row> = sqlx::query_as(
        "SELECT id, erased_at, requested_by, log_position, keys, scrubbed FROM privacy.erasures
         WHERE id = $1",
    )
    .bind(Uuid::from(id))
    .fetch_optional(connection)
    .await?;
    found.map(Row::certificate).transpose()
}

/// All certificates, the latest first.
pub(crate) async fn list(
    connection: &mut PgConnection,
    window: Window,
) -> Result<Found<Certificate>, sqlx::Error> {
    // Their ids sort by time.
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT id, erased_at, requested_by, log_position, keys, scrubbed FROM privacy.erasures
         ORDER BY id DESC LIMIT $1 OFFSET $2",
    )
    .bind(i64::from(window.limit))
    .bind(window.offset.cast_signed())
    .fetch_all(&mut *connection)
    .await?;
    let total: i64 =
        sqlx::query_scalar("SELECT count(*) FROM privacy.erasures").fetch_one(connection).await?;
    let rows = rows.into_iter().map(Row::certificate).collect::<Result<_, _>>()?;
    Ok(Found { rows, total: total.cast_unsigned() })
}
