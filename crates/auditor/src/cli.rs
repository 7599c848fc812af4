//! The command line.

use std::error::Error;
use std::fs;
use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use events::Timestamp;
use serde_json::json;

use crate::checkpoint::Keys;
use crate::dump::Dump;
use crate::report::Report;
use crate::server::Server;
use crate::source::{Source, Unchecked};
use crate::state::Folder;
use crate::verify::{Check, verify};

/// Something was found.
const FINDINGS: u8 = 1;
/// Nothing could be checked, or not all of it.
const UNCHECKED: u8 = 2;

/// Checks a Docket's log from outside, trusting nothing but a public key.
#[derive(Debug, Parser)]
#[command(name = "auditor", version)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Checks every hash, signature, position, version and transition, and that nothing that was seen
    /// before has changed.
    ///
    /// Ends with 0 when all is well, with 1 when something is wrong, and with 2 when it could not be
    /// checked.
    Verify(Verify),
}

#[derive(Debug, Args)]
struct Verify {
    /// The Docket to check, for instance <https://docket.example>
    #[arg(long, required_unless_present = "dump", conflicts_with = "dump")]
    url: Option<String>,
    /// A file that holds the token of an auditor; without it, the token in `DOCKET_TOKEN`
    #[arg(long, value_name = "FILE", conflicts_with = "dump")]
    token_file: Option<PathBuf>,
    #[arg(long, env = "DOCKET_TOKEN", hide = true, hide_env_values = true)]
    token: Option<String>,
    /// An archive to check, made by `docket dump`
    #[arg(long, value_name = "FILE")]
    dump: Option<PathBuf>,
    /// A public key of the log, `name+id+base64`; may be given several times
    #[arg(long = "key", value_name = "KEY", required = true, num_args = 1..)]
    keys: Vec<String>,
    /// A folder in which to remember what was seen, so that the log cannot change it later
    #[arg(long, value_name = "DIR")]
    state: Option<PathBuf>,
    /// Positions only increase, as in EventStoreDB, and may leave numbers out
    #[arg(long)]
    sparse_positions: bool,
    /// Write one JSON document instead of a text
    #[arg(long)]
    json: bool,
}

/// Why nothing was begun.
#[derive(Debug, thiserror::Error)]
enum Unusable {
    #[error("a token is needed: name its file with --token-file, or put it into DOCKET_TOKEN")]
    NoToken,
    #[error("cannot read {}", .0.display())]
    Token(PathBuf, #[source] io::Error),
    #[error("no public key: {0}")]
    Key(String),
    #[error("the positions of this dump only increase: say so with --sparse-positions")]
    Sparse,
    #[error(transparent)]
    Unchecked(#[from] Unchecked),
}

/// Does what the command line says.
#[expect(clippy::print_stdout, clippy::print_stderr, reason = "that is what it is called for")]
pub async fn run(cli: Cli, now: Timestamp) -> ExitCode {
    let Command::Verify(verify) = cli.command;
    let is_json = verify.json;
    match verify.run(now).await {
        Ok(report) => {
            let text = if is_json { json!(report).to_string() } else { report.to_string() };
            println!("{text}");
            if report.is_good { ExitCode::SUCCESS } else { FINDINGS.into() }
        }
        Err(error) => {
            let line = line(&error);
            if is_json {
                println!("{}", json!({ "isGood": null, "error": line }));
            }
            eprintln!("auditor: {line}");
            UNCHECKED.into()
        }
    }
}

fn line(error: &dyn Error) -> String {
    let mut line = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        line = format!("{line}: {error}");
        cause = error.source();
    }
    line
}

impl Verify {
    async fn run(self, now: Timestamp) -> Result<Report, Unusable> {
        let keys = Keys::parse(&self.keys).map_err(Unusable::Key)?;
        let folder = self.state.as_deref().map(Folder::open).transpose();
        let folder = folder.map_err(Unchecked::from)?;
        let source = self.source()?;
        let called = match (&self.url, &self.dump) {
            (Some(url), _) => url.clone(),
            (None, dump) => dump.as_deref().unwrap_or("".as_ref()).display().to_string(),
        };
        let is_dense = !self.sparse_positions;
        let check = Check { source: &source, called, folder: folder.as_ref(), is_dense, now };
        Ok(verify(check, &keys).await?)
    }

    fn source(&self) -> Result<Source, Unusable> {
        match (&self.url, &self.dump) {
            (_, Some(path)) => {
                let dump = Dump::open(path).map_err(Unchecked::from)?;
                if !dump.is_dense && !self.sparse_positions {
                    return Err(Unusable::Sparse);
                }
                Ok(Source::Dump(dump))
            }
            (url, None) => {
                let url = url.as_deref().unwrap_or_default();
                Ok(Source::Server(Server::new(url, self.token()?).map_err(Unchecked::from)?))
            }
        }
    }

    fn token(&self) -> Result<String, Unusable> {
        let token = match &self.token_file {
            Some(file) => {
                fs::read_to_string(file).map_err(|error| Unusable::Token(file.clone(), error))?
            }
            None => self.token.clone().ok_or(Unusable::NoToken)?,
        };
        Ok(token.trim().to_owned())
    }
}
