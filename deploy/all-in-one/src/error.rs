//! Why docket ended.

use std::error::Error;
use std::fmt::Write;
use std::io;
use std::path::PathBuf;

use crate::data_dir::DataDirError;
use crate::demo::DemoError;
use crate::master_key::MasterKeyCommandError;
use crate::master_keys::MasterKeysError;
use crate::private_postgres::PostgresError;
use crate::subject_keys::SubjectKeysError;
use crate::tokens::IssuerError;

/// Why docket ended, or did not begin.
#[derive(Debug, thiserror::Error)]
pub enum DocketError {
    /// Logging could not be set up.
    #[error(transparent)]
    Telemetry(#[from] service::telemetry::TelemetryError),
    /// Kafka is to be used, and it is not said where it is.
    #[error(transparent)]
    Kafka(#[from] projector::kafka::NoBrokers),
    /// Checkpoints cannot be signed as configured.
    #[error(transparent)]
    Checkpoints(#[from] projector::CheckpointConfigError),
    /// The log's keys cannot be made, shown or changed.
    #[error(transparent)]
    LogKey(#[from] projector::tree::KeyError),
    /// The dashboard has no client for its commands.
    #[error("the dashboard cannot send commands")]
    Commands(#[from] reqwest::Error),
    /// Nobody could sign in at the provider.
    #[error(transparent)]
    Provider(#[from] query_api::dashboard::OidcConfigError),
    /// The system gives no random bytes.
    #[error("there are no random bytes")]
    NoRandomness,
    /// The metrics could not be set up.
    #[error("metrics cannot be set up")]
    Metrics(#[source] Box<dyn Error + Send + Sync>),
    /// The data folder cannot be used.
    #[error(transparent)]
    DataDir(#[from] DataDirError),
    /// The keys of persons went nowhere.
    #[error(transparent)]
    SubjectKeys(#[from] SubjectKeysError),
    /// An address cannot be listened on.
    #[error("{flag} cannot be used")]
    Bind {
        /// Which flag names it.
        flag: &'static str,
        /// Why.
        source: service::http::BindError,
    },
    /// There is no private PostgreSQL.
    #[error(transparent)]
    Postgres(#[from] PostgresError),
    /// The configured database cannot be used.
    #[error("cannot use the database that {variable} names")]
    Database {
        /// Which variable names it.
        variable: &'static str,
        /// What the driver says.
        source: sqlx::Error,
    },
    /// The schema could not be brought up to date.
    #[error("cannot migrate the database")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    /// The log could not be opened.
    #[error("cannot open the event log")]
    Log(#[from] event_log::LogError),
    /// The log could not be copied.
    #[error("cannot copy the event log")]
    CopyLog(#[from] event_log::CopyError),
    /// The log could not be written into a file.
    #[error("cannot dump the event log")]
    Dump(#[from] event_log::archive::DumpError),
    /// A file could not be loaded into the log.
    #[error("nothing was loaded")]
    Load(#[from] event_log::postgres::LoadError),
    /// A file cannot be opened.
    #[error("cannot read {path}", path = path.display())]
    Unread {
        /// Which.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// No token could be verified.
    #[error(transparent)]
    TokenConfig(#[from] web::TokenConfigError),
    /// No token can be signed.
    #[error(transparent)]
    Issuer(#[from] IssuerError),
    /// There are no master keys.
    #[error(transparent)]
    MasterKeys(#[from] MasterKeysError),
    /// Nothing was done with the master keys.
    #[error(transparent)]
    MasterKeyCommand(#[from] MasterKeyCommandError),
    /// The demonstration could not be prepared.
    #[error("cannot prepare the demonstration")]
    Demo(#[from] DemoError),
    /// One of the roles ended before its time.
    #[error("{role} ended by itself")]
    Ended {
        /// Which.
        role: &'static str,
        /// What it said.
        source: Box<dyn Error + Send + Sync>,
    },
    /// It did not become ready in time.
    #[error("not ready after {seconds} s: {report}")]
    NotReady {
        /// How long it was waited for.
        seconds: u64,
        /// What is not good.
        report: String,
    },
    /// A description of what we speak cannot be written as JSON.
    #[error("the document cannot be put together")]
    Document(#[from] serde_json::Error),
    /// A file cannot be written.
    #[error("cannot write {path}", path = path.display())]
    Unwritten {
        /// Which.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// Nobody reads what we say.
    #[error("cannot write to the standard output")]
    Output(#[from] io::Error),
    /// The command service failed.
    #[error(transparent)]
    CommandApi(#[from] command_api::ServeError),
    /// The query service failed.
    #[error(transparent)]
    QueryApi(#[from] query_api::ServeError),
    /// The projector failed.
    #[error(transparent)]
    Projector(#[from] projector::CliError),
}

impl DocketError {
    /// The error and its causes in one line.
    pub fn line(&self) -> String {
        let mut line = self.to_string();
        let mut cause = self.source();
        while let Some(error) = cause {
            // Writing to a string cannot fail.
            let _ = write!(line, ": {error}");
            cause = error.source();
        }
        line.replace('\n', " ")
    }
}
