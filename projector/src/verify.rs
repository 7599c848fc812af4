//! Whether the read models are what the log says.

use std::collections::BTreeMap;
use std::time::Duration;

use event_log::{LogReader, Position};
use sqlx::{PgConnection, PgPool};
use tokio::time::Instant;

use crate::digest::{self, Digest};
use crate::error::ProjectorError;
use crate::projection::{Projection, from_row};
use crate::schema::Schema;
use crate::session::Session;

/// How long a moment is waited for at which the tables stand at one position.
const EVEN: Duration = Duration::from_secs(15);

/// How often it is looked whether they do.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

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
///
/// Where partitions feed them, that can be said only while all of these stand at the same position;
/// such a moment is waited for.
async fn live(
    pool: &PgPool,
    projection: &dyn Projection,
) -> Result<(Position, BTreeMap<String, Digest>), ProjectorError> {
    let give_up = Instant::now() + EVEN;
    loop {
        let mut moment = digest::moment(pool).await?;
        if let Some(position) = common_position(&mut moment, projection).await? {
            let live = digest::of_projection(&mut moment, Schema::Live, projection).await?;
            moment.commit().await?;
            return Ok((position, live));
        }
        moment.rollback().await?;
        if Instant::now() > give_up {
            return Err(ProjectorError::Uneven(projection.name()));
        }
        tokio::time::sleep(LOOK_AGAIN).await;
    }
}

/// The one position up to which the tables hold every event and after which none, if there is one.
async fn common_position(
    connection: &mut PgConnection,
    projection: &dyn Projection,
) -> Result<Option<Position>, sqlx::Error> {
    let (least, greatest): (Option<i64>, Option<i64>) = sqlx::query_as(
        "SELECT coalesce(min(p.position), min(c.position)), coalesce(max(p.position), min(c.position))
         FROM projections.checkpoints AS c
             LEFT JOIN projections.partitions AS p ON p.projection = c.name
         WHERE c.name = $1",
    )
    .bind(projection.name())
    .fetch_one(connection)
    .await?;
    // A projection that never landed anything has no checkpoint yet.
    Ok((least == greatest).then(|| from_row(least.unwrap_or_default())))
}
