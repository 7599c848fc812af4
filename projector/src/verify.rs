//! Whether the read models are what the log says.

use std::collections::BTreeMap;

use event_log::{LogReader, Position};
use sqlx::PgPool;

use crate::digest::{self, Digest};
use crate::error::ProjectorError;
use crate::projection::{Projection, from_row};
use crate::schema::Schema;
use crate::session::Session;

/// A projection's tables beside those that the log makes anew, both at the same position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verification {
    /// The projection.
    pub projection: &'static str,
    /// Where both stand.
    pub position: Position,
    /// What the tables hold.
    pub live: BTreeMap<String, Digest>,
    /// What they would hold if they were made now.
    pub replayed: BTreeMap<String, Digest>,
}

impl Verification {
    /// The tables that are not what the log says.
    pub fn differing(&self) -> Vec<&str> {
        let differs = |table: &&String| self.live.get(*table) != self.replayed.get(*table);
        self.live.keys().filter(differs).map(String::as_str).collect()
    }
}

/// Replays the log from its beginning beside the tables of `projection` and compares. Projectors
/// and queries go on meanwhile.
pub async fn verify(
    pool: &PgPool,
    reader: &dyn LogReader,
    projection: &dyn Projection,
) -> Result<Verification, ProjectorError> {
    let name = projection.name();
    let schema = Schema::Check;
    let mut connection = schema.connect(pool, projection).await?;
    if !schema.try_lock(&mut connection, projection).await? {
        return Err(ProjectorError::Busy { schema: schema.as_str(), name });
    }
    schema.prepare(&mut connection, projection).await?;
    let (position, live) = live(pool, projection).await?;
    let mut session = Session::claim(schema, projection, connection).await?;
    session.catch_up(reader, Some(position)).await?;
    let replayed = digest::of_projection(session.connection(), schema, projection).await?;
    schema.clear(session.connection(), projection).await?;
    Ok(Verification { projection: name, position, live, replayed })
}

/// Where the live tables stand, and what they hold there.
async fn live(
    pool: &PgPool,
    projection: &dyn Projection,
) -> Result<(Position, BTreeMap<String, Digest>), ProjectorError> {
    let mut moment = digest::moment(pool).await?;
    let position: Option<i64> =
        sqlx::query_scalar("SELECT position FROM projections.checkpoints WHERE name = $1")
            .bind(projection.name())
            .fetch_optional(&mut *moment)
            .await?;
    let live = digest::of_projection(&mut moment, Schema::Live, projection).await?;
    moment.commit().await?;
    Ok((from_row(position.unwrap_or_default()), live))
}
