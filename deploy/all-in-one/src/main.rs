//! The one program: every role of Docket, alone or all together.

use std::process::ExitCode;

use all_in_one::cli::Cli;
use clap::Parser;

#[tokio::main]
async fn main() -> ExitCode {
    match Cli::parse().run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            #[expect(clippy::print_stderr, reason = "whoever started us must see why we ended")]
            {
                eprintln!("docket: {}", error.line());
            }
            ExitCode::FAILURE
        }
    }
}
