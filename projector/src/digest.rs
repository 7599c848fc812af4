//! What is in a table, in a few bytes.

use std::collections::BTreeMap;

use sqlx::{AssertSqlSafe, PgConnection, PgPool, Postgres, Transaction};

use crate::error::ProjectorError;
use crate::projection::Projection;
use crate::projections;
use crate::schema::Schema;

/// What is in a table: every column of every row, whatever their order on disk.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Digest {
    /// How many rows there are.
    pub rows: i64,
    /// The sums of two independent 64-bit hashes of each row's text.
    pub sum: String,
}

/// What is in each table of every projection, all seen at one moment.
pub async fn digests(pool: &PgPool) -> Result<BTreeMap<String, Digest>, ProjectorError> {
    let mut moment = moment(pool).await?;
    let mut digests = BTreeMap::new();
    for projection in projections::all() {
        digests.extend(of_projection(&mut moment, Schema::Live, projection.as_ref()).await?);
    }
    moment.commit().await?;
    Ok(digests)
}

/// A transaction that sees one moment throughout, and times as the projector writes them.
pub(crate) async fn moment(pool: &PgPool) -> Result<Transaction<'static, Postgres>, sqlx::Error> {
    let mut moment = pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?;
    sqlx::query("SET LOCAL TimeZone = 'UTC'").execute(&mut *moment).await?;
    sqlx::query("SET LOCAL DateStyle = 'ISO'").execute(&mut *moment).await?;
    Ok(moment)
}

/// What is in each table of `projection` in `schema`.
pub(crate) async fn of_projection(
    connection: &mut PgConnection,
    schema: Schema,
    projection: &dyn Projection,
) -> Result<BTreeMap<String, Digest>, ProjectorError> {
    let mut digests = BTreeMap::new();
    for table in projection.tables() {
        let query = format!(
            "SELECT count(*) AS rows,
                 coalesce(sum(hashtextextended(t::text, 0)), 0) || ':'
                     || coalesce(sum(hashtextextended(t::text, 1)), 0) AS sum
             FROM {schema}.{table} AS t",
            schema = schema.as_str()
        );
        let digest = sqlx::query_as(AssertSqlSafe(query)).fetch_one(&mut *connection).await?;
        digests.insert((*table).to_owned(), digest);
    }
    Ok(digests)
}
