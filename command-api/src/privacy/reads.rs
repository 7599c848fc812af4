//! The record of what auditors read, which the services can only add to.

use chrono::{DateTime, Utc};
use events::Timestamp;
use events::actor::Role;
use serde_json::Value;
use sqlx::PgConnection;
use sqlx::types::Uuid;
use ulid::Ulid;

use crate::origin::Sender;

/// A read that is about to be answered.
#[derive(Debug)]
pub(crate) struct Read {
    /// Its id.
    pub(crate) id: Ulid,
    /// The template of the path.
    pub(crate) route: &'static str,
    /// What is asked for: `{"path": {…}, "query": {…}}`.
    pub(crate) filter: Value,
    /// When.
    pub(crate) now: DateTime<Utc>,
}

/// Puts it on record.
pub(crate) async fn record(
    connection: &mut PgConnection,
    reader: &Sender,
    read: &Read,
) -> Result<(), sqlx::Error> {
    let roles = &reader.actor().roles;
    let roles: Vec<&str> =
        Role::ALL.into_iter().filter(|role| roles.has(*role)).map(Role::as_str).collect();
    sqlx::query(
        "INSERT INTO audit.reads (id, actor, roles, route, filter, at, correlation_id)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(Uuid::from(read.id))
    .bind(reader.actor().id.as_str())
    .bind(roles)
    .bind(read.route)
    .bind(&read.filter)
    .bind(Timestamp::from(read.now).to_utc())
    .bind(reader.client.correlation_id.as_str())
    .execute(connection)
    .await?;
    Ok(())
}
