//! Whether the read models are what the log says.

mod difference;
mod ground;
mod report;
mod shape;

use std::collections::BTreeMap;

use event_log::{LogReader, Position};
use sealing::MasterKeys;
use service::Progress;
use sqlx::{PgConnection, PgPool};

use crate::digest::{self, Digest};
use crate::error::ProjectorError;
use crate::projection::Projection;
use crate::schema::Schema;
use crate::session::Session;

pub use difference::{Difference, Row};

use ground::Ground;

/// How often a comparison begins again because the ground it stood on has changed.
const TRIES: u32 = 5;

/// How often the live tables are followed before they are held still: what they gain while they are
/// followed shrinks each time, and how much is left then decides how long they are.
const FOLLOWING: u32 = 3;

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
    /// The first row, in the order of its key, that is not the same, of each table that is not.
    pub differences: BTreeMap<String, Difference>,
}

impl Verification {
    /// The tables that are not what the log says.
    pub fn differing(&self) -> Vec<&str> {
        self.live.keys().map(String::as_str).filter(|table| self.differs(table)).collect()
    }

    fn differs(&self, table: &str) -> bool {
        self.live.get(table) != self.replayed.get(table)
    }
}

/// Replays the log from its beginning beside the tables of `projection` and compares. Projectors
/// and queries go on meanwhile.
pub async fn verify(
    pool: &PgPool,
    reader: &dyn LogReader,
    master: &MasterKeys,
    projection: &dyn Projection,
) -> Result<Verification, ProjectorError> {
    verify_with(pool, reader, master, projection, &Progress::unseen()).await
}

/// [`verify()`], and tells how far it has come.
pub async fn verify_with(
    pool: &PgPool,
    reader: &dyn LogReader,
    master: &MasterKeys,
    projection: &dyn Projection,
    progress: &Progress,
) -> Result<Verification, ProjectorError> {
    let (name, schema) = (projection.name(), Schema::Check);
    let mut connection = schema.connect(pool, projection).await?;
    if !schema.try_lock(&mut connection, projection).await? {
        return Err(ProjectorError::Busy { schema: schema.as_str(), name });
    }
    for _ in 0..TRIES {
        let ground = ground::of(&mut *pool.acquire().await?, projection).await?;
        schema.prepare(&mut connection, projection).await?;
        let session = Session::claim(schema, projection, connection, master).await?;
        let mut session = session.told(progress);
        follow(pool, reader, projection, &mut session).await?;
        let compared = compare(pool, reader, projection, &ground, &mut session).await?;
        connection = session.into_connection();
        schema.clear(&mut connection, projection).await?;
        if let Some(verification) = compared {
            return Ok(verification);
        }
        tracing::warn!(
            projection = name,
            "the tables were made anew or somebody was erased: it begins again"
        );
    }
    Err(ProjectorError::Unsettled(name))
}

/// Replays until little is left to where the live tables stand. Nothing is held still meanwhile.
async fn follow(
    pool: &PgPool,
    reader: &dyn LogReader,
    projection: &dyn Projection,
    session: &mut Session<'_>,
) -> Result<(), ProjectorError> {
    for _ in 0..FOLLOWING {
        let live = ground::position(&mut *pool.acquire().await?, projection).await?;
        session.catch_up(reader, Some(live)).await?;
    }
    Ok(())
}

/// Compares at one moment of the live tables. `None` when they are not what they were at the beginning,
/// so that a comparison would say nothing.
///
/// What they were at that moment is seen until the end, for as long as the last events, the digests and
/// the search for differing rows take: the longer, the more the database has to keep of what was.
///
/// An erasure scrubs both sides. One that comes after the moment is seen on one of them only, so another
/// moment is looked at.
async fn compare(
    pool: &PgPool,
    reader: &dyn LogReader,
    projection: &dyn Projection,
    ground: &Ground,
    session: &mut Session<'_>,
) -> Result<Option<Verification>, ProjectorError> {
    for _ in 0..TRIES {
        let (mut moment, position) = ground::moment(pool, projection).await?;
        let changed = ground::of(&mut moment, projection).await? != *ground;
        if changed || position < session.position() {
            moment.rollback().await?;
            return Ok(None);
        }
        let erasures = ground::erasures(&mut moment).await?;
        session.catch_up(reader, Some(position)).await?;
        let verification = at(&mut moment, position, projection, session).await?;
        moment.commit().await?;
        if ground::erasures(&mut *pool.acquire().await?).await? == erasures {
            return Ok(Some(verification));
        }
        tracing::info!(projection = projection.name(), "somebody was erased meanwhile: once more");
    }
    Ok(None)
}

/// Compares what is seen at this moment, in which the live tables stand at `position`.
async fn at(
    moment: &mut PgConnection,
    position: Position,
    projection: &dyn Projection,
    session: &mut Session<'_>,
) -> Result<Verification, ProjectorError> {
    let (live, replayed) = tokio::try_join!(
        digest::of_projection(moment, Schema::Live, projection),
        digest::of_projection(session.connection(), Schema::Check, projection),
    )?;
    let (name, differences) = (projection.name(), BTreeMap::new());
    let mut verification = Verification { projection: name, position, live, replayed, differences };
    find_rows(&mut verification, moment, session.connection()).await?;
    Ok(verification)
}

async fn find_rows(
    verification: &mut Verification,
    live: &mut PgConnection,
    replayed: &mut PgConnection,
) -> Result<(), ProjectorError> {
    let tables: Vec<String> = verification.differing().into_iter().map(str::to_owned).collect();
    for table in tables {
        let first = difference::first(live, replayed, &table).await?;
        verification.differences.extend(first.map(|first| (table, first)));
    }
    Ok(())
}
