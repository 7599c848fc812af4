//! The projector's sub-commands.

use std::io::{self, Write};

use clap::{Parser, Subcommand};
use event_log::LogReader;
use sealing::MasterKeys;
use service::Progress;
use service::telemetry::{TelemetryConfig, TelemetryError};
use sqlx::PgPool;

use crate::error::{ProjectorError, chain};
use crate::serve::{Config, ServeError, serve};
use crate::{projections, rebuild_with, retry_parked, verify_with};

/// Turns the log into tables.
#[derive(Debug, Parser)]
#[command(name = "projector", version)]
pub struct Cli {
    /// How to reach the database.
    #[command(flatten)]
    pub config: Config,
    /// What to log.
    #[command(flatten)]
    pub telemetry: TelemetryConfig,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What the projector can be told to do.
#[derive(Debug, Clone, Subcommand)]
pub enum Command {
    /// Keep all tables in step with the log, until told to stop.
    Run,
    /// Make tables anew from the first event, while the present ones are read.
    Rebuild {
        /// Projections, or `all`.
        #[arg(required = true, value_name = "NAME")]
        names: Vec<String>,
    },
    /// Replay the log and compare; fails when a table is not what the log says.
    Verify,
    /// Try the events again that were put aside.
    RetryParked,
}

/// Why a sub-command failed.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// Logging could not be set up.
    #[error(transparent)]
    Telemetry(#[from] TelemetryError),
    /// The process could not start.
    #[error(transparent)]
    Serve(#[from] ServeError),
    /// The work could not be done.
    #[error(transparent)]
    Projector(#[from] ProjectorError),
    /// The tables are not what the log says.
    #[error("not what the log says: {}; rebuild them", .0.join(", "))]
    Differing(Vec<String>),
    /// Nobody reads what it says.
    #[error("cannot write to the standard output")]
    Output(#[source] io::Error),
    /// Events are parked still.
    #[error("{0} events are parked still")]
    Parked(usize),
}

impl Cli {
    /// Does what was asked for, and logs why it failed; whether it did not.
    pub async fn run(self) -> bool {
        let done = match service::telemetry::init(&self.telemetry) {
            Ok(()) => execute(self.config, self.command).await,
            Err(error) => Err(error.into()),
        };
        if let Err(error) = &done {
            tracing::error!("{}", chain(error));
        }
        done.is_ok()
    }
}

/// Does what a sub-command says, in a process whose logs are set up.
pub async fn execute(config: Config, command: Command) -> Result<(), CliError> {
    if matches!(command, Command::Run) {
        return Ok(serve(config, service::shutdown::on_signal()).await?);
    }
    let pool = config.pool()?;
    let master = config.sealing.open().map_err(ServeError::Master)?;
    let reader =
        event_log::open_reader(config.storage.log_url()).await.map_err(ProjectorError::Log)?;
    let done = match command {
        Command::Run => Ok(()),
        Command::Rebuild { names } => rebuild_all(&pool, &*reader, &master, &names).await,
        Command::Verify => verify_all(&pool, &*reader, &master).await,
        Command::RetryParked => retry_all(&pool, &*reader, &master).await,
    };
    reader.close().await;
    pool.close().await;
    done
}

async fn rebuild_all(
    pool: &PgPool,
    reader: &dyn LogReader,
    master: &MasterKeys,
    names: &[String],
) -> Result<(), CliError> {
    for projection in projections::named(names)? {
        let name = projection.name();
        let progress = Progress::begin(format!("rebuild {name}"));
        let position = rebuild_with(pool, reader, master, projection.as_ref(), &progress).await?;
        drop(progress);
        print(&format!("{name}: rebuilt, position {position}"))?;
    }
    Ok(())
}

async fn verify_all(
    pool: &PgPool,
    reader: &dyn LogReader,
    master: &MasterKeys,
) -> Result<(), CliError> {
    let mut differing = vec![];
    for projection in projections::all() {
        let progress = Progress::begin(format!("verify {}", projection.name()));
        let verified = verify_with(pool, reader, master, projection.as_ref(), &progress).await?;
        drop(progress);
        print(&verified.to_string())?;
        differing.extend(verified.differing().into_iter().map(str::to_owned));
    }
    if differing.is_empty() { Ok(()) } else { Err(CliError::Differing(differing)) }
}

/// Writes what was asked for, for people and scripts.
fn print(text: &str) -> Result<(), CliError> {
    let mut out = io::stdout().lock();
    writeln!(out, "{text}").and_then(|()| out.flush()).map_err(CliError::Output)
}

async fn retry_all(
    pool: &PgPool,
    reader: &dyn LogReader,
    master: &MasterKeys,
) -> Result<(), CliError> {
    let mut parked = 0;
    for projection in projections::all() {
        let retried = retry_parked(pool, reader, master, projection.as_ref()).await?;
        let (applied, left) = (retried.applied, retried.left);
        tracing::info!(projection = retried.projection, applied, left, "parked events retried");
        parked += left;
    }
    if parked == 0 { Ok(()) } else { Err(CliError::Parked(parked)) }
}
