//! The read side as a process of its own.

use clap::Parser;
use query_api::Config;
use service::telemetry::{self, TelemetryConfig};

#[derive(Parser)]
struct Cli {
    #[command(flatten)]
    telemetry: TelemetryConfig,
    #[command(flatten)]
    config: Config,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let cli = Cli::parse();
    telemetry::init(&cli.telemetry)?;
    Ok(query_api::serve(cli.config, service::shutdown::on_signal()).await?)
}
