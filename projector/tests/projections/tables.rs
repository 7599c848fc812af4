//! What the tables hold.

use serde_json::Value;
use sqlx::{AssertSqlSafe, PgPool};

/// Every row of a read model, every column of it.
pub(crate) async fn rows(pool: &PgPool, table: &str) -> Value {
    query(pool, &format!("SELECT * FROM projections.{table}")).await
}

/// What a query answers, in a fixed order.
pub(crate) async fn query(pool: &PgPool, query: &str) -> Value {
    let json = format!(
        "SELECT coalesce(jsonb_agg(to_jsonb(t) ORDER BY t::text COLLATE \"C\"), '[]')
         FROM ({query}) t"
    );
    sqlx::query_scalar(AssertSqlSafe(json)).fetch_one(pool).await.unwrap()
}

/// Does something to the database.
pub(crate) async fn execute(pool: &PgPool, statement: &'static str) {
    sqlx::query(statement).execute(pool).await.unwrap();
}
