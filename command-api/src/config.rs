//! What this service can be told.

use std::net::SocketAddr;

use clap::Args;
use sealing::SealingConfig;
use service::StorageConfig;
use service::http::HttpLimits;
use web::WebConfig;

/// Configuration of the command API.
#[derive(Debug, Clone, Args)]
pub struct Config {
    /// Where commands are served. `LISTEN`, default `127.0.0.1:8081`.
    #[arg(long, env = "LISTEN", default_value = "127.0.0.1:8081", value_name = "ADDRESS")]
    pub listen: SocketAddr,
    /// Where `/metrics` is served. `METRICS_LISTEN`, default `127.0.0.1:9081`.
    #[arg(long, env = "METRICS_LISTEN", default_value = "127.0.0.1:9081", value_name = "ADDRESS")]
    pub metrics_listen: SocketAddr,
    /// Where everything is kept.
    #[command(flatten)]
    pub storage: StorageConfig,
    /// What personal texts are sealed with.
    #[command(flatten)]
    pub sealing: SealingConfig,
    /// Tokens, proxies, rate limit.
    #[command(flatten)]
    pub web: WebConfig,
    /// What clients may demand of a listener.
    #[command(flatten)]
    pub http: HttpLimits,
}
