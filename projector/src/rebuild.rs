//! Making a projection's tables anew, from the first event, while the present ones are read.

mod flip;

use std::time::Duration;

use event_log::{LogReader, Position};
use sealing::MasterKeys;
use service::Progress;
use sqlx::{AssertSqlSafe, PgPool};

use crate::error::ProjectorError;
use crate::patience::{ANALYSIS, BEHIND_A_PAGE, PROMPT, within};
use crate::projection::Projection;
use crate::schema::Schema;
use crate::session::Session;

/// How long the projector at work gets on with the live tables before the swap is tried again.
const PAUSE: Duration = Duration::from_secs(1);

/// Makes the tables of `projection` anew beside the live ones, then swaps them. The position at
/// which they were swapped.
///
/// Projectors and queries go on meanwhile. A rebuild that is cut short leaves the live tables as
/// they are, and the next one begins afresh.
pub async fn rebuild(
    pool: &PgPool,
    reader: &dyn LogReader,
    master: &MasterKeys,
    projection: &dyn Projection,
) -> Result<Position, ProjectorError> {
    rebuild_with(pool, reader, master, projection, &Progress::unseen()).await
}

/// [`rebuild()`], and tells how far it has come.
pub async fn rebuild_with(
    pool: &PgPool,
    reader: &dyn LogReader,
    master: &MasterKeys,
    projection: &dyn Projection,
    progress: &Progress,
) -> Result<Position, ProjectorError> {
    let name = projection.name();
    let schema = Schema::Next;
    let mut connection = schema.connect(pool, projection).await?;
    if !within(PROMPT, schema.try_lock(&mut connection, projection)).await? {
        return Err(ProjectorError::Busy { schema: schema.as_str(), name });
    }
    tracing::info!(projection = name, version = projection.version(), "rebuild begins");
    within(BEHIND_A_PAGE, schema.prepare(&mut connection, projection)).await?;
    let claim = Session::claim(schema, projection, connection, master);
    let mut builder = within(BEHIND_A_PAGE, claim).await?.told(progress);
    builder.catch_up(reader, None).await?;
    analyze(&mut builder, projection).await?;
    loop {
        builder.catch_up(reader, None).await?;
        if flip::flip(pool, reader, projection, &mut builder).await? {
            tracing::info!(projection = name, position = %builder.position(), "rebuild is live");
            return Ok(builder.position());
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Queries are planned well from the moment of the swap on.
async fn analyze(
    builder: &mut Session<'_>,
    projection: &dyn Projection,
) -> Result<(), ProjectorError> {
    for table in projection.tables() {
        let analyze = AssertSqlSafe(format!("ANALYZE {}.{table}", Schema::Next.as_str()));
        within(ANALYSIS, sqlx::query(analyze).execute(&mut *builder.connection())).await?;
    }
    Ok(())
}
