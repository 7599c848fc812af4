//! How far the relay is behind the log, whoever is at work on it, and whether brokers answer.

use std::convert::Infallible;

use serde::Serialize;
use serde_json::json;
use service::Check;

use super::config::KafkaConfig;
use super::reach::Reach;
use super::relay::Relay;
use crate::error::{ProjectorError, chain};
use crate::reactor;
use crate::run::{INTERVAL, PATIENCE, Projector, age};

/// The name of the check in the health report. It is always good: without Kafka everything else works,
/// and what is to be relayed waits in the log.
const CHECK: &str = "kafka";

/// Where the relay stands.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Standing {
    position: u64,
    /// Events that are not relayed yet; exact where positions are dense.
    lag_events: u64,
    /// How long ago the log took the oldest of them.
    lag_seconds: f64,
}

/// Looks for ever, and tells health and metrics what it sees.
pub(super) async fn watch(projector: Projector, kafka: KafkaConfig) -> Infallible {
    let mut reach = Reach::new(kafka);
    loop {
        let looking = tokio::time::timeout(PATIENCE, look(&projector));
        let (standing, brokers_reachable) = tokio::join!(looking, reach.look());
        let relay = match standing.unwrap_or(Err(ProjectorError::TimedOut)) {
            Ok(standing) => {
                measure(&standing);
                Some(standing)
            }
            Err(error) => {
                tracing::debug!(error = chain(&error), "the lag of the relay cannot be told");
                None
            }
        };
        let detail = json!({ "brokersReachable": brokers_reachable, "relay": relay });
        projector.health.set(CHECK, Check::good(detail));
        tokio::time::sleep(INTERVAL).await;
    }
}

async fn look(projector: &Projector) -> Result<Standing, ProjectorError> {
    let position = reactor::position(&projector.pool, Relay::NAME).await?;
    let head = projector.reader.head().await?;
    Ok(Standing {
        position: position.0,
        lag_events: head.0.saturating_sub(position.0),
        lag_seconds: age(projector, position, head).await?,
    })
}

#[expect(clippy::cast_precision_loss, reason = "a gauge is a float; exact up to 2^53 events")]
fn measure(standing: &Standing) {
    metrics::gauge!("docket_relay_lag_events").set(standing.lag_events as f64);
    metrics::gauge!("docket_relay_lag_seconds").set(standing.lag_seconds);
}
