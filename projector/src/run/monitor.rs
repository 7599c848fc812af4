//! How far the projections are behind the log, whoever is at work on them.

use std::convert::Infallible;
use std::time::Duration;

use event_log::{LogId, Position};
use serde::Serialize;
use service::Check;

use super::Projector;
use crate::error::{ProjectorError, chain};
use crate::projection::from_row;

/// How often it looks.
pub(crate) const INTERVAL: Duration = Duration::from_secs(1);

/// Longer than any answer takes while the database and the log are there.
pub(crate) const PATIENCE: Duration = Duration::from_secs(5);

/// What health says instead of a cause, which may name what is nobody's business.
pub(crate) const UNREADABLE: &str = "the database or the log cannot be read";

/// The name of the check in the health report.
pub(crate) const CHECK: &str = "projections";

/// Where one projection stands.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Standing {
    projection: String,
    position: u64,
    /// Events that its tables do not hold yet; exact where positions are dense.
    lag_events: u64,
    /// How long ago the log took the oldest of them.
    lag_seconds: f64,
    parked: i64,
    /// Whether the position is one of the log that is read.
    #[serde(skip)]
    of_this_log: bool,
}

/// Looks for ever, and tells health and metrics what it sees.
pub(super) async fn watch(projector: Projector) -> Infallible {
    let mut warned = false;
    let mut log_id = None;
    loop {
        let standings = tokio::time::timeout(PATIENCE, look(&projector, &mut log_id)).await;
        let check = match standings.unwrap_or(Err(ProjectorError::TimedOut)) {
            Ok(standings) => {
                warned = false;
                standings.iter().for_each(measure);
                // A projection that never landed anything has no row yet; one that was made from another
                // log is still to be made anew.
                let ok = !standings.is_empty() && standings.iter().all(|one| one.of_this_log);
                Check { ok, detail: serde_json::json!(standings) }
            }
            Err(error) => {
                // The first failure of an outage is told, not the thousands after it.
                if !std::mem::replace(&mut warned, true) {
                    tracing::warn!(error = chain(&error), "{UNREADABLE}");
                }
                Check::bad(UNREADABLE.into())
            }
        };
        projector.health.set(CHECK, check);
        tokio::time::sleep(INTERVAL).await;
    }
}

async fn look(
    projector: &Projector,
    log_id: &mut Option<LogId>,
) -> Result<Vec<Standing>, ProjectorError> {
    if log_id.is_none() {
        *log_id = LogId::read(projector.reader.as_ref()).await?;
    }
    let rows: Vec<(String, i64, Option<String>, i64)> = sqlx::query_as(
        "SELECT name, position, log_id, (SELECT count(*) FROM projections.parked WHERE projection = name)
         FROM projections.checkpoints ORDER BY name",
    )
    .fetch_all(&projector.pool)
    .await?;
    let head = projector.reader.head().await?;
    let mut standings = Vec::with_capacity(rows.len());
    for (projection, position, made_from, parked) in rows {
        let of_this_log = made_from.is_none_or(|made_from| {
            log_id.as_ref().is_some_and(|log_id| made_from == log_id.as_str())
        });
        // A position of another log is none that could be asked for.
        let position = if of_this_log { from_row(position) } else { Position::START };
        standings.push(Standing {
            projection,
            position: position.0,
            lag_events: head.0.saturating_sub(position.0),
            lag_seconds: age(projector, position, head).await?,
            parked,
            of_this_log,
        });
    }
    Ok(standings)
}

/// How long ago the log took the first event after `position`, in seconds.
pub(crate) async fn age(
    projector: &Projector,
    position: Position,
    head: Position,
) -> Result<f64, ProjectorError> {
    if position >= head {
        return Ok(0.0);
    }
    let page = projector.reader.read_all(position, 1).await?;
    let oldest = page.events.first().map(|event| projector.clock.now() - event.recorded_at);
    Ok(oldest.map_or(0.0, |age| age.as_seconds_f64().max(0.0)))
}

#[expect(clippy::cast_precision_loss, reason = "a gauge is a float; exact up to 2^53 events")]
fn measure(standing: &Standing) {
    let gauge = |name: &'static str, value: f64| {
        metrics::gauge!(name, "projection" => standing.projection.clone()).set(value);
    };
    gauge("docket_projection_position", standing.position as f64);
    gauge("docket_projection_lag_events", standing.lag_events as f64);
    gauge("docket_projection_lag_seconds", standing.lag_seconds);
    gauge("docket_projection_parked", standing.parked as f64);
}
