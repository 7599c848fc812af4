//! Whether the process lives, and whether it can do its work.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::Serialize;
use serde_json::{Value, json};

/// What one part of the process says of itself.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Check {
    /// Whether it can do its work.
    pub ok: bool,
    /// What an operator wants to know beside that, for instance a lag.
    pub detail: Value,
}

impl Check {
    /// All is well.
    pub fn good(detail: Value) -> Self {
        Self { ok: true, detail }
    }

    /// It cannot do its work.
    pub fn bad(detail: Value) -> Self {
        Self { ok: false, detail }
    }
}

type Probe = Arc<dyn Fn() -> Check + Send + Sync>;

/// The checks that make up readiness. Clones share them.
#[derive(Clone, Default)]
pub struct Health(Arc<RwLock<BTreeMap<String, Probe>>>);

impl Health {
    /// Without any check: ready.
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks `probe` at every request. It must answer at once, from memory.
    pub fn register(
        &self,
        name: impl Into<String>,
        probe: impl Fn() -> Check + Send + Sync + 'static,
    ) {
        let mut checks = self.0.write().unwrap_or_else(PoisonError::into_inner);
        checks.insert(name.into(), Arc::new(probe));
    }

    /// Remembers `check` until it is set again.
    pub fn set(&self, name: impl Into<String>, check: Check) {
        self.register(name, move || check.clone());
    }

    /// Every check as it stands now, by name.
    pub fn report(&self) -> BTreeMap<String, Check> {
        // The probes run outside the lock, so that one that sets another cannot deadlock.
        let probes = self.0.read().unwrap_or_else(PoisonError::into_inner).clone();
        probes.into_iter().map(|(name, probe)| (name, probe())).collect()
    }
}

impl fmt::Debug for Health {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.report()).finish()
    }
}

/// `GET /health/live` and `GET /health/ready`.
pub fn routes(health: Health) -> Router {
    Router::new()
        .route("/health/live", get(live))
        .route("/health/ready", get(ready))
        .with_state(health)
}

async fn live() -> Json<Value> {
    Json(json!({ "status": "live" }))
}

async fn ready(State(health): State<Health>) -> Response {
    let checks = health.report();
    let (code, status) = if checks.values().all(|check| check.ok) {
        (StatusCode::OK, "ready")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "not ready")
    };
    (code, Json(json!({ "status": status, "checks": checks }))).into_response()
}
