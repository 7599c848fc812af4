//! What every long-running process needs, whatever it does: a clock, ids, logs, metrics, health,
//! sockets with limits, and an orderly end.
//!
//! To add a helper: one module, describable without naming any service.
//!
//! **Architecture Invariant:** this crate knows no domain, connects to no database and verifies no token. It is the one
//! place that reads the system's clock and draws randomness for ids; everyone else is handed them.

pub mod clock;
pub mod health;
pub mod http;
pub mod ids;
pub mod metrics;
pub mod progress;
pub mod shutdown;
pub mod storage;
pub mod telemetry;

pub use clock::{Clock, ManualClock, SharedClock, SystemClock};
pub use health::{Check, Health};
pub use ids::new_id;
pub use progress::{Progress, Step};
pub use storage::StorageConfig;
