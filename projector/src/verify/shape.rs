//! A table's columns and key, and the statements that go through it in the order of the key.

use sqlx::query::{QueryAs, QueryScalar};
use sqlx::{AssertSqlSafe, PgConnection};

use crate::error::ProjectorError;
use crate::schema::Schema;

/// A table's columns, and which of them are its primary key.
#[derive(Debug)]
pub(super) struct Shape {
    table: String,
    /// In the order of the table.
    columns: Vec<String>,
    /// In the order of the key: each column and its type.
    key: Vec<(String, String)>,
}

/// A row's key, each column as text.
pub(super) type Key = Vec<String>;

/// A row's key, and two independent hashes of the whole row.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub(super) struct Hashed {
    pub(super) key: Key,
    one: i64,
    other: i64,
}

impl Shape {
    /// Of the live table, which the replayed one is like.
    pub(super) async fn read(
        connection: &mut PgConnection,
        table: &str,
    ) -> Result<Self, ProjectorError> {
        let columns: Vec<(String, String, Option<i32>)> = sqlx::query_as(
            "SELECT attname::text, format_type(atttypid, atttypmod),
                 array_position(indkey::int2[], attnum)
             FROM pg_attribute LEFT JOIN pg_index ON indrelid = attrelid AND indisprimary
             WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
        )
        .bind(format!("{}.{table}", Schema::Live.as_str()))
        .fetch_all(connection)
        .await?;
        let mut key: Vec<_> = columns
            .iter()
            .filter_map(|(column, kind, place)| place.map(|place| (place, column, kind)))
            .collect();
        if key.is_empty() {
            return Err(ProjectorError::NoKey(table.to_owned()));
        }
        key.sort_unstable();
        Ok(Self {
            table: table.to_owned(),
            key: key.into_iter().map(|(_, name, kind)| (name.clone(), kind.clone())).collect(),
            columns: columns.into_iter().map(|(column, ..)| column).collect(),
        })
    }

    /// The names of the key's columns.
    pub(super) fn key(&self) -> impl Iterator<Item = &str> {
        self.key.iter().map(|(column, _)| column.as_str())
    }

    /// The names of all columns.
    pub(super) fn columns(&self) -> &[String] {
        &self.columns
    }

    /// Up to so many rows behind that of this key, in the order of the key.
    pub(super) async fn page(
        &self,
        (connection, schema): (&mut PgConnection, Schema),
        after: Option<&Key>,
        most: u16,
    ) -> Result<Vec<Hashed>, sqlx::Error> {
        let (key, behind) = (self.key_list(), after.map(|_| self.than(">", 1)));
        let statement = format!(
            "SELECT ARRAY[{}] AS key, hashtextextended(t::text, 0) AS one,
                 hashtextextended(t::text, 1) AS other
             FROM {}.{} AS t {} ORDER BY {key} LIMIT {most}",
            texts(self.key()),
            schema.as_str(),
            self.table,
            behind.map(|behind| format!("WHERE {behind}")).unwrap_or_default(),
        );
        let query = sqlx::query_as(AssertSqlSafe(statement));
        let query = after.into_iter().flatten().fold(query, QueryAs::bind);
        query.fetch_all(connection).await
    }

    /// Each column of the row of this key, as text.
    pub(super) async fn row(
        &self,
        (connection, schema): (&mut PgConnection, Schema),
        key: &Key,
    ) -> Result<Vec<Option<String>>, sqlx::Error> {
        let statement = format!(
            "SELECT ARRAY[{}] FROM {}.{} AS t WHERE {}",
            texts(self.columns.iter().map(String::as_str)),
            schema.as_str(),
            self.table,
            self.than("=", 1)
        );
        let query = sqlx::query_scalar(AssertSqlSafe(statement));
        key.iter().fold(query, QueryScalar::bind).fetch_one(connection).await
    }

    /// Whether `key`, which the table has, stands before `other`, which it need not have.
    pub(super) async fn is_before(
        &self,
        (connection, schema): (&mut PgConnection, Schema),
        key: &Key,
        other: &Key,
    ) -> Result<bool, sqlx::Error> {
        // By the types and collations of the table's own columns.
        let statement = format!(
            "SELECT EXISTS (SELECT FROM {}.{} AS t WHERE {} AND {})",
            schema.as_str(),
            self.table,
            self.than("=", 1),
            self.than("<", 1 + key.len())
        );
        let query = sqlx::query_scalar(AssertSqlSafe(statement));
        let query = key.iter().chain(other).fold(query, QueryScalar::bind);
        query.fetch_one(connection).await
    }

    fn key_list(&self) -> String {
        self.key().map(quoted).collect::<Vec<_>>().join(", ")
    }

    /// The key compared with parameters from the `first` on.
    fn than(&self, operator: &str, first: usize) -> String {
        let kinds = self.key.iter().map(|(_, kind)| kind);
        let values: Vec<_> =
            kinds.zip(first..).map(|(kind, nth)| format!("${nth}::text::{kind}")).collect();
        format!("({}) {operator} ({})", self.key_list(), values.join(", "))
    }
}

fn texts<'a>(columns: impl Iterator<Item = &'a str>) -> String {
    columns.map(|column| format!("{}::text", quoted(column))).collect::<Vec<_>>().join(", ")
}

fn quoted(column: &str) -> String {
    format!("t.\"{}\"", column.replace('"', "\"\""))
}
