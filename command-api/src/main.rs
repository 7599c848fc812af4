//! The command API as a process of its own.

use clap::Parser;
use command_api::Config;
use service::telemetry::{self, TelemetryConfig};

#[derive(Parser)]
#[command(name = "command-api", version, about)]
struct Arguments {
    #[command(flatten)]
    config: Config,
    #[command(flatten)]
    telemetry: TelemetryConfig,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let Arguments { config, telemetry } = Arguments::parse();
    telemetry::init(&telemetry)?;
    Ok(command_api::serve(config, service::shutdown::on_signal()).await?)
}
