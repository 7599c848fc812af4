//! How many feeds there may be, and how they go.

use std::time::Duration;

use clap::Args;

/// Events of the log that are read at once.
pub(super) const PAGE: u32 = 100;
/// Pages of history that are in memory at once, those that slow clients have not taken yet among them.
pub(super) const PAGES: usize = 128;
/// Live events that are told together, at most.
pub(super) const TOGETHER: usize = 64;
/// How long it may take until it is known from where the log is followed.
pub(super) const START_WITHIN: Duration = Duration::from_secs(2);
/// How long a page of history may take.
pub(super) const STEP_WITHIN: Duration = Duration::from_secs(10);
/// Feeds that read a page of history at the same time: fewer than there are connections, which queries need too.
pub(super) const TURNS: usize = 4;

/// After how long a silence a feed shows that it lives (contract §6).
const HEARTBEAT: Duration = Duration::from_secs(15);
/// Longer than any burst takes to go out to all.
const PATIENCE: Duration = Duration::from_secs(5);

/// What feeds are allowed.
#[derive(Debug, Clone, Args)]
pub struct FeedConfig {
    /// Feeds that are open at once; one more is answered 503. Each is a connection, so it is to be below
    /// `HTTP_MAX_CONNECTIONS`. `FEED_LIMIT`, default 8000.
    #[arg(long, env = "FEED_LIMIT", default_value_t = 8_000, value_name = "COUNT",
        value_parser = clap::value_parser!(u16).range(1..))]
    pub feed_limit: u16,
    /// Of these, feeds of one caller; one more is answered 429. `FEED_LIMIT_PER_CALLER`, default 32.
    #[arg(long, env = "FEED_LIMIT_PER_CALLER", default_value_t = 32, value_name = "COUNT",
        value_parser = clap::value_parser!(u16).range(1..))]
    pub feed_limit_per_caller: u16,
    /// After how long a silence a feed shows that it lives (contract §6).
    #[arg(skip = HEARTBEAT)]
    pub heartbeat: Duration,
    /// For how long a client may not have taken all there is before it counts as slow. One that misses some sooner had
    /// no chance, and is told them from the log.
    #[arg(skip = PATIENCE)]
    pub patience: Duration,
}

impl Default for FeedConfig {
    fn default() -> Self {
        Self {
            feed_limit: 8_000,
            feed_limit_per_caller: 32,
            heartbeat: HEARTBEAT,
            patience: PATIENCE,
        }
    }
}
