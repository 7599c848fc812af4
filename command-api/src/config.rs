//! What this service can be told.

use std::fmt;
use std::net::SocketAddr;

use clap::Args;
use service::http::HttpLimits;
use web::WebConfig;

/// Configuration of the command API.
#[derive(Clone, Args)]
pub struct Config {
    /// Where commands are served. `LISTEN`, default `127.0.0.1:8081`.
    #[arg(long, env = "LISTEN", default_value = "127.0.0.1:8081", value_name = "ADDRESS")]
    pub listen: SocketAddr,
    /// Where `/metrics` is served. `METRICS_LISTEN`, default `127.0.0.1:9081`.
    #[arg(long, env = "METRICS_LISTEN", default_value = "127.0.0.1:9081", value_name = "ADDRESS")]
    pub metrics_listen: SocketAddr,
    /// The database, as a user who is a member of `docket_service`. `DATABASE_URL`, required.
    #[arg(long, env = "DATABASE_URL", value_name = "URL", hide_env_values = true)]
    pub database_url: String,
    /// Tokens, proxies, rate limit.
    #[command(flatten)]
    pub web: WebConfig,
    /// What clients may demand of a listener.
    #[command(flatten)]
    pub http: HttpLimits,
}

/// Shows everything but the address of the database, which holds a password.
impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { listen, metrics_listen, database_url: _, web, http } = self;
        f.debug_struct("Config")
            .field("listen", listen)
            .field("metrics_listen", metrics_listen)
            .field("database_url", &format_args!("[secret]"))
            .field("web", web)
            .field("http", http)
            .finish()
    }
}
