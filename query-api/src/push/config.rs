//! What the push can be told.

use clap::Args;

use super::origins::Origins;

/// Configuration of the push over Socket.IO.
#[derive(Debug, Clone, Args)]
pub struct PushConfig {
    /// Sessions of Socket.IO on this instance, each with at most one socket; further ones are refused
    /// with 503. Each also counts as a connection, see `HTTP_MAX_CONNECTIONS`.
    /// `PUSH_LIMIT`, default 4000.
    #[arg(long, env = "PUSH_LIMIT", default_value_t = 4000, value_name = "COUNT")]
    pub push_limit: u16,
    /// Sessions that one user may have on this instance. `PUSH_USER_LIMIT`, default 20.
    #[arg(long, env = "PUSH_USER_LIMIT", default_value_t = 20, value_name = "COUNT")]
    pub push_user_limit: u16,
    /// Whose web pages may connect, beside those of our own address: origins such as
    /// `https://app.example.org`, separated by commas, or `*` for all. `PUSH_ORIGINS`, default none.
    #[arg(long, env = "PUSH_ORIGINS", default_value = "", value_name = "ORIGINS")]
    pub push_origins: Origins,
}

impl Default for PushConfig {
    fn default() -> Self {
        Self { push_limit: 4000, push_user_limit: 20, push_origins: Origins::default() }
    }
}
