//! A database of its own for each test, copied from a migrated template.

use std::str::FromStr;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection, PgPool};
use tokio::sync::OnceCell;

/// A fresh, migrated database. Dropped with the guard.
#[derive(Debug)]
pub struct Database {
    /// For the services: a login role that is a member of `docket_service` and nothing else.
    pub url: String,
    /// Connections with the rights of [`Self::url`].
    pub pool: PgPool,
    /// For the one who migrates: owns everything.
    pub owner_url: String,
    /// Connections with the rights of [`Self::owner_url`].
    pub owner: PgPool,
    name: String,
}

/// The login role of the services in tests. The password is for servers that ask for one.
const SERVICE_ROLE: &str = "docket_test";

/// How long the end of a test waits for its database to be dropped.
const PATIENCE: Duration = Duration::from_millis(500);

/// One test process at a time makes the template. Any number will do, as long as all use it.
const TEMPLATE_LOCK: i64 = 6_021_407_553;

/// Each test process makes sure of the template once.
static TEMPLATE: OnceCell<String> = OnceCell::const_new();

impl Database {
    /// Makes a database on the server that `TEST_DATABASE_URL` names.
    pub async fn create() -> Self {
        let mut admin = connect(&server()).await;
        let template = TEMPLATE.get_or_init(make_template).await;
        let name: String =
            sqlx::query_scalar("SELECT 'docket_' || replace(gen_random_uuid()::text, '-', '')")
                .fetch_one(&mut admin)
                .await
                .expect("a name for the test's database");
        execute(&mut admin, format!("CREATE DATABASE {name} TEMPLATE {template}")).await;
        let owner = server().database(&name);
        let service = owner.clone().username(SERVICE_ROLE).password(SERVICE_ROLE);
        Self {
            url: service.to_url_lossy().to_string(),
            pool: PgPoolOptions::new().connect_lazy_with(service),
            owner_url: owner.to_url_lossy().to_string(),
            owner: PgPoolOptions::new().connect_lazy_with(owner),
            name,
        }
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let statement = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name);
        // The test's runtime may be shutting down, so the clean-up brings its own. What it cannot
        // drop is left behind, which harms no other test.
        let (done, is_done) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(async {
                let mut admin = PgConnection::connect_with(&server()).await?;
                sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut admin).await
            })?;
            // Nobody may be waiting any more.
            let _ = done.send(());
            Ok::<_, Box<dyn std::error::Error + Send + Sync>>(())
        });
        // The server waits for connections that are just being made, and those of this test's runtime
        // are not made before we return: so not for long.
        let _ = is_done.recv_timeout(PATIENCE);
    }
}

#[expect(clippy::disallowed_methods, reason = "where the tests' server is, is no configuration")]
fn server() -> PgConnectOptions {
    let url = std::env::var("TEST_DATABASE_URL")
        .expect("TEST_DATABASE_URL names no PostgreSQL server to test on: run deploy/test");
    PgConnectOptions::from_str(&url).expect("TEST_DATABASE_URL is a PostgreSQL URL")
}

async fn connect(options: &PgConnectOptions) -> PgConnection {
    PgConnection::connect_with(options)
        .await
        .expect("TEST_DATABASE_URL names a PostgreSQL server that answers")
}

async fn execute(connection: &mut PgConnection, statement: String) {
    let done = sqlx::raw_sql(AssertSqlSafe(statement.clone())).execute(connection).await;
    done.unwrap_or_else(|error| panic!("{statement}: {error}"));
}

/// The name of the template for the migrations as they are now. It gets its final name when it is
/// complete, so one that was interrupted is never copied.
async fn make_template() -> String {
    let name = format!("docket_template_{}", migrations::fingerprint());
    let mut admin = connect(&server()).await;
    execute(&mut admin, format!("SELECT pg_advisory_lock({TEMPLATE_LOCK})")).await;
    let exists: bool =
        sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)")
            .bind(&name)
            .fetch_one(&mut admin)
            .await
            .expect("the list of databases");
    if !exists {
        let draft = format!("{name}_draft");
        execute(&mut admin, format!("DROP DATABASE IF EXISTS {draft} WITH (FORCE)")).await;
        execute(&mut admin, format!("CREATE DATABASE {draft}")).await;
        let pool = PgPool::connect_with(server().database(&draft)).await.expect("the draft");
        migrations::run(&pool).await.expect("the migrations run");
        pool.close().await;
        make_service_role(&mut admin).await;
        execute(&mut admin, format!("ALTER DATABASE {draft} RENAME TO {name}")).await;
    }
    admin.close().await.expect("closing the connection frees the lock");
    name
}

async fn make_service_role(admin: &mut PgConnection) {
    let statement = format!(
        "DO $$ BEGIN
             IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{SERVICE_ROLE}') THEN
                 CREATE ROLE {SERVICE_ROLE} LOGIN PASSWORD '{SERVICE_ROLE}' IN ROLE docket_service;
             END IF;
         END $$"
    );
    execute(admin, statement).await;
}
