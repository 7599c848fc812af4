//! What the read side can be told.

use std::fmt;
use std::net::SocketAddr;

use clap::Args;
use service::http::HttpLimits;
use web::WebConfig;

/// Configuration of the query API.
#[derive(Clone, Args)]
pub struct Config {
    /// Where queries are served. `LISTEN`, default `127.0.0.1:8082`.
    #[arg(long, env = "LISTEN", default_value = "127.0.0.1:8082", value_name = "ADDRESS")]
    pub listen: SocketAddr,
    /// Where `/metrics` is served. `METRICS_LISTEN`, default `127.0.0.1:9082`.
    #[arg(long, env = "METRICS_LISTEN", default_value = "127.0.0.1:9082", value_name = "ADDRESS")]
    pub metrics_listen: SocketAddr,
    /// The database, as a user who is a member of `docket_service`. `DATABASE_URL`, required.
    #[arg(long, env = "DATABASE_URL", value_name = "URL", hide_env_values = true)]
    pub database_url: String,
    /// Connections that answer queries; one more listens. `QUERY_CONNECTIONS`, default 8.
    #[arg(long, env = "QUERY_CONNECTIONS", default_value_t = 8, value_name = "COUNT",
        value_parser = clap::value_parser!(u8).range(1..))]
    pub query_connections: u8,
    /// Tokens and proxies.
    #[command(flatten)]
    pub web: WebConfig,
    /// What clients may demand of a listener.
    #[command(flatten)]
    pub http: HttpLimits,
}

/// Shows everything but the address of the database, which holds a password.
impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { listen, metrics_listen, database_url: _, query_connections, web, http } = self;
        f.debug_struct("Config")
            .field("listen", listen)
            .field("metrics_listen", metrics_listen)
            .field("database_url", &format_args!("[secret]"))
            .field("query_connections", query_connections)
            .field("web", web)
            .field("http", http)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::Config;

    #[derive(Debug, Parser)]
    struct Cli {
        #[command(flatten)]
        config: Config,
    }

    #[test]
    fn the_password_of_the_database_is_not_shown() {
        let args = ["query-api", "--database-url", "postgres://docket:hunter2@db/docket"];
        let shown = format!("{:?}", Cli::parse_from(args));
        assert!(shown.contains("[secret]") && !shown.contains("hunter2"), "{shown}");
    }
}
