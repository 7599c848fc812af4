//! The program that checks a Docket's log from outside.

use std::process::ExitCode;

use auditor::cli::Cli;
use clap::Parser;

#[tokio::main]
async fn main() -> ExitCode {
    #[expect(clippy::disallowed_methods, reason = "the only clock of the program")]
    let now = chrono::Utc::now();
    auditor::cli::run(Cli::parse(), now.into()).await
}
