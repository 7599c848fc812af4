//! The places where a projection's tables can stand, and connections that work there.

use std::time::Duration;

use sqlx::{AssertSqlSafe, Connection, PgConnection, PgPool};

use crate::error::ProjectorError;
use crate::projection::Projection;

/// How long to wait for a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Where tables stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Schema {
    /// Where queries read.
    Live,
    /// Where a rebuild builds.
    Next,
    /// Where `verify` replays.
    Check,
}

impl Schema {
    /// Its name in the database.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Live => "projections",
            Self::Next => "projections_next",
            Self::Check => "projections_check",
        }
    }

    /// A connection of its own, on which tables without a schema are those of this one.
    ///
    /// Its commits do not wait for the disk: what a crash takes is made again from the log, and the
    /// checkpoint goes with the rows.
    pub(crate) async fn connect(
        self,
        pool: &PgPool,
        projection: &dyn Projection,
    ) -> Result<PgConnection, ProjectorError> {
        let settings = [
            ("synchronous_commit", "off"),
            ("search_path", self.as_str()),
            ("TimeZone", "UTC"),
            ("DateStyle", "ISO"),
            // Each statement sees what the erasure before it has left.
            ("default_transaction_isolation", "read committed"),
            ("statement_timeout", self.statement_timeout()),
        ];
        let name = format!("docket {}.{}", self.as_str(), projection.name());
        watched_connection(pool, &name, &settings).await
    }

    /// Nothing that is done to live tables takes longer; the whole of them may.
    fn statement_timeout(self) -> &'static str {
        match self {
            Self::Live => "3min",
            Self::Next | Self::Check => "0",
        }
    }

    /// Takes this connection's lock on what it builds here, unless another connection has it. Held
    /// until the connection ends, however it ends.
    pub(crate) async fn try_lock(
        self,
        connection: &mut PgConnection,
        projection: &dyn Projection,
    ) -> Result<bool, sqlx::Error> {
        try_lock(connection, &self.lock_name(projection)).await
    }

    /// Takes the same lock together with others who take it this way, unless somebody has it alone.
    pub(crate) async fn try_lock_shared(
        self,
        connection: &mut PgConnection,
        projection: &dyn Projection,
    ) -> Result<bool, sqlx::Error> {
        sqlx::query_scalar("SELECT pg_try_advisory_lock_shared(hashtextextended($1, 0))")
            .bind(self.lock_name(projection))
            .fetch_one(connection)
            .await
    }

    /// Gives up what [`Self::try_lock_shared`] took.
    pub(crate) async fn unlock_shared(
        self,
        connection: &mut PgConnection,
        projection: &dyn Projection,
    ) -> Result<bool, sqlx::Error> {
        sqlx::query_scalar("SELECT pg_advisory_unlock_shared(hashtextextended($1, 0))")
            .bind(self.lock_name(projection))
            .fetch_one(connection)
            .await
    }

    fn lock_name(self, projection: &dyn Projection) -> String {
        format!("docket projection {}.{}", self.as_str(), projection.name())
    }

    /// Drops what the projection has here.
    pub(crate) async fn clear(
        self,
        connection: &mut PgConnection,
        projection: &dyn Projection,
    ) -> Result<(), sqlx::Error> {
        for table in projection.tables() {
            let drop = format!("DROP TABLE IF EXISTS {}.{table}", self.as_str());
            sqlx::query(AssertSqlSafe(drop)).execute(&mut *connection).await?;
        }
        for ledger in ["checkpoints WHERE name", "parked WHERE projection"] {
            let delete = format!("DELETE FROM {}.{ledger} = $1", self.as_str());
            sqlx::query(AssertSqlSafe(delete))
                .bind(projection.name())
                .execute(&mut *connection)
                .await?;
        }
        Ok(())
    }

    /// Makes the projection's tables here, empty and otherwise like the live ones. Whatever an
    /// earlier try left behind is dropped.
    pub(crate) async fn prepare(
        self,
        connection: &mut PgConnection,
        projection: &dyn Projection,
    ) -> Result<(), sqlx::Error> {
        let mut transaction = connection.begin().await?;
        self.clear(&mut transaction, projection).await?;
        for table in projection.tables() {
            let schema = self.as_str();
            for statement in [
                format!("CREATE TABLE {schema}.{table} (LIKE projections.{table} INCLUDING ALL)"),
                // Whoever runs the services may own, swap and drop it.
                format!("ALTER TABLE {schema}.{table} OWNER TO docket_service"),
            ] {
                sqlx::query(AssertSqlSafe(statement)).execute(&mut *transaction).await?;
            }
        }
        transaction.commit().await
    }
}

/// A connection that holds a lock. The server looks after the client, so that one that vanished does
/// not keep its lock for longer than a minute, even amid a statement.
pub(crate) async fn watched_connection(
    pool: &PgPool,
    name: &str,
    settings: &[(&str, &str)],
) -> Result<PgConnection, ProjectorError> {
    let options = pool.connect_options().as_ref().clone().application_name(name).options([
        ("tcp_keepalives_idle", "30"),
        ("tcp_keepalives_interval", "10"),
        ("tcp_keepalives_count", "3"),
        ("tcp_user_timeout", "60000"),
        ("client_connection_check_interval", "10000"),
    ]);
    let options = options.options(settings.iter().copied());
    let connecting = PgConnection::connect_with(&options);
    let connection = tokio::time::timeout(CONNECT_TIMEOUT, connecting).await;
    Ok(connection.map_err(|_| ProjectorError::TimedOut)??)
}

/// Takes the lock of this name unless another connection has it. Held until the connection ends,
/// however it ends.
pub(crate) async fn try_lock(
    connection: &mut PgConnection,
    name: &str,
) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar("SELECT pg_try_advisory_lock(hashtextextended($1, 0))")
        .bind(name)
        .fetch_one(connection)
        .await
}
