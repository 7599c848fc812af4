//! The projector as a process of its own.

use std::process::ExitCode;

use clap::Parser;

#[tokio::main]
async fn main() -> ExitCode {
    if projector::Cli::parse().run().await { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
