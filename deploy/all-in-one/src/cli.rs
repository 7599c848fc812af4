//! The command line.

use std::path::PathBuf;

use chrono::TimeDelta;
use clap::{Args, Parser, Subcommand};
use event_log::Copied;
use events::{Role, Roles, UserId};
use projector::tree::log_key;
use projector::{CheckpointConfig, Command as Projection, KafkaConfig};
use service::telemetry::{self, TelemetryConfig};
use service::{Clock, SystemClock, shutdown};

use crate::all::{self, AllConfig};
use crate::data_dir::DataDir;
use crate::master_key::{self, MasterKey};
use crate::store::{Store, StoreConfig};
use crate::subject_keys::{self, SubjectKeys};
use crate::tokens::{Grant, Issuer, YOUTUBE_SCOPES};
use crate::{DocketError, archive, master_keys, openapi, schemas, welcome};

/// Docket: an event-sourced record of live-stream moderation. Without a sub-command: `all`.
#[derive(Debug, Parser)]
#[command(name = "docket", version, args_conflicts_with_subcommands = true)]
pub struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    all: Box<Logged<AllConfig>>,
}

/// What docket can be told to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run every role in one process, with a private PostgreSQL unless `DATABASE_URL` is set.
    All(Box<Logged<AllConfig>>),
    /// Run the write side alone.
    CommandApi(Box<Logged<command_api::Config>>),
    /// Run the read side alone.
    QueryApi(Box<Logged<query_api::Config>>),
    /// Run the projector alone.
    Projector(Box<Logged<projector::Config>>),
    /// Bring the database's schema up to date.
    Migrate(Box<Logged<StoreConfig>>),
    /// Make tables anew from the first event, while the present ones are read.
    Rebuild {
        /// Projections, or `all`.
        #[arg(required = true, value_name = "NAME")]
        names: Vec<String>,
        /// Where they are.
        #[command(flatten)]
        store: Box<Logged<StoreConfig>>,
    },
    /// Replay the log and compare; fails when a table is not what the log says.
    Verify(Box<Logged<StoreConfig>>),
    /// Try the events again that a projection could not take; fails while any is left.
    RetryParked(Box<Logged<StoreConfig>>),
    /// Copy the event log to another engine, with every service stopped. Cut short, it is taken up again
    /// by the next try.
    CopyLog {
        /// The new log: `postgres://…`, or `esdb://…` for EventStoreDB. `COPY_LOG_TO`, required.
        #[arg(long, env = "COPY_LOG_TO", hide_env_values = true, value_name = "URL")]
        to: String,
        /// Where the present one is.
        #[command(flatten)]
        store: Box<Logged<StoreConfig>>,
    },
    /// Write the event log into a file that another installation can load, while everything runs.
    Dump {
        /// The file, compressed with zstd when its name ends in `.zst`; `-` for the standard output.
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// Where the log is.
        #[command(flatten)]
        store: Box<Logged<StoreConfig>>,
    },
    /// Load what `dump` wrote into an event log that is empty: all of it to the byte, or nothing.
    Load {
        /// The file, compressed or not; `-` for the standard input.
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// Where the log is, in PostgreSQL.
        #[command(flatten)]
        store: Box<Logged<StoreConfig>>,
    },
    /// Print the OpenAPI document of all services.
    Openapi,
    /// Print the AsyncAPI document of Kafka's topics.
    Asyncapi,
    /// Write the JSON Schema of each event's record on Kafka.
    Schemas {
        /// A folder that exists.
        folder: PathBuf,
    },
    /// Make, rotate, retire or show the master keys that wrap the keys of persons.
    #[command(subcommand)]
    MasterKey(MasterKey),
    /// Take the keys of persons along to another installation.
    #[command(subcommand)]
    SubjectKeys(SubjectKeys),
    /// Sign a token with the key in the data folder.
    Token(Box<TokenArgs>),
    /// Make, show or rotate the keys that checkpoints of the log are signed with. Prints the public ones.
    #[command(subcommand)]
    LogKey(LogKey),
}

