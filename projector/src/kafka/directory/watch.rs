//! How many records are parked, whoever parked them.

use std::convert::Infallible;
use std::time::Duration;

use service::Check;

use crate::error::{ProjectorError, chain};
use crate::run::{PATIENCE, Projector};

/// The name of the check in the health report. It is always good: what is parked waits for people, and
/// everything else goes on.
const CHECK: &str = "directory";

/// How often it looks.
const INTERVAL: Duration = Duration::from_secs(5);

/// No more are counted, so that looking stays cheap whatever a topic was filled with.
const MOST: i64 = 10_000;

/// Looks for ever, and tells health and metrics what it sees.
pub(crate) async fn watch(projector: Projector) -> Infallible {
    loop {
        let parked = tokio::time::timeout(PATIENCE, count(&projector)).await;
        let detail = match parked.unwrap_or(Err(ProjectorError::TimedOut)) {
            Ok(parked) => {
                metrics::gauge!("docket_directory_parked").set(f64::from(parked));
                serde_json::json!({ "parked": parked })
            }
            Err(error) => {
                tracing::debug!(error = chain(&error), "the parked records cannot be counted");
                serde_json::json!({ "parked": null })
            }
        };
        projector.health.set(CHECK, Check::good(detail));
        tokio::time::sleep(INTERVAL).await;
    }
}

async fn count(projector: &Projector) -> Result<i32, ProjectorError> {
    let count = "SELECT count(*)::int FROM (SELECT FROM inbound.parked LIMIT $1) AS counted";
    Ok(sqlx::query_scalar(count).bind(MOST).fetch_one(&projector.pool).await?)
}
