//! What the read side can be told.

use std::net::SocketAddr;

use clap::Args;
use sealing::SealingConfig;
use service::StorageConfig;
use service::http::HttpLimits;
use web::WebConfig;

use crate::PushConfig;
use crate::dashboard::DashboardConfig;
use crate::feed::FeedConfig;

/// Configuration of the query API.
#[derive(Debug, Clone, Args)]
pub struct Config {
    /// Where queries are served. `LISTEN`, default `127.0.0.1:8082`.
    #[arg(long, env = "LISTEN", default_value = "127.0.0.1:8082", value_name = "ADDRESS")]
    pub listen: SocketAddr,
    /// Where `/metrics` is served. `METRICS_LISTEN`, default `127.0.0.1:9082`.
    #[arg(long, env = "METRICS_LISTEN", default_value = "127.0.0.1:9082", value_name = "ADDRESS")]
    pub metrics_listen: SocketAddr,
    /// Where everything is kept.
    #[command(flatten)]
    pub storage: StorageConfig,
    /// What personal texts are sealed under.
    #[command(flatten)]
    pub sealing: SealingConfig,
    /// Connections that answer queries; one more listens, and one records what auditors
    /// read. `QUERY_CONNECTIONS`, default 8.
    #[arg(long, env = "QUERY_CONNECTIONS", default_value_t = 8, value_name = "COUNT",
        value_parser = clap::value_parser!(u8).range(1..))]
    pub query_connections: u8,
    /// Where the command API is, to which the dashboard sends commands. `COMMAND_API_URL`, default
    /// `http://127.0.0.1:8081`.
    #[arg(
        long,
        env = "COMMAND_API_URL",
        default_value = "http://127.0.0.1:8081",
        value_name = "URL"
    )]
    pub command_api_url: String,
    /// The dashboard.
    #[command(flatten)]
    pub dashboard: DashboardConfig,
    /// How many feeds there may be.
    #[command(flatten)]
    pub feed: FeedConfig,
    /// Tokens and proxies.
    #[command(flatten)]
    pub web: WebConfig,
    /// The push over Socket.IO.
    #[command(flatten)]
    pub push: PushConfig,
    /// What clients may demand of a listener.
    #[command(flatten)]
    pub http: HttpLimits,
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
        let url = "postgres://docket:hunter2@db/docket";
        let args = ["query-api", "--database-url", url, "--master-key-file", "master.key"];
        let shown = format!("{:?}", Cli::parse_from(args));
        assert!(shown.contains("StorageConfig") && !shown.contains("hunter2"), "{shown}");
    }
}