/// What can be done with a file of the log's keys. Whoever signs reads it at its start.
#[derive(Debug, Clone, Subcommand)]
pub enum LogKey {
    /// Make a file with the first key of a log.
    Generate {
        /// The log's name, for instance `docket.example/moderation`. It never changes.
        #[arg(long, value_name = "NAME")]
        origin: String,
        /// The file, which is not to exist.
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Print the public keys, the current one first.
    Show {
        /// The file.
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Add a new key, which is then the current one; those that are there sign beside it.
    Rotate {
        /// The file.
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Drop all keys but the current one, when everybody has its public key.
    Retire {
        /// The file.
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
}

/// A role's configuration, and what it logs.
#[derive(Debug, Clone, Args)]
pub struct Logged<C: Args> {
    #[command(flatten)]
    config: C,
    #[command(flatten)]
    telemetry: TelemetryConfig,
}

/// Whom a token is for.
#[derive(Debug, Clone, Args)]
pub struct TokenArgs {
    /// The user's id.
    #[arg(long, value_name = "USER")]
    sub: UserId,
    /// Platform roles of that user, separated by commas: moderator, admin, auditor, service.
    #[arg(long, value_delimiter = ',', value_parser = role, value_name = "ROLES")]
    roles: Vec<Role>,
    /// The token's scopes, separated by spaces. Default: both of YouTube's.
    #[arg(long, default_value = YOUTUBE_SCOPES, hide_default_value = true, value_name = "SCOPES")]
    scope: String,
    /// How many seconds it is good. Default: a day.
    #[arg(long, default_value_t = 86_400, value_name = "SECONDS")]
    ttl: u32,
    #[command(flatten)]
    store: StoreConfig,
    #[command(flatten)]
    tokens: web::TokenConfig,
}

impl Cli {
    /// Does what was asked for.
    pub async fn run(self) -> Result<(), DocketError> {
        match self.command.unwrap_or(Command::All(self.all)) {
            Command::All(role) => all::run(role.begin()?, shutdown::on_signal()).await,
            Command::CommandApi(role) => {
                Ok(command_api::serve(role.begin()?, shutdown::on_signal()).await?)
            }
            Command::QueryApi(role) => {
                Ok(query_api::serve(role.begin()?, shutdown::on_signal()).await?)
            }
            Command::Projector(role) => {
                Ok(projector::execute(role.begin()?, Projection::Run).await?)
            }
            Command::Migrate(role) => migrate(role.begin()?).await,
            Command::Rebuild { names, store } => {
                project(store.begin()?, Projection::Rebuild { names }).await
            }
            Command::Verify(role) => project(role.begin()?, Projection::Verify).await,
            Command::RetryParked(role) => project(role.begin()?, Projection::RetryParked).await,
            Command::CopyLog { to, store } => copy_log(store.begin()?, &to).await,
            Command::Dump { file, store } => archive::dump(store.begin()?, &file).await,
            Command::Load { file, store } => archive::load(store.begin()?, file).await,
            Command::Openapi => welcome::print(&openapi::json()?),
            Command::Asyncapi => welcome::print(&schemas::topics()?),
            Command::Schemas { folder } => schemas::write(&folder),
            Command::MasterKey(command) => master_key::run(command).await,
            Command::SubjectKeys(command) => subject_keys::run(command).await,
            Command::Token(arguments) => token(&arguments),
            Command::LogKey(command) => log_key(&command),
        }
    }
}

impl<C: Args> Logged<C> {
    /// Sets the logs up.
    pub(crate) fn begin(self) -> Result<C, DocketError> {
        telemetry::init(&self.telemetry)?;
        Ok(self.config)
    }
}

fn role(name: &str) -> Result<Role, String> {
    Role::parse(name).ok_or_else(|| {
        let all: Vec<_> = Role::ALL.into_iter().map(Role::as_str).collect();
        format!("must be one of {}", all.join(", "))
    })
}

async fn migrate(config: StoreConfig) -> Result<(), DocketError> {
    let data_dir = DataDir::open(&config.data_dir)?;
    // Opening migrates.
    Store::open(&config, &data_dir, data_dir.lock()?).await?.close().await
}

/// Has the projector do something with the database that the all-in-one uses, running or not.
async fn project(config: StoreConfig, command: Projection) -> Result<(), DocketError> {
    let data_dir = DataDir::open(&config.data_dir)?;
    let store = Store::attach(&config, &data_dir).await?;
    let done = async {
        let projector = projector::Config {
            storage: store.storage(),
            sealing: master_keys::config(&config, &data_dir, &store).await?,
            kafka: KafkaConfig::default(),
            checkpoints: CheckpointConfig::default(),
            listen: ([127, 0, 0, 1], 0).into(),
        };
        Ok(projector::execute(projector, command).await?)
    };
    let done = done.await;
    store.close().await?;
    done
}

/// Copies the log that the services use to the one at `to`.
async fn copy_log(config: StoreConfig, to: &str) -> Result<(), DocketError> {
    let data_dir = DataDir::open(&config.data_dir)?;
    let store = Store::attach(&config, &data_dir).await?;
    let done = async {
        let old = event_log::open_reader(store.storage().log_url()).await?;
        let new = event_log::open(to).await?;
        let told = |Copied { copied, found }| tracing::info!(copied, found, "copying the log");
        let done = event_log::copy(&*old, &*new, told).await;
        old.close().await;
        new.close().await;
        done.map_err(DocketError::from)
    };
    let done = done.await;
    store.close().await?;
    let Copied { copied, found } = done?;
    welcome::print(&format!("{copied} events copied, {found} were there already"))
}

fn token(arguments: &TokenArgs) -> Result<(), DocketError> {
    let data_dir = DataDir::open(&arguments.store.data_dir)?;
    let issuer = Issuer::open(&data_dir, &arguments.tokens)?;
    let grant = Grant {
        subject: &arguments.sub,
        roles: &arguments.roles.iter().copied().collect::<Roles>(),
        scope: &arguments.scope,
        lifetime: TimeDelta::seconds(arguments.ttl.into()),
    };
    welcome::print(&issuer.sign(&grant, SystemClock.now())?)
}

fn log_key(command: &LogKey) -> Result<(), DocketError> {
    let public = match command {
        LogKey::Generate { origin, file } => log_key::generate(origin, file)?,
        LogKey::Show { file } => log_key::show(file)?,
        LogKey::Rotate { file } => log_key::rotate(file)?,
        LogKey::Retire { file } => log_key::retire(file)?,
    };
    welcome::print(&public.join("\n"))
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory, Parser};

    use super::{Cli, Command};

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn the_same_flags_work_with_and_without_all() {
        let without = Cli::parse_from(["docket", "--listen", "127.0.0.1:1", "--no-demo"]);
        assert_eq!(without.all.config.listen.port(), 1);
        let with = Cli::parse_from(["docket", "all", "--listen", "127.0.0.1:1", "--no-demo"]);
        let Some(Command::All(all)) = with.command else { panic!("not all") };
        assert!(all.config.no_demo && without.all.config.no_demo);
        assert_eq!(all.config.listen.port(), 1);
    }
}
