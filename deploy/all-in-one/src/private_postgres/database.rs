//! The database and the role of the services in a private server.

use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection};

use super::{DATABASE, PostgresError, SERVICE_ROLE};

/// The group whose members may do what the migrations granted; the migrations make it as well, where
/// they come first.
const GROUP: &str = "docket_service";

/// Makes what is missing of database, group and role. `superuser` signs in to the server,
/// `password` is the role's and hexadecimal.
pub(super) async fn ensure(
    superuser: PgConnectOptions,
    password: &str,
) -> Result<(), PostgresError> {
    let mut connection = superuser.database("postgres").connect().await?;
    for (role, options) in [
        (GROUP, "NOLOGIN".to_owned()),
        (SERVICE_ROLE, format!("LOGIN PASSWORD '{password}' IN ROLE {GROUP}")),
    ] {
        create(&mut connection, Kind::Role, role, &options).await?;
    }
    create(&mut connection, Kind::Database, DATABASE, "").await?;
    connection.close().await?;
    Ok(())
}

#[derive(Clone, Copy)]
enum Kind {
    Role,
    Database,
}

async fn create(
    connection: &mut PgConnection,
    kind: Kind,
    name: &str,
    options: &str,
) -> Result<(), sqlx::Error> {
    let (find, statement) = match kind {
        Kind::Role => ("SELECT true FROM pg_roles WHERE rolname = $1", "CREATE ROLE"),
        Kind::Database => ("SELECT true FROM pg_database WHERE datname = $1", "CREATE DATABASE"),
    };
    let found: Option<bool> =
        sqlx::query_scalar(find).bind(name).fetch_optional(&mut *connection).await?;
    if found.is_none() {
        // Names are constants and the password is hexadecimal, so nothing needs quoting.
        let create = AssertSqlSafe(format!("{statement} {name} {options}"));
        sqlx::raw_sql(create).execute(connection).await?;
    }
    Ok(())
}
