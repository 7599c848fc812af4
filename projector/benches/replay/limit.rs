//! What the database makes of finished rows at its fastest.

use std::time::{Duration, Instant};

use futures_util::TryStreamExt;
use projector::Projection;
use sqlx::postgres::PgPoolCopyExt;
use sqlx::{AssertSqlSafe, PgPool};
use testing::Database;

/// How long COPY takes for the rows of the projection's tables into tables of the same form.
pub(crate) async fn copy(database: &Database, projection: &dyn Projection) -> Duration {
    let mut took = Duration::ZERO;
    for table in projection.tables() {
        let rows = read(&database.owner, table).await;
        execute(
            &database.owner,
            format!("CREATE TABLE public.{table} (LIKE projections.{table} INCLUDING ALL)"),
        )
        .await;
        let began = Instant::now();
        let statement = format!("COPY public.{table} FROM STDIN");
        let mut copy = database.owner.copy_in_raw(&statement).await.unwrap();
        for chunk in rows.chunks(1 << 20) {
            copy.send(chunk).await.unwrap();
        }
        copy.finish().await.unwrap();
        took += began.elapsed();
        execute(&database.owner, format!("DROP TABLE public.{table}")).await;
    }
    took
}

/// The rows as COPY writes them.
async fn read(pool: &PgPool, table: &str) -> Vec<u8> {
    let statement = format!("COPY projections.{table} TO STDOUT");
    let mut rows = pool.copy_out_raw(&statement).await.unwrap();
    let mut all = vec![];
    while let Some(chunk) = rows.try_next().await.unwrap() {
        all.extend_from_slice(&chunk);
    }
    all
}

async fn execute(pool: &PgPool, statement: String) {
    sqlx::query(AssertSqlSafe(statement)).execute(pool).await.unwrap();
}
