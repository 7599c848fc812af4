//! How events hang together.

use std::collections::BTreeSet;

use event_log::Position;
use sqlx::types::Uuid;
use sqlx::{FromRow, PgPool};
use ulid::Ulid;

/// What an event is connected by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkRow {
    /// Where in the log.
    pub position: Position,
    /// Unique in the whole log.
    pub event_id: Ulid,
    /// The event that led to it.
    pub causation_id: Option<Ulid>,
    /// What all events of one request share.
    pub correlation_id: String,
    /// The ban or the report that it is of.
    pub subject_id: String,
    /// The report behind a new ban.
    pub report_id: Option<String>,
}

/// What is asked for of those that are connected.
#[derive(Debug, Default)]
pub struct Keys {
    /// Events of these ids.
    pub events: BTreeSet<Ulid>,
    /// Events that these led to.
    pub causes: BTreeSet<Ulid>,
    /// Events of these requests.
    pub correlations: BTreeSet<String>,
    /// Events of these bans and reports.
    pub subjects: BTreeSet<String>,
    /// Bans behind which these reports stand.
    pub reports: BTreeSet<String>,
}

const COLUMNS: &str = "position, event_id, causation_id, correlation_id, subject_id, report_id";

/// The first events of the ban or report `id` whose type begins with `kind`, up to `until`.
pub async fn of_subject(
    pool: &PgPool,
    id: &str,
    kind: &str,
    until: Position,
    most: usize,
) -> Result<Vec<LinkRow>, sqlx::Error> {
    let statement = format!(
        "SELECT {COLUMNS} FROM projections.history
         WHERE subject_id = $1 AND position <= $2 AND starts_with(event_type, $3)
         ORDER BY position LIMIT $4"
    );
    sqlx::query_as(sqlx::AssertSqlSafe(statement))
        .bind(id)
        .bind(number(until))
        .bind(kind)
        .bind(i64::try_from(most).unwrap_or(i64::MAX))
        .fetch_all(pool)
        .await
}

/// Events up to `until` that any of `keys` names; of more than `most`, any.
pub async fn connected(
    pool: &PgPool,
    keys: &Keys,
    until: Position,
    most: usize,
) -> Result<Vec<LinkRow>, sqlx::Error> {
    sqlx::query_as(sqlx::AssertSqlSafe(connected_statement()))
        .bind(uuids(&keys.events))
        .bind(uuids(&keys.causes))
        .bind(texts(&keys.correlations))
        .bind(texts(&keys.subjects))
        .bind(texts(&keys.reports))
        .bind(number(until))
        .bind(i64::try_from(most).unwrap_or(i64::MAX))
        .fetch_all(pool)
        .await
}

/// What [`connected`] runs; tests look at its plan. Each kind of connection has an index of its own.
pub fn connected_statement() -> String {
    let by = [
        "event_id = ANY($1)",
        "causation_id = ANY($2)",
        "correlation_id = ANY($3)",
        "subject_id = ANY($4)",
        "report_id = ANY($5)",
    ];
    let parts = by.map(|condition| {
        format!(
            "(SELECT {COLUMNS} FROM projections.history
              WHERE {condition} AND position <= $6 LIMIT $7)"
        )
    });
    format!("SELECT {COLUMNS} FROM ({}) found ORDER BY position LIMIT $7", parts.join(" UNION "))
}

fn uuids(ids: &BTreeSet<Ulid>) -> Vec<Uuid> {
    ids.iter().copied().map(Uuid::from).collect()
}

fn texts(texts: &BTreeSet<String>) -> Vec<&str> {
    texts.iter().map(String::as_str).collect()
}

fn number(position: Position) -> i64 {
    i64::try_from(position.0).unwrap_or(i64::MAX)
}

impl FromRow<'_, sqlx::postgres::PgRow> for LinkRow {
    fn from_row(row: &sqlx::postgres::PgRow) -> Result<Self, sqlx::Error> {
        use sqlx::Row;

        Ok(Self {
            position: Position(row.try_get::<i64, _>("position")?.unsigned_abs()),
            event_id: row.try_get::<Uuid, _>("event_id")?.into(),
            causation_id: row.try_get::<Option<Uuid>, _>("causation_id")?.map(Into::into),
            correlation_id: row.try_get("correlation_id")?,
            subject_id: row.try_get("subject_id")?,
            report_id: row.try_get("report_id")?,
        })
    }
}
