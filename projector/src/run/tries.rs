//! What the keeper of a projection remembers from one try to the next.

use std::time::Duration;

use serde_json::Value;
use service::{Check, Health};

use super::{Backoff, Projector};
use crate::error::ProjectorError;
use crate::projection::Projection;

/// What health says instead of a cause, which may name what is nobody's business.
const UNUSABLE: &str = "it stands still: a key that personal texts need cannot be used; the log of this \
                        process says which";

/// Tries to keep a projection at work.
pub(crate) struct Tries {
    backoff: Backoff,
    projection: &'static str,
    health: Health,
    /// Whether health has been told of a key that cannot be used.
    told: bool,
}

impl Tries {
    /// None yet, of this task.
    pub(crate) fn new(projector: &Projector, projection: &dyn Projection) -> Self {
        let (projection, health) = (projection.name(), projector.health.clone());
        let told = health.report().contains_key(&check(projection));
        Self { backoff: Backoff::default(), projection, health, told }
    }

    /// It works, or does again.
    pub(crate) fn worked(&mut self) {
        self.backoff.reset();
        if std::mem::take(&mut self.told) {
            self.health.set(check(self.projection), Check::good(Value::Null));
        }
    }

    /// It has failed; how long to pause now.
    pub(crate) fn failed(&mut self, error: &ProjectorError) -> Duration {
        if matches!(error, ProjectorError::Keys(_)) {
            self.told = true;
            self.health.set(check(self.projection), Check::bad(UNUSABLE.into()));
        }
        self.backoff.next()
    }
}

/// The name of the check in the health report.
fn check(projection: &str) -> String {
    format!("keys of {projection}")
}
