//! What health and metrics say of the tree.

use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;
use serde_json::json;
use service::Check;
use sqlx::PgPool;

use super::{NAME, witness};
use crate::error::{ProjectorError, chain};
use crate::projection::from_row;
use crate::run::{INTERVAL, PATIENCE, Projector};

/// The name of the check in the health report. It is always good: commands and queries go on without
/// a tree, and what it is behind waits in the log.
const CHECK: &str = "tree";

/// Why nothing is signed, as far as this process knows. Clones share it.
#[derive(Debug, Clone, Default)]
pub(super) struct Told(Arc<Mutex<Option<String>>>);

impl Told {
    /// Nothing stands in the way.
    pub(super) fn signed(&self) {
        metrics::gauge!("docket_checkpoint_refused").set(0.0);
        if self.refused().take().is_some() {
            tracing::info!("checkpoints are signed again");
        }
    }

    /// None is signed. It is said once, however often it is found.
    pub(super) fn refuse(&self, refusal: String) {
        metrics::gauge!("docket_checkpoint_refused").set(1.0);
        let mut refused = self.refused();
        if refused.as_ref() != Some(&refusal) {
            tracing::error!(refusal, "no checkpoint of the log is signed");
            *refused = Some(refusal);
        }
    }

    fn refused(&self) -> std::sync::MutexGuard<'_, Option<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Where the tree stands, whoever is at work on it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Standing {
    size: u64,
    position: u64,
    /// How many events the last checkpoint covers; `null` while there is none.
    checkpoint_size: Option<u64>,
}

/// Looks for ever, and tells health and metrics what it sees.
pub(super) async fn watch(projector: Projector, told: Told) -> Infallible {
    loop {
        let looking = tokio::time::timeout(PATIENCE, look(&projector.pool));
        let standing = match looking.await.unwrap_or(Err(ProjectorError::TimedOut)) {
            Ok(standing) => {
                measure(&standing);
                Some(standing)
            }
            Err(error) => {
                tracing::debug!(error = chain(&error), "where the tree stands cannot be told");
                None
            }
        };
        let refused = told.refused().clone();
        projector.health.set(CHECK, Check::good(json!({ "tree": standing, "refused": refused })));
        tokio::time::sleep(INTERVAL).await;
    }
}

async fn look(pool: &PgPool) -> Result<Standing, ProjectorError> {
    let found: Option<(i64, Option<i64>, Option<String>)> = sqlx::query_as(
        "SELECT size, (SELECT position FROM reactors.checkpoints WHERE name = $1), checkpoint
         FROM tree.head",
    )
    .bind(NAME)
    .fetch_optional(pool)
    .await?;
    let (size, position, note) = found.unwrap_or_default();
    let checkpoint = note.and_then(|note| witness::parse(note.as_bytes()).ok());
    Ok(Standing {
        size: size.unsigned_abs(),
        position: from_row(position.unwrap_or_default()).0,
        checkpoint_size: checkpoint.map(|checkpoint| checkpoint.size()),
    })
}

#[expect(clippy::cast_precision_loss, reason = "a gauge is a float; exact up to 2^53 events")]
fn measure(standing: &Standing) {
    metrics::gauge!("docket_tree_size").set(standing.size as f64);
    let signed = standing.checkpoint_size.unwrap_or_default();
    metrics::gauge!("docket_checkpoint_size").set(signed as f64);
}
