//! What the dashboard can be told.

use clap::Args;

/// Configuration of the dashboard.
#[derive(Debug, Clone, Default, Args)]
pub struct DashboardConfig {
    /// Where browsers find it, without a path: `https://moderation.example.org`. `PUBLIC_URL`, no default.
    #[arg(long, env = "PUBLIC_URL", value_name = "URL")]
    pub public_url: Option<String>,
}
