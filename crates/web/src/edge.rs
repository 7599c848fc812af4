//! Around all routes: who asks, in which dialect, for how long; and what errors look like.

mod authenticate;
mod context;
mod encoding;
mod render;
mod trace;

pub use authenticate::bearer;
pub(crate) use context::dialect;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::middleware::{from_fn_with_state, map_request};
use clap::Args;
use service::SharedClock;
use tower_http::compression::CompressionLayer;
use utoipa_axum::router::OpenApiRouter;

use crate::client::TrustedProxies;
use crate::limits::RateLimit;
use crate::{Kind, Problem, TokenConfig, TokenConfigError, Verifier, body_limit, openapi};

/// The edge's own configuration.
#[derive(Debug, Clone, Default, Args)]
pub struct WebConfig {
    /// Which tokens are good.
    #[command(flatten)]
    pub token: TokenConfig,
    /// Networks and addresses, separated by commas, whose `X-Forwarded-For` is believed.
    /// `TRUSTED_PROXIES`, default none.
    #[arg(long, env = "TRUSTED_PROXIES", default_value = "", value_name = "NETWORKS")]
    pub trusted_proxies: TrustedProxies,
    /// Commands that each caller may send per second. `RATE_LIMIT`, default 0: no limit.
    #[arg(long, env = "RATE_LIMIT", default_value_t = 0, value_name = "COUNT")]
    pub rate_limit: u32,
}

impl WebConfig {
    /// What [`edge`] needs, with the verifier made.
    pub async fn edge(&self, clock: SharedClock) -> Result<EdgeConfig, TokenConfigError> {
        let verifier = Verifier::from_config(&self.token, Arc::clone(&clock)).await?;
        let mut config = EdgeConfig::new(Arc::new(verifier), clock);
        config.trusted_proxies = self.trusted_proxies.clone();
        config.rate_limit = self.rate_limit;
        Ok(config)
    }
}

/// What goes around the routes.
#[derive(Debug, Clone)]
pub struct EdgeConfig {
    /// Says whose token it is.
    pub verifier: Arc<Verifier>,
    /// For timestamps and request ids.
    pub clock: SharedClock,
    /// Whose word on the client's address counts. None by default.
    pub trusted_proxies: TrustedProxies,
    /// Commands per caller and second; 0, the default, means no limit.
    pub rate_limit: u32,
    /// How long a request may take: 10 s.
    pub time_out: Duration,
    /// The largest body in bytes: 64 KiB, unless a route has its own [`body_limit`](crate::body_limit).
    pub body_limit: usize,
}

impl EdgeConfig {
    /// The defaults.
    pub fn new(verifier: Arc<Verifier>, clock: SharedClock) -> Self {
        Self {
            verifier,
            clock,
            trusted_proxies: TrustedProxies::default(),
            rate_limit: 0,
            time_out: Duration::from_secs(10),
            body_limit: 64 * 1024,
        }
    }
}

/// What the layers share.
struct Shared {
    config: EdgeConfig,
    rate_limit: Option<RateLimit>,
}

/// The whole router: `routes`, each behind a token; `/openapi.json` and `/docs` about them; the `extra`
/// routes, open to all (health); everything else 404.
pub fn edge(routes: OpenApiRouter, config: EdgeConfig, extra: Router) -> Router {
    let (routes, document) = routes.split_for_parts();
    let body_limit = body_limit(config.body_limit);
    let rate_limit = RateLimit::per_second(config.rate_limit);
    let shared = Arc::new(Shared { config, rate_limit });
    // Also in front of the router's own 405: only an unknown path is told without a token.
    let guarded = if routes.has_routes() {
        routes.route_layer(from_fn_with_state(Arc::clone(&shared), authenticate::guard))
    } else {
        routes
    };
    guarded
        .merge(openapi::routes(document))
        .merge(extra)
        .fallback(|| async { Problem::new(Kind::NotFound) })
        .layer((
            map_request(encoding::gzip_or_none),
            CompressionLayer::new().quality(tower_http::CompressionLevel::Fastest),
            from_fn_with_state(shared, context::surround),
            body_limit,
        ))
}
