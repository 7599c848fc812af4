//! What the read side says of its readiness.

use std::time::Duration;

use serde_json::json;
use service::{Check, Health};

use crate::App;
use crate::freshness::{POLL, Projection, ReadModel};

/// The database counts as down when it has not answered for this long: some polls may be slow.
const UNREACHABLE: Duration = POLL.saturating_mul(12);

impl App {
    /// Adds the checks `database`, `access` and `readModels` to `health`.
    pub fn register(&self, health: &Health) {
        let app = self.clone();
        health.register("database", move || app.database());
        let app = self.clone();
        health.register("access", move || app.access_check());
        let app = self.clone();
        health.register("readModels", move || app.projections());
    }

    fn database(&self) -> Check {
        let age = self.checkpoints().age();
        let detail = json!({ "lastAnswerSeconds": age.map(|age| age.as_secs_f64()) });
        let ok = age.is_some_and(|age| age < UNREACHABLE);
        Check { ok, detail }
    }

    fn access_check(&self) -> Check {
        let access = self.access();
        let age = access.staleness();
        let detail = json!({
            "activeBans": access.len(),
            "position": access.position().to_string(),
            "stalenessSeconds": age.map(|age| age.as_secs_f64()),
        });
        Check { ok: age.is_some_and(|age| age <= access.max_staleness()), detail }
    }

    /// A projection that lags still answers, and every answer tells how far it had come.
    fn projections(&self) -> Check {
        let head = self.access().position().0;
        let lag = |projection: Projection| {
            let position = self.position(ReadModel::Table(projection)).0;
            let lag = head.saturating_sub(position);
            (projection.name(), json!({ "position": position.to_string(), "lag": lag }))
        };
        let lags: std::collections::BTreeMap<_, _> = Projection::ALL.into_iter().map(lag).collect();
        Check::good(json!(lags))
    }
}
