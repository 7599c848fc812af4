//! What the dashboard can be told.

use clap::Args;
use service::SharedClock;

use super::oidc::{OidcConfig, OidcConfigError, Provider};

/// Configuration of the dashboard.
#[derive(Debug, Clone, Default, Args)]
pub struct DashboardConfig {
    /// Where browsers find it, without a path: `https://moderation.example.org`. `PUBLIC_URL`, no default.
    #[arg(long, env = "PUBLIC_URL", value_name = "URL")]
    pub public_url: Option<String>,
    /// Where people sign in.
    #[command(flatten)]
    pub oidc: OidcConfig,
}

impl DashboardConfig {
    /// The provider that people sign in at, if there is one. It need not be reachable yet.
    pub fn provider(&self, clock: SharedClock) -> Result<Option<Provider>, OidcConfigError> {
        Provider::new(&self.oidc, self.public_url.as_deref(), clock)
    }
}
