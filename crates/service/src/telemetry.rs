//! Logs.

use std::io::IsTerminal;

use clap::{Args, ValueEnum};
use tracing_subscriber::EnvFilter;

use crate::progress::BesideBars;

/// The database notes even that a table to be dropped is not there, and EventStoreDB's client reports
/// each attempt to connect; whoever needs the connection tells it as well.
const DEFAULT_FILTER: &str = "info,sqlx::postgres::notice=warn,eventstore=off";

/// What is logged, and how.
#[derive(Debug, Clone, Args)]
pub struct TelemetryConfig {
    /// Which log lines are written, as a filter such as `info,command_api=debug`. `LOG`, default
    /// `info`, without the database's notices and what EventStoreDB's client says.
    #[arg(long = "log", env = "LOG", default_value = DEFAULT_FILTER, value_name = "FILTER")]
    pub filter: String,
    /// How a log line is written. `LOG_FORMAT`, default `text`.
    #[arg(long = "log-format", env = "LOG_FORMAT", default_value = "text", value_name = "FORMAT")]
    pub format: LogFormat,
}

/// The form of a log line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// One line for people.
    Text,
    /// One JSON object for machines.
    Json,
}

/// Why there are no logs.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// The filter cannot be read.
    #[error("LOG={filter:?} is no log filter; write something like info,command_api=debug")]
    BadFilter {
        /// As configured.
        filter: String,
        /// What the parser says.
        source: tracing_subscriber::filter::ParseError,
    },
    /// Another subscriber is installed already.
    #[error("logging is set up already")]
    Installed(#[source] tracing_subscriber::util::TryInitError),
}

/// Sends this process' logs to the standard error, once.
pub fn init(config: &TelemetryConfig) -> Result<(), TelemetryError> {
    use tracing_subscriber::util::SubscriberInitExt;

    let filter = EnvFilter::try_new(&config.filter)
        .map_err(|source| TelemetryError::BadFilter { filter: config.filter.clone(), source })?;
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(BesideBars::default)
        .with_ansi(std::io::stderr().is_terminal());
    match config.format {
        LogFormat::Text => lines.finish().try_init(),
        LogFormat::Json => lines.json().flatten_event(true).finish().try_init(),
    }
    .map_err(TelemetryError::Installed)
}
